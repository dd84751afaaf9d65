"""The views for people, and what tables, columns and ready queries mean."""
