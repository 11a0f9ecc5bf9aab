"""What may be written down: one small immutable value for each thing that happens.

A conversation makes these on the event loop and hands them to `voicebot.records.ledger.Ledger.note`; everything that
costs time (building the decision record, redaction, encryption, the database) happens on the ledger's own thread.
Values hold callers' words and numbers in the clear: they are never logged, and live only until they are written.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias
from uuid import uuid4

from dialog.events import Event, Reply
from dialog.state import State

MAY_COME_BACK = ("line_lost", "handed_off", "fault")
"""Outcomes after which the same call may come back: a lost stream, nobody picked up, our process restarted."""


WRAP_UP_OUTCOMES = ("solved", "follow_up", "passed_on", "not_reached", "other")
"""What may have come of a conversation with a person."""

BRIEF_RIGHT = ("yes", "partly", "no", "")
"""Whether the person was told right; "" where they do not say."""


def new_id() -> str:
    """A random id for a conversation, a transfer or a callback: 32 hex digits."""
    return uuid4().hex


def id_of(conversation: str, which: object) -> str:
    """An id that is the same each time the same thing of a conversation is written: 32 hex digits."""
    return hashlib.sha256(f"{conversation} {which}".encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class ConversationBegan:
    """A caller came in.

    Args:
        conversation: its id, made with `new_id`.
        call_id: the carrier's id of the call; a call that comes back within it goes on with the same conversation.
        line: "twilio", "browser" or "microphone".
        number: of the caller, E.164; None when withheld or when there is none.
        bot: its name.
        content_version: hash of the bot folder that answers.
        language: the call's first language.
        at: when; timezone-aware, like every `at` here.
    """

    conversation: str
    call_id: str
    line: str
    number: str | None
    bot: str
    content_version: str
    language: str
    at: datetime


@dataclass(frozen=True, slots=True)
class TurnTaken:
    """The dialog answered.

    Args:
        number: of the turn in its conversation, from 1. A later entry of the same number takes its place: an answer
            that was taken back because the caller had not finished.
        before, event, after, reply: as `Engine.respond` took and gave them.
    """

    conversation: str
    number: int
    before: State
    event: Event
    after: State
    reply: Reply
    at: datetime


@dataclass(frozen=True, slots=True)
class TurnHeard:
    """How much of a turn's reply the caller heard: whole sentences, and whether the rest was cut off."""

    conversation: str
    number: int
    sentences: tuple[str, ...]
    interrupted: bool


@dataclass(frozen=True, slots=True)
class ConversationEnded:
    """The conversation is over. outcome: as `Conversation.run` returns it; turns: replies given."""

    conversation: str
    outcome: str
    language: str
    at: datetime


@dataclass(frozen=True, slots=True)
class TransferRequested:
    """The caller is to be passed on to a person.

    Args:
        transfer: its id, made with `new_id`.
        department: its id in the bot folder.
        reason: a rule's name ("caller_asked", "angry"), never words of the caller.
    """

    conversation: str
    transfer: str
    department: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class TransferAttempted:
    """One try to reach one person. A later entry of the same attempt takes its place.

    Args:
        outcome: what came of it, by name; "" while it rings.
        at: when their phone was to ring.
        department: the one they were rung for; "" for that of the transfer.
        answered: when somebody or something picked up; None: nobody did, or it is not known.
        ended: when the line was down; None as `answered`.
    """

    transfer: str
    attempt: int
    agent: str
    outcome: str
    at: datetime
    department: str = ""
    answered: datetime | None = None
    ended: datetime | None = None


@dataclass(frozen=True, slots=True)
class TransferEnded:
    """What came of a transfer, by name, and how long it took until a person spoke (None when nobody did)."""

    transfer: str
    outcome: str
    seconds_to_human: float | None
    at: datetime


@dataclass(frozen=True, slots=True)
class TransferSaved:
    """Everything needed to go on with a transfer after a restart; a later entry of the same takes its place.

    Args:
        transfer: its id.
        call_id: the carrier's, of the caller.
        state: JSON, in the clear; "" once the transfer is over: then it is let go.
    """

    transfer: str
    call_id: str
    state: str
    at: datetime


@dataclass(frozen=True, slots=True)
class WrappedUp:
    """What the person who talked with the caller says of it; a later entry of the same conversation takes its place.

    Args:
        transfer: which brought them together; None after a callback or a typed conversation.
        agent: who says so, as the bot folder names them.
        outcome: one of `WRAP_UP_OUTCOMES`.
        note: their own words, or "".
        brief_right: one of `BRIEF_RIGHT`.
    """

    conversation: str
    transfer: str | None
    agent: str
    outcome: str
    note: str
    brief_right: str
    at: datetime


@dataclass(frozen=True, slots=True)
class AgentStatusSet:
    """Somebody says whether they can take callers: "free", "busy" or "away". person: as the bot folder names them."""

    person: str
    status: str
    at: datetime


@dataclass(frozen=True, slots=True)
class CallbackAsked:
    """Somebody is to be called back.

    Args:
        callback: its id, made with `new_id`.
        number: E.164, confirmed by the caller; "" for a message from somebody who wants no answer.
        about: what it is about, in the caller's or the bot's words; for a message, the message.
        wanted: when the caller wants it; None for as soon as may be.
        deadline: until when it must be done.
        kind: "callback", or "message": nobody needs to call, only to read.
        until: the end of the time the caller wants; None when they named a moment, or nothing.
        own: the number to call is the one that called.
        called: the number of ours that was called, E.164; "" when that is not known.
    """

    conversation: str
    callback: str
    number: str
    about: str
    language: str
    department: str
    wanted: datetime | None
    deadline: datetime
    at: datetime
    kind: str = "callback"
    until: datetime | None = None
    own: bool = False
    called: str = ""


@dataclass(frozen=True, slots=True)
class Rated:
    """The caller said how it was, 1 (bad) to 5 (good)."""

    conversation: str
    score: int
    at: datetime


@dataclass(frozen=True, slots=True)
class ConsentGiven:
    """The caller agreed to something, or did not.

    Args:
        purpose: "recording".
        granted: what they decided.
        how: "said" or "pressed"; "no_answer" never grants.
        wording: the question as it was asked.
        version: of the wording, from bot.yaml.
    """

    conversation: str
    purpose: str
    granted: bool
    how: str
    wording: str
    version: str
    language: str
    at: datetime


@dataclass(frozen=True, slots=True)
class IdentityTried:
    """Somebody tried to prove who they are.

    Args:
        outcome: "proven", "refused", "expired" or "unavailable".
        level: how strong the proof is, as the provider names it.
    """

    conversation: str
    provider: str
    outcome: str
    level: str
    at: datetime


@dataclass(frozen=True, slots=True)
class AudioRecorded:
    """A piece of a recorded call has been written. file: its name below the recordings folder; seconds: its length."""

    conversation: str
    file: str
    seconds: float
    at: datetime


@dataclass(frozen=True, slots=True)
class BotLoaded:
    """This process answers with this version of a bot from now on. details: counts by name, for the audit."""

    bot: str
    content_version: str
    at: datetime
    details: tuple[tuple[str, str], ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Recalled:
    """A conversation that is not properly over.

    Args:
        conversation: its id.
        state: where it stood, as `dialog.serial.to_json` wrote it.
        turns: the highest number of a turn it has.
    """

    conversation: str
    state: str
    turns: int


Entry: TypeAlias = (
    ConversationBegan
    | TurnTaken
    | TurnHeard
    | ConversationEnded
    | TransferRequested
    | TransferAttempted
    | TransferEnded
    | TransferSaved
    | WrappedUp
    | AgentStatusSet
    | CallbackAsked
    | Rated
    | ConsentGiven
    | IdentityTried
    | AudioRecorded
    | BotLoaded
)
