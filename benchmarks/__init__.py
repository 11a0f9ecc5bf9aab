"""Measurements. Each file runs by itself: `python -m benchmarks.ears_noise FOLDER`."""
