"""Puts telephony, speech and dialog together into a bot that answers the phone."""
