"""From what happened to what may be kept of it: the decision record is built and redacted here, before any database.

This costs milliseconds and is done once for each entry, on the ledger's thread, however often the writing has to be
tried. What comes out holds no more than the bot's level of keeping allows (docs/006-records.md has the table).
"""

import json
from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

from dialog.bot import Bot
from dialog.events import CallerSaid
from dialog.record import record_of
from dialog.redaction import Known, redact
from dialog.redaction.records import facts_of, known_of, redact_record
from dialog.serial import to_json
from voicebot.records.entries import (
    MAY_COME_BACK,
    AgentStatusSet,
    AudioRecorded,
    BotLoaded,
    CallbackAsked,
    ConsentGiven,
    ConversationBegan,
    ConversationEnded,
    Entry,
    IdentityTried,
    Rated,
    TransferAttempted,
    TransferEnded,
    TransferRequested,
    TransferSaved,
    TurnHeard,
    TurnTaken,
    WrappedUp,
)

REMEMBERED_CALLS = 1_000
"""Calls whose names, numbers and language are known, for taking them out of what the caller heard."""


@dataclass(frozen=True, slots=True)
class PreparedTurn:
    """A turn as it may be kept; texts are JSON, to be sealed.

    Args:
        record: the decision record; None when no word and no reason may be kept.
        state: where the conversation stands; None when it may not be kept, not even for the length of a call.
        question: the words that had no answer, with `near` what was nearest; None when there is nothing to answer.
    """

    conversation: str
    number: int
    at: datetime
    event: str
    rule: str
    article: str | None
    flow: str | None
    language: str
    score: float | None
    record: str | None
    state: str | None
    question: str | None
    near: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PreparedHeard:
    """What was heard of a turn's reply, as JSON to be sealed."""

    conversation: str
    number: int
    heard: str


@dataclass(frozen=True, slots=True)
class PreparedEnd:
    """The end of a conversation. known: of its caller by then, for its earlier turns; None when nobody remembers."""

    ended: ConversationEnded
    known: Known | None


@dataclass(frozen=True, slots=True)
class PreparedCallback:
    """A callback; `sealed` is JSON, to be sealed: whom to call and what about."""

    asked: CallbackAsked
    sealed: str


@dataclass(frozen=True, slots=True)
class PreparedWrapUp:
    """A wrap-up; `note` is to be sealed, None when no words may be kept."""

    wrapped: WrappedUp
    note: str | None


Prepared: TypeAlias = (
    ConversationBegan
    | PreparedTurn
    | PreparedHeard
    | PreparedEnd
    | TransferRequested
    | TransferAttempted
    | TransferEnded
    | TransferSaved
    | PreparedWrapUp
    | AgentStatusSet
    | PreparedCallback
    | Rated
    | ConsentGiven
    | IdentityTried
    | AudioRecorded
    | BotLoaded
)


@dataclass(slots=True)
class _Call:
    """What is remembered of a call while it goes on, for taking it out of what is kept."""

    number: str | None
    language: str
    known: Known = Known()


class Preparation:
    """Prepares the entries of one bot; for one thread.

    Args:
        bot: who answers; its rules say how much is kept.
    """

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._keep = bot.records.keep
        self._calls: OrderedDict[str, _Call] = OrderedDict()

    def of(self, entry: Entry) -> Prepared | None:
        """What may be written of an entry; None when that is nothing."""
        match entry:
            case TurnTaken():
                return self._turn(entry)
            case TurnHeard():
                return self._heard(entry)
            case CallbackAsked():
                return self._callback(entry)
            case WrappedUp():
                return self._wrap_up(entry)
            case ConversationBegan():
                self._calls[entry.conversation] = _Call(entry.number, entry.language)
                while len(self._calls) > REMEMBERED_CALLS:
                    self._calls.popitem(last=False)
                return entry
            case ConversationEnded():
                call = self._calls.get(entry.conversation)
                if entry.outcome not in MAY_COME_BACK:
                    self._calls.pop(entry.conversation, None)
                return PreparedEnd(entry, call.known if call is not None else None)
            case _:
                return entry

    def _turn(self, taken: TurnTaken) -> PreparedTurn:
        words = self._keep == "redacted"
        record = record_of(
            self._bot, taken.before, taken.event, taken.after, taken.reply, taken.at, call=taken.conversation
        )
        kept: str | None = None
        question: str | None = None
        if words:
            call = self._call(taken.conversation)
            call.known, call.language = self._known(taken, call), taken.after.language
            redacted = redact_record(record, call.known)
            kept = _json(redacted)
            if record["details"].get("unanswered") and isinstance(taken.event, CallerSaid):
                question = _json({"words": redacted["heard"]["words"]})
        elif self._keep == "facts":
            kept = _json(facts_of(record))
        decision = taken.reply.decision
        return PreparedTurn(
            taken.conversation,
            taken.number,
            taken.at,
            record["event"],
            decision.rule,
            decision.article,
            taken.after.frames[-1].flow if taken.after.frames else None,
            taken.after.language,
            decision.score,
            kept,
            to_json(taken.after) if words else None,
            question,
            tuple(record["details"].get("near", ())),
        )

    def _heard(self, heard: TurnHeard) -> PreparedHeard | None:
        if self._keep != "redacted":
            return None
        call = self._call(heard.conversation)
        sentences = [redact(sentence, call.language, call.known).text for sentence in heard.sentences]
        return PreparedHeard(
            heard.conversation, heard.number, _json({"sentences": sentences, "interrupted": heard.interrupted})
        )

    def _callback(self, asked: CallbackAsked) -> PreparedCallback:
        # Kept at every level: it is a thing to do that the caller asked for, and goes when it is done.
        about = redact(asked.about, asked.language, self._call(asked.conversation).known).text
        kept = {"number": asked.number, "about": about, "own": asked.own, "called": asked.called}
        return PreparedCallback(asked, _json(kept))

    def _wrap_up(self, wrapped: WrappedUp) -> PreparedWrapUp:
        # Who was helped wrote down nothing themselves: the person's note is held to the same rule as their own words.
        if self._keep != "redacted" or not wrapped.note:
            return PreparedWrapUp(replace(wrapped, note=""), None)
        call = self._call(wrapped.conversation)
        note = redact(wrapped.note, call.language, call.known).text
        return PreparedWrapUp(replace(wrapped, note=""), note)

    def _call(self, conversation: str) -> _Call:
        """What is remembered of it; nothing of one that began before this process did."""
        return self._calls.get(conversation) or _Call(None, self._bot.languages[0])

    def _known(self, taken: TurnTaken, call: _Call) -> Known:
        known = known_of(taken.after, self._bot)
        return known if call.number is None else replace(known, values=(*known.values, ("phone", call.number)))


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
