"""Ears and mouth: from samples to text and from text to samples."""

import os

# From its import on, onnxruntime keeps an id of the machine in the user's cache and sends facts about machine and
# process to its maker. Its `disable_telemetry_events` comes too late for that; this variable does not.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
