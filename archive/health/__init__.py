"""How sources stand, and how fresh the news is."""
