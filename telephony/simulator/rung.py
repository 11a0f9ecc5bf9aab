"""What became of the phones that were rung for a caller, on the caller's clock."""

from collections.abc import Callable, Sequence

import numpy as np

from telephony.simulator.caller import TurnTaken
from telephony.simulator.handset import Handset
from telephony.simulator.phone_call import PhoneCall
from telephony.simulator.playout import AUDIBLE_RMS, RATE_HZ
from telephony.simulator.report import CallReport, RungReport

_WINDOW = RATE_HZ // 100


def report_rung(
    report: CallReport,
    call: PhoneCall,
    legs: Sequence[PhoneCall],
    taken: Sequence[TurnTaken],
    name: Callable[[str], str],
) -> None:
    """Fill in whom the bot rang, and how long things took.

    Args:
        report: of the caller's call.
        call: the caller's.
        legs: the phones that were rung, in order.
        taken: what the caller did.
        name: whose phone has a number.
    """
    report.rung = [_rung(call, leg, name(leg.facts.called)) for leg in legs]
    for leg in legs:
        report.violations += [f"{name(leg.facts.called)}: {violation}" for violation in leg.violations]
    rang = [one.rang_seconds for one in report.rung if one.rang_seconds is not None]
    asked = [turn.ended / RATE_HZ for turn in taken if rang and turn.ended / RATE_HZ <= min(rang)]
    if rang and asked:
        report.connect_to_ringing_ms = round(1000 * (min(rang) - max(asked)), 1)
    for one in report.rung:
        if one.key_seconds is not None and one.together_seconds is not None:
            report.key_to_bridged_ms = round(1000 * (one.together_seconds - one.key_seconds), 1)


def _rung(call: PhoneCall, leg: PhoneCall, name: str) -> RungReport:
    def at(position: int | None) -> float | None:
        """A moment of the leg on the caller's clock."""
        return None if position is None else round(leg.began + position / RATE_HZ - call.began, 3)

    theirs = leg.handset
    together = at(theirs.company_from)
    return RungReport(
        name=name,
        call_sid=leg.facts.call_sid,
        outcome=leg.outcome,
        rang_seconds=None if leg.rang_at is None else round(leg.rang_at - call.began, 3),
        answered_seconds=at(0) if leg.answered.is_set() else None,
        key_seconds=at(theirs.pressed[-1]) if theirs.pressed else None,
        brief_ms=_brief_ms(theirs),
        together_seconds=together,
        heard_by_caller_seconds=None if together is None else _heard_seconds(call.handset, together),
        hears_caller_seconds=at(first_audible(theirs, theirs.company_from)),
    )


def _heard_seconds(handset: Handset, since_seconds: float) -> float | None:
    position = first_audible(handset, int(since_seconds * RATE_HZ))
    return None if position is None else round(position / RATE_HZ, 3)


def _brief_ms(handset: Handset) -> float | None:
    if not handset.pressed or handset.room_from is None:
        return None
    key, room = handset.pressed[-1], handset.room_from
    loud = [place for place in _audible(handset) if key <= place < room]
    return round((loud[-1] + _WINDOW - loud[0]) * 1000 / RATE_HZ, 1) if loud else 0.0


def first_audible(handset: Handset, since: int | None) -> int | None:
    """The first sample from a moment on that could be heard as sound; None when there was none, or no such moment."""
    if since is None:
        return None
    return next((place for place in _audible(handset) if place >= since), None)


def _audible(handset: Handset) -> list[int]:
    """Where each 10 ms begins in which something was heard."""
    pcm = handset.heard.pcm(handset.now).astype(np.float64)
    levels = np.sqrt(np.mean(pcm[: len(pcm) // _WINDOW * _WINDOW].reshape(-1, _WINDOW) ** 2, axis=1))
    return [int(index) * _WINDOW for index in np.flatnonzero(levels > AUDIBLE_RMS)]
