"""What commands hand out beside tables: charts, files, sizes."""
