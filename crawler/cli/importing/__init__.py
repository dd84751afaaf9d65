"""`hrwatch import`: pages that a person saved."""
