"""How a source stands: what its polls say, what is usual for it, and the verdict. Pure: no clock, no archive."""
