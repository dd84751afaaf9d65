"""What the archive tells: counts, exports, changes, lives of stories, histories of addresses."""
