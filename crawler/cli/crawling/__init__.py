"""`hrwatch crawl`: one pass over the sources, and what it came to."""
