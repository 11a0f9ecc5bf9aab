"""Whole calls: the real service with the real models, called by the simulated phone network."""
