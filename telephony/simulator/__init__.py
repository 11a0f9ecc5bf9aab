"""The phone network's and the caller's side of a call, for tests, demonstrations and staging."""
