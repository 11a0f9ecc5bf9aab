"""Slot types: what a flow can ask a caller for, and how each is heard, mended and said back.

`dialog.slots.catalogue` builds them; it is not imported here, because a flow names their types before a bot is whole.
"""

from dialog.slots.slot_type import Parsed, SlotContext, SlotOptionsInvalid, SlotType

__all__ = ["Parsed", "SlotContext", "SlotOptionsInvalid", "SlotType"]
