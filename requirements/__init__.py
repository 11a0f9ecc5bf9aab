"""The exact libraries: `run.txt` and `dev.txt` with hashes, how they are renewed, and how they are checked."""
