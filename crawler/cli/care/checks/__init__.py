"""What `hrwatch doctor` looks at: the setup, the archive, and how the work goes."""
