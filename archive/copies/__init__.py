"""Archives copied, backed up and restored."""
