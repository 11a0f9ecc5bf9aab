"""Personal data out of what is kept."""
