"""The mind: what a caller meant, and what a bot answers."""
