"""Commands that ask the archive, and what they show."""
