"""What the desk shows of the calls that go on, and what an agent may do with one: plain functions of the board."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from dialog.frustration import reason_text
from voicebot.agents.live_call import Line, LiveCall, SignedAgent

ACTIONS: Final = ("accept", "decline", "take-over", "tell", "type", "hand-back", "finish")
"""In the paths of the forms that do them."""

REASONS: Final = ("busy", "not_mine", "later")
"""Why somebody cannot take a caller; the same that a phone's keys give."""


class Standing(StrEnum):
    """Where a caller is."""

    BOT = "bot"
    WAITING = "waiting"
    TAKEN = "taken"
    """Somebody has taken the call, and is on the way to it."""
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Lists:
    """Who waits, in the order they will have a person; who talks with the bot; who has one."""

    waiting: tuple[LiveCall, ...]
    bot: tuple[LiveCall, ...]
    person: tuple[LiveCall, ...]


def lists_of(live: Sequence[LiveCall]) -> Lists:
    """The calls, sorted into lists; the order is the board's."""

    def those(*standings: Standing) -> tuple[LiveCall, ...]:
        return tuple(call for call in live if standing_of(call) in standings)

    return Lists(those(Standing.WAITING), those(Standing.BOT), those(Standing.TAKEN, Standing.PERSON))


def standing_of(call: LiveCall) -> Standing:
    """Where its caller is."""
    if call.with_person is not None:
        return Standing.PERSON
    if call.transfer is None:
        return Standing.BOT
    return Standing.WAITING if call.transfer.taken_by is None else Standing.TAKEN


def person_of(call: LiveCall) -> str:
    """Who has the call, or has just taken it; "" for nobody."""
    return call.with_person or (call.transfer.taken_by if call.transfer is not None else None) or ""


def allowed(call: LiveCall, agent: SignedAgent) -> tuple[str, ...]:
    """Those of `ACTIONS` that make sense now. The board has the last word: it may have changed since."""
    standing, me = standing_of(call), agent.person
    may_ring = agent.callee is not None or call.typed
    asked = call.transfer is not None and standing is Standing.WAITING and me in call.transfer.may_take
    mine = call.typed and call.with_person == me
    may = {
        "accept": asked and may_ring,
        "decline": asked,
        "take-over": standing in (Standing.BOT, Standing.WAITING) and not asked and may_ring,
        "tell": standing is not Standing.PERSON,
        "type": mine,
        "hand-back": mine,
        "finish": mine,
    }
    return tuple(action for action in ACTIONS if may[action])


def mood_told(call: LiveCall, language: str) -> tuple[str, ...]:
    """What weighs on the caller, in words."""
    return tuple(reason_text(kind, language) for kind in call.mood_reasons)


def difference(before: Sequence[Line], now: Sequence[Line]) -> tuple[int, int]:
    """What a page that shows `before` must do to show `now`.

    Returns:
        How many lines it drops at the beginning (the board forgets the first of a long conversation), and how many of
        the rest it keeps; what comes after those is new.
    """
    gone = next((at for at, line in enumerate(before) if now and line is now[0]), len(before))
    kept, same = before[gone:], 0
    while same < min(len(kept), len(now)) and kept[same] is now[same]:
        same += 1
    return gone, same
