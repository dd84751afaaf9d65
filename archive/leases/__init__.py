"""Who may ask which host."""
