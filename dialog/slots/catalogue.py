"""Every kind of slot by its name in a flow file."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from dialog.slots.addresses import address_slot, post_code_slot
from dialog.slots.amount import amount
from dialog.slots.callback_time import callback_time
from dialog.slots.choice import choice
from dialog.slots.code import code
from dialog.slots.date_ranges import date_range_slot
from dialog.slots.date_times import date_time_slot
from dialog.slots.dates import date_slot
from dialog.slots.day_limits import DAY_OPTIONS
from dialog.slots.digits import account, digits, kid, meter_reading, organisation
from dialog.slots.durations import duration_slot
from dialog.slots.emails import email_slot
from dialog.slots.free_text import free_text
from dialog.slots.names import name_slot
from dialog.slots.number import number
from dialog.slots.phone import phone
from dialog.slots.slot_type import SlotOptionsInvalid, SlotType
from dialog.slots.time_ranges import time_range_slot
from dialog.slots.times import TIME_OPTIONS, time_slot
from dialog.slots.yes_no import yes_no


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of slot.

    Args:
        build: makes the type from its options; raises SlotOptionsInvalid.
        options: names of the options it may have.
    """

    build: Callable[[Mapping[str, object]], SlotType]
    options: frozenset[str] = frozenset()


_LENGTHS = frozenset({"length", "min_length", "max_length"})
_RANGE = frozenset({"min", "max"})

_KINDS: Mapping[str, Kind] = {
    "account": Kind(account),
    "address": Kind(address_slot, frozenset({"post_code"})),
    "amount": Kind(amount, _RANGE),
    "callback_time": Kind(callback_time),
    "choice": Kind(choice, frozenset({"choices"})),
    "code": Kind(code, _LENGTHS | {"pattern"}),
    "date": Kind(date_slot, DAY_OPTIONS),
    "date_range": Kind(date_range_slot, DAY_OPTIONS),
    "date_time": Kind(date_time_slot, DAY_OPTIONS),
    "digits": Kind(digits, _LENGTHS | {"pattern", "prefix"}),
    "duration": Kind(duration_slot),
    "email": Kind(email_slot),
    "kid": Kind(kid, _LENGTHS | {"modulus", "prefix"}),
    "meter_reading": Kind(meter_reading, _LENGTHS | _RANGE),
    "name": Kind(name_slot, frozenset({"full"})),
    "number": Kind(number, _RANGE),
    "orgnr": Kind(organisation),
    "phone": Kind(phone),
    "post_code": Kind(post_code_slot),
    "time": Kind(time_slot, TIME_OPTIONS),
    "time_range": Kind(time_range_slot, DAY_OPTIONS),
    "text": Kind(free_text, frozenset({"max_length", "min_words", "anything"})),
    "yes_no": Kind(yes_no),
}

SLOT_KINDS: Mapping[str, frozenset[str]] = {name: kind.options for name, kind in _KINDS.items()}
"""Options that each kind may have."""


def slot_type(kind: str, options: Mapping[str, object]) -> SlotType:
    """The type of a slot.

    Args:
        kind: its `type:` in a flow file, a key of SLOT_KINDS.
        options: the other keys of the slot that belong to its type.

    Raises:
        SlotOptionsInvalid: no such kind, an option it does not have, or one with an impossible value.
    """
    known = _KINDS.get(kind)
    if known is None:
        raise SlotOptionsInvalid(f"{kind} is no kind of slot", f"use one of {', '.join(sorted(_KINDS))}")
    strange = sorted(set(options) - known.options)
    if strange:
        allowed = ", ".join(sorted(known.options)) or "none"
        raise SlotOptionsInvalid(f"a slot of type {kind} has no option {strange[0]}", f"options here: {allowed}")
    return known.build(options)
