"""What a process needs to hold a lease: a name, clocks that nobody sets, and a thread that renews it."""
