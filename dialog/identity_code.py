"""Keeping a code out of everything that is kept: the caller's words that hold it are cut out where they come in."""

from datetime import UTC, datetime

from dialog.identity import CODE, CODE_DIGITS
from dialog.slots.digits import Digits
from dialog.slots.national_id import IN_ITS_PLACE
from dialog.slots.slot_type import SlotContext
from dialog.state import SlotAsked, State

CODE_TYPE = Digits("digits", CODE_DIGITS, CODE_DIGITS)
_NO_TIME = datetime.min.replace(tzinfo=UTC)


def awaits_code(state: State) -> bool:
    """Whether what the caller says or presses next may be a code sent by text message."""
    question = state.frames[-1].question if state.frames else None
    return isinstance(question, SlotAsked) and question.slot == CODE


def without_code(state: State, said: str) -> str:
    """Words as they may be kept: without any digits where a code is awaited, in whichever language they are counted."""
    if not awaits_code(state):
        return said
    counted = any(CODE_TYPE.parse(said, SlotContext(language, _NO_TIME)) for language in state.languages)
    return IN_ITS_PLACE if counted else said
