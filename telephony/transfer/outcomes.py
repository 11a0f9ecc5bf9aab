"""What can come of a warm transfer and of each attempt: names that records keep and screens translate."""

from typing import Final

REASONS: Final = {"1": "busy", "2": "not_mine", "3": "later"}
"""Why somebody declines, by the key they press; the console offers the same."""

_UNREACHED: Final = {
    "busy": "their phone was busy",
    "no_answer": "their phone rang, or several were tried in different ways, and nobody took the call",
    "failed": "the carrier could not or would not ring them",
    "canceled": "the carrier stopped ringing",
    "no_key": "somebody or something answered and pressed no key",
    "voicemail": "the carrier heard that a machine had answered",
    "declined": "they said no",
    "left_in_brief": "they took the caller and hung up before the brief was over",
    "brief_too_long": "they took the caller, and the brief did not come to its end",
}

_TOGETHER: Final = {
    "connected": "the caller and the person talked",
    "agent_left": "the person hung up while the caller was on the way",
    "not_bridged": "the two did not come into the room in time",
    "caller_gone": "the caller hung up",
    "caller_stayed": "the caller would rather go on with the bot",
}

ATTEMPT_OUTCOMES: Final = {
    **_UNREACHED,
    **{f"declined:{reason}": f"they said no: {reason}" for reason in REASONS.values()},
    **_TOGETHER,
    "another_took_it": "somebody else was quicker",
}
"""Outcomes of one person's phone, and what each means."""

TRANSFER_OUTCOMES: Final = {**_UNREACHED, **_TOGETHER, "nobody_there": "there was nobody to ring"}
"""Outcomes of a whole transfer; "declined" stands for every reason, and "no_answer" for a mixture."""


def declined(reason: str) -> str:
    """The outcome of whoever declined. reason: one of `REASONS`; anything else is none given."""
    return f"declined:{reason}" if reason in REASONS.values() else "declined"
