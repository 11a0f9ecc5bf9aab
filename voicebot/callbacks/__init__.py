"""Callers who are to be called back, and messages: promised, worked through by agents, tried again, and told of."""
