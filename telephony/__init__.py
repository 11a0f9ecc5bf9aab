"""Phone lines: everything between the rest of the program and a caller's ear."""
