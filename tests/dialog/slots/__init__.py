"""Slot types: parsing, mending, reading back."""
