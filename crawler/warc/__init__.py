"""What was fetched, kept as it came in WARC files (ISO 28500): written, read, and freed of what need not be kept."""
