"""Ears and mouth: from samples to text and from text to samples."""
