"""Slot types: what a flow can ask a caller for, and how each is heard, mended and said back."""

from dialog.slots.catalogue import SLOT_KINDS, slot_type
from dialog.slots.slot_type import Parsed, SlotContext, SlotOptionsInvalid, SlotType

__all__ = ["SLOT_KINDS", "Parsed", "SlotContext", "SlotOptionsInvalid", "SlotType", "slot_type"]
