"""Conversations as they come in, written down as the ledger writes them: for tests of what reads them."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection

from dialog import Bot, load_bot
from dialog.callback_rules import CallbackRules
from dialog.events import CallBegan, CallerSaid, Decision, Event, Listen, Prompt, Reply
from dialog.language import LanguageSense
from dialog.people import Callee
from dialog.state import State
from tests.dialog.conftest import LYSVERKET, TODAY
from voicebot.records.entries import (
    ConversationBegan,
    ConversationEnded,
    Entry,
    TransferEnded,
    TransferRequested,
    TurnHeard,
    TurnTaken,
    new_id,
)
from voicebot.records.preparing import Preparation
from voicebot.records.vault import Vault
from voicebot.records.writing import write

MORNING = datetime(2026, 11, 23, 9, tzinfo=UTC)
NUMBER = "+4792243711"


def small_bot(folder: Path = LYSVERKET) -> Bot:
    """Lysverket."""
    return load_bot(folder, TODAY)


def with_people(bot: Bot) -> Bot:
    """The same bot, whose first department has somebody who is rung; callers may be called back, and give marks."""
    first, *others = bot.departments
    rung = replace(first, people=(Callee("ada", "+4722000001", first.id),))
    return replace(bot, departments=(rung, *others), callbacks=CallbackRules(), rating=True)


@dataclass(frozen=True)
class Said:
    """One turn: the caller's words, what is answered, and what decided."""

    words: str
    answer: str = "Vi har åpent fra åtte til fire."
    rule: str = "answer"
    article: str | None = "hours"
    near: tuple[str, ...] | None = None
    heard: tuple[str, ...] | None = None
    """Sentences that were heard before the caller cut in; None when nobody did."""

    def reply(self, language: str) -> Reply:
        details = {} if self.near is None else {"unanswered": True, "near": list(self.near)}
        details["candidates"] = [{"article": "hours", "score": 0.91}, {"article": "delivery", "score": 0.2}]
        prompts = tuple(Prompt(part, language, self.article) for part in self.answer.split(" / "))
        return Reply(prompts, Listen(), Decision(self.rule, self.article, 0.91, details))


UNKNOWN = Said("har dere ladekabel til elbil", "Det vet jeg ikke.", "dont_know", None, near=())


class Talks:
    """Writes conversations of one bot."""

    def __init__(self, connection: Connection, vault: Vault, bot: Bot) -> None:
        self._connection = connection
        self._vault = vault
        self._bot = bot
        self._preparation = Preparation(bot)

    def note(self, *entries: Entry) -> None:
        for entry in entries:
            prepared = self._preparation.of(entry)
            if prepared is not None:
                write(self._connection, self._vault, self._bot.records.keep, prepared)

    def talk(
        self,
        *said: Said,
        number: str | None = NUMBER,
        at: datetime = MORNING,
        outcome: str | None = "goodbye",
        line: str = "twilio",
        language: str = "nb",
        bot: str | None = None,
        passed_on: str | None = None,
        conversation: str | None = None,
    ) -> str:
        """One conversation; its id. passed_on: the reason, when a person was asked for; somebody spoke after 20 s."""
        conversation = conversation or new_id()
        name, version = bot or self._bot.name, self._bot.content_version
        self.note(ConversationBegan(conversation, f"CA{new_id()}", line, number, name, version, language, at))
        state = State(("nb", "en", "nn", "uk"), LanguageSense(language))
        greeting = Said("", "Hei, du har ringt til Lysverket.", "greeting", None)
        for turn, one in enumerate((greeting, *said), start=1):
            event: Event = CallerSaid(one.words, language, 0.9) if one.words else CallBegan(language)
            moment = at + timedelta(seconds=10 * turn)
            self.note(TurnTaken(conversation, turn, state, event, state, one.reply(language), moment))
            if one.heard is not None:
                self.note(TurnHeard(conversation, turn, one.heard, True))
        end = at + timedelta(seconds=10 * (len(said) + 2))
        if passed_on:
            transfer = new_id()
            self.note(TransferRequested(conversation, transfer, "desk", passed_on, end))
            self.note(TransferEnded(transfer, "passed_on", 20.0, end))
        if outcome is not None:
            self.note(ConversationEnded(conversation, outcome, language, end))
        return conversation
