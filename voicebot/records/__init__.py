"""What is kept of conversations, and everything that is owed for keeping it."""
