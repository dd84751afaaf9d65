"""The only room that speaks SQL: everything kept, found again, and handed out as frozen records."""

from archive.archive import Archive, open_archive

__all__ = ["Archive", "open_archive"]
