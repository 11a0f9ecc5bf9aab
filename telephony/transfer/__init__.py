"""Warm transfer: a person is briefed before the caller comes."""
