"""Measurements: `voicebot bench` for the whole; each other file by itself, `python -m benchmarks.NAME`."""
