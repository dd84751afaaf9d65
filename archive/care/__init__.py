"""Is the archive well, and what is let go of it."""
