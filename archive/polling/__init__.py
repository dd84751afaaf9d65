"""What a poll takes with it and leaves behind: turns at hosts, rows seen, marks, wishes of people."""
