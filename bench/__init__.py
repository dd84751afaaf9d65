"""What is claimed about speed and quality, as commands. Ratios against a peer in the same run, never absolute times."""
