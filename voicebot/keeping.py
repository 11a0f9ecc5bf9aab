"""What is written down of one call, as it goes on. Nothing here waits: the ledger writes on a thread of its own."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Protocol

from dialog.events import Event, HandOff, Reply
from dialog.state import State
from telephony.call import Caller
from voicebot.playback import Sentence
from voicebot.records.entries import (
    ConsentGiven,
    ConversationBegan,
    ConversationEnded,
    Entry,
    Rated,
    Recalled,
    TransferAttempted,
    TransferEnded,
    TransferRequested,
    TurnHeard,
    TurnTaken,
    new_id,
)


class Noting(Protocol):
    """`voicebot.records.ledger.Ledger`."""

    def note(self, entry: Entry) -> None:
        """Have it written down soon; never waits, and never raises."""
        ...


class Sound(Protocol):
    """`voicebot.recording.recorded_call.Recording`."""

    @property
    def may_record(self) -> bool:
        """Whether the caller should be asked at all."""
        ...

    def follow(self, state: State, reply: Reply) -> None:
        """A turn has been decided: record, or do not, as the caller wants it."""
        ...


class NoSound:
    """For a line or a house that records nothing."""

    may_record = False

    def follow(self, state: State, reply: Reply) -> None:
        """Nothing to do."""


class NothingKept:
    """For a house that keeps no records."""

    def note(self, entry: Entry) -> None:
        """Let it go."""

    async def recall(self, call_id: str) -> Recalled | None:
        """Nothing is remembered."""
        return None


class Keeping:
    """Keeps one conversation: from its first turn, over a lost stream, until its end.

    Args:
        records: where entries go.
        now: the time they are given.
        conversation: the id of one that goes on; None begins another.
        turns: how many it has had.
    """

    def __init__(
        self, records: Noting, now: Callable[[], datetime], conversation: str | None = None, turns: int = 0
    ) -> None:
        self._records = records
        self._now = now
        self._begun = conversation is not None
        self._turn = turns
        self._heard: list[str] = []
        self._transfer: str | None = None
        self.conversation = conversation or new_id()
        self.sound: Sound = NoSound()

    def note(self, entry: Entry) -> None:
        """Write down something else of this conversation."""
        self._records.note(entry)

    def began(self, caller: Caller, bot: str, content_version: str, language: str) -> None:
        """The caller is here; one who has come back goes on with the same conversation."""
        if not self._begun:
            self._begun = True
            self.note(
                ConversationBegan(
                    self.conversation,
                    caller.call_id,
                    str(caller.line),
                    caller.number,
                    bot,
                    content_version,
                    language,
                    self._now(),
                )
            )

    def turn(self, before: State, event: Event, after: State, reply: Reply, *, instead: bool) -> None:
        """The bot has decided what to say.

        Args:
            before: the state the engine was given.
            event: what it was told.
            after: the state it gave.
            reply: what it wants said and done.
            instead: it takes the place of the last turn, which answered half of what the caller wanted to say.
        """
        if not (instead and self._turn):
            self._turn += 1
        self._heard = []
        self.note(TurnTaken(self.conversation, self._turn, before, event, after, reply, self._now()))
        consent = reply.decision.details.get("consent")
        if isinstance(consent, Mapping):
            self.note(ConsentGiven(self.conversation, at=self._now(), **consent))
        rating = reply.decision.details.get("rating")
        if isinstance(rating, int):
            self.note(Rated(self.conversation, rating, self._now()))
        self.sound.follow(after, reply)

    def heard(self, sentences: Iterable[Sentence], *, interrupted: bool) -> None:
        """The caller has heard so much more of what the bot says in this turn."""
        if self._turn:
            self._heard += [sentence.text for sentence in sentences]
            self.note(TurnHeard(self.conversation, self._turn, tuple(self._heard), interrupted))

    def passed_on(self, person: HandOff) -> None:
        """A person's phone is to ring."""
        self._transfer = new_id()
        self.note(TransferRequested(self.conversation, self._transfer, person.department, person.reason, self._now()))

    def asked_for(self, person: HandOff) -> str:
        """People are to be asked to take the caller; the transfer's id, under which the line tells what came of it."""
        transfer = new_id()
        self.note(TransferRequested(self.conversation, transfer, person.department, person.reason, self._now()))
        return transfer

    def not_asked(self, transfer: str, outcome: str) -> None:
        """It was over before anybody was rung: "refused", "nobody_free", "caller_stayed" or "caller_gone"."""
        self.note(TransferEnded(transfer, outcome, None, self._now()))

    def wrote(self, transfer: str, agent: str, outcome: str, seconds_to_human: float | None) -> None:
        """Somebody has answered in writing, or will not any more. agent: "" for nobody."""
        if agent:
            self.note(TransferAttempted(transfer, 1, agent, outcome, self._now()))
        self.note(TransferEnded(transfer, outcome, seconds_to_human, self._now()))

    def transferred(self, outcome: str) -> None:
        """What came of it: "passed_on" when the carrier took the call there, "refused", or later "no_answer"."""
        if self._transfer is not None:
            self.note(TransferEnded(self._transfer, outcome, None, self._now()))

    def ended(self, outcome: str, language: str) -> None:
        """The conversation is over, for now; see `Conversation.run` for the outcomes."""
        self.note(ConversationEnded(self.conversation, outcome, language, self._now()))
