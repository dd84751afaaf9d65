"""What the clock (scheduler.py) asks: when sources are due, and what goes out while polls come in."""
