"""Tests of the loop that joins the rooms, and of what stands around it."""
