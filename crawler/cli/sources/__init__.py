"""`hrwatch sources` and `schedule`: the registry, how sources stand, and when they are polled."""
