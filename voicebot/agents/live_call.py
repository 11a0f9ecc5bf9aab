"""What an agent may see of a conversation that is going on now, and what they are told of an action: plain values.

They hold callers' words in the clear: they live in memory only, and are never logged.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from dialog import Bot
from dialog.people import Callee

Urgency: TypeAlias = Literal["high", "normal"]
Speaker: TypeAlias = Literal["caller", "bot", "agent"]
What: TypeAlias = Literal["calls", "call", "words", "people", "callbacks"]
Why: TypeAlias = Literal["", "gone", "taken", "no_phone", "not_asked", "closed", "busy"]

URGENT = frozenset({"frustrated", "threat", "violence", "abuse", "sensitive", "emergency"})
"""Reasons of a handoff for which a caller goes ahead of others who wait for the same people."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was said or typed.

    Args:
        at: when.
        who: "caller", "bot", or "agent" for what a person typed.
        text: the words.
        partial: the caller has not finished; the next line of theirs takes its place.
    """

    at: datetime
    who: Speaker
    text: str
    partial: bool = False


@dataclass(frozen=True, slots=True)
class TransferView:
    """A caller on the way to a person.

    Args:
        department: its id in bot.yaml.
        names: the department's, by language.
        reason: see `dialog.events.HandOff`.
        since: when the bot decided to hand over.
        urgency: "high" goes ahead of others who wait for the same people.
        position: 1 is next; 0 when nobody waits any more.
        ringing: people whose phones ring now.
        taken_by: who has taken the call; None while it is open.
        may_take: people who may press "accept".
    """

    department: str
    names: Mapping[str, str]
    reason: str
    since: datetime
    urgency: Urgency
    position: int
    ringing: tuple[str, ...]
    taken_by: str | None
    may_take: tuple[str, ...]

    def department_name(self, language: str) -> str:
        """For people to read; in another language, or the id, when there is none in this."""
        return self.names.get(language) or next(iter(self.names.values()), self.department)


@dataclass(frozen=True, slots=True)
class LiveCall:
    """One conversation as it stands.

    Args:
        conversation: its id in the records.
        call_id: the line's.
        line: "twilio", "browser" or "microphone".
        typed: the caller types; an agent may answer in writing.
        language: the caller's, as the bot has it.
        began_at: when.
        transfer: the way to a person, while there is one.
        with_person: who talks or writes with the caller now.
        mood: how fed up the caller is, 0..1; from 0.5 on the bot offers a person (`dialog.frustration.Mood.level`).
        mood_reasons: kinds of what weighed, for `dialog.frustration.reason_text`; each once, the last one last.
        lines: what was said, oldest first.
    """

    conversation: str
    call_id: str
    line: str
    typed: bool
    language: str
    began_at: datetime
    transfer: TransferView | None
    with_person: str | None
    mood: float
    mood_reasons: tuple[str, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """Something is different now.

    Args:
        what: "calls" (one came, went or waits), "call" (one of them, but for its words), "words", "people" (who is
            free), "callbacks".
        conversation: which, for "call" and "words"; else None.
    """

    what: What
    conversation: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of an action.

    Args:
        done: it happens.
        why: why not: "gone" (the caller has left), "taken" (somebody was quicker), "no_phone" (the account has no
            telephone in bot.yaml), "not_asked" (nothing there to do this to), "closed" (the line cannot do it now),
            "busy" (the agent has another caller).
        by: who was quicker.
    """

    done: bool
    why: Why = ""
    by: str = ""


DONE = Verdict(True)


@dataclass(frozen=True, slots=True)
class SignedAgent:
    """Somebody at the console.

    Args:
        account_id: of the account.
        name: they signed in with.
        callee: who they are in bot.yaml; None when no department names them: they may write, but not be rung.
    """

    account_id: str
    name: str
    callee: Callee | None = None

    @property
    def person(self) -> str:
        """What status and records know them by."""
        return self.name if self.callee is None else self.callee.id


def agent_of(bot: Bot | None, account_id: str, name: str) -> SignedAgent:
    """Who an account is among the people of the bot's departments."""
    people = () if bot is None else tuple(one for department in bot.departments for one in department.people)
    found = next((one for one in people if one.account.casefold() == name.casefold()), None)
    if found is None and any(one.id.casefold() == name.casefold() for one in people):
        # That person signs in with another account: what is theirs must not be had by being called the same.
        name = f"{name} ({account_id[:6]})"
    return SignedAgent(account_id, name, found)
