"""How a database is opened and written: SQLite and PostgreSQL, one writer at a time, questions with a deadline."""
