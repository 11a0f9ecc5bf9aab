"""Flows: what a bot does step by step, as its content owners wrote it."""
