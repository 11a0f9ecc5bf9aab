"""One conversation as a test: values, as dialog.scripts reads them from tests/*.yaml.

What a reply did is compared with what a script wants in `dialog.script_outcome`; docs/testing-a-bot.md has every key.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from dialog.events import Act, ActionDone, ActionFailed
from dialog.identity import CODE_DIGITS, NOT_PROVEN


@dataclass(frozen=True, slots=True)
class Says:
    """The caller says something."""

    text: str


@dataclass(frozen=True, slots=True)
class Presses:
    """The caller presses keys, one after the other."""

    keys: str


@dataclass(frozen=True, slots=True)
class IsSilent:
    """The caller says nothing for as long as the bot waits."""


@dataclass(frozen=True, slots=True)
class MakesNoise:
    """There is sound, and no words in it."""


@dataclass(frozen=True, slots=True)
class Befalls:
    """Something happens that is not the caller's doing.

    Args:
        what: "nobody_came", "nobody_free" (of whoever was asked for), "person_done" (the caller has talked with one,
            who has gone) or "handed_back" (a typed conversation comes back to the bot).
    """

    what: str


@dataclass(frozen=True, slots=True)
class Notes:
    """A person at the console has something said to the caller."""

    text: str


Does: TypeAlias = Says | Presses | IsSilent | MakesNoise | Befalls | Notes


@dataclass(frozen=True, slots=True)
class Expected:
    """What the bot should do in a turn; what is None, or empty, may be anything.

    Args:
        article: id of the article quoted.
        flow: id of the flow under way after the turn, or of one that ended in it.
        asks: the slot that is asked for, or read back for a yes.
        slots: canonical values; "" for one that must not be known.
        says: parts of what is said, without regard to case.
        not_says: what must be in no part of it.
        rule: any of these decided.
        hands_off: the department; True for any, False for none.
        ends: the bot hangs up.
        choice: ids of what is offered in "did you mean ...?".
        language: of the call after the turn.
        rings: people are being rung for the caller after the turn.
        rating: that the caller has given in it.
    """

    article: str | None = None
    flow: str | None = None
    asks: str | None = None
    slots: Mapping[str, str] = field(default_factory=dict)
    says: tuple[str, ...] = ()
    not_says: tuple[str, ...] = ()
    rule: tuple[str, ...] = ()
    hands_off: str | bool | None = None
    ends: bool | None = None
    choice: tuple[str, ...] = ()
    language: str | None = None
    rings: bool | None = None
    rating: int | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a script.

    Args:
        does: what the caller does; None, in the first turn only, looks at the greeting.
        expected: of the bot.
        line: in the file.
    """

    does: Does | None
    expected: Expected
    line: int


WRONG_CODES = 2
"""Wrong codes after which the next one is the last."""

Outcome: TypeAlias = Mapping[str, str] | str
"""Of an action: fields of its result, or why it fails."""


@dataclass(frozen=True, slots=True)
class Script:
    """One conversation.

    Args:
        name: in the content owner's words.
        file: inside the bot folder.
        line: where it begins.
        turns: in order.
        language: the caller's from the start, or None.
        at: timezone-aware.
        actions: by name, how each call of it ends in turn; the last one stands for all that follow.
        speech: it is also run by voice.
        identity: what comes of proving who calls: "proven", "refused", "expired", "unavailable", or the code that is
            sent, of six digits.
        number: the caller's own, E.164; "" when it is not known.
    """

    name: str
    file: str
    line: int
    turns: tuple[Turn, ...]
    at: datetime
    language: str | None = None
    actions: Mapping[str, tuple[Outcome, ...]] = field(default_factory=dict)
    speech: bool = False
    identity: str = "unavailable"
    number: str = ""

    def outcome(self, act: Act, before: int) -> ActionDone | ActionFailed | None:
        """How an act ends in this script; None when the bot's own function is to be run. before: calls of it so far."""
        outcomes = self.actions.get(act.name)
        if not outcomes:
            return None
        outcome = outcomes[min(before, len(outcomes) - 1)]
        return ActionFailed(act.ticket, outcome) if isinstance(outcome, str) else ActionDone(act.ticket, dict(outcome))


def proof_of(identity: str, act: Act, before: int) -> ActionDone:
    """How an attempt to prove identity goes where a script says so.

    Args:
        identity: as `Script.identity`.
        act: the step asked for.
        before: wrong codes so far.
    """
    step, level = act.arguments["step"], act.arguments["level"]
    proven = {"outcome": "proven", "provider": "script", "level": level}
    if not identity.isdecimal():
        return ActionDone(act.ticket, proven if identity == "proven" else {"outcome": identity})
    if step != "code":
        return ActionDone(act.ticket, {"outcome": "code_sent"})
    if act.arguments.get("code") == identity:
        return ActionDone(act.ticket, proven)
    return ActionDone(act.ticket, {"outcome": "refused" if before >= WRONG_CODES else "wrong_code"})


def is_identity(text: str) -> bool:
    """Whether a script can say this of identity."""
    code = text.isascii() and text.isdecimal() and len(text) == CODE_DIGITS
    return code or text in ("proven", *NOT_PROVEN)
