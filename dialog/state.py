"""Where a conversation stands: one immutable value, replaced turn by turn."""

from dataclasses import dataclass
from typing import TypeAlias

from dialog.events import Listen, Prompt
from dialog.frustration import Mood
from dialog.identity import Proof
from dialog.language import LanguageSense


@dataclass(frozen=True, slots=True)
class NothingOpen:
    """No question of the bot is open."""


@dataclass(frozen=True, slots=True)
class AnythingElse:
    """The bot asked whether there is anything else."""


@dataclass(frozen=True, slots=True)
class Topic:
    """Something a caller may want: an article's answer, or a flow. One of the two is an id, the other empty."""

    article: str = ""
    flow: str = ""


@dataclass(frozen=True, slots=True)
class WhichTopic:
    """The bot asked which of these was meant; a single one is a yes-or-no question.

    Args:
        topics: offered, in this order.
        said: the words that were not clear; values for a flow's slots may stand in them.
    """

    topics: tuple[Topic, ...]
    said: str = ""


@dataclass(frozen=True, slots=True)
class PersonOffered:
    """The bot asked whether the caller wants to talk to a person.

    Args:
        department: its id.
        reason: why it was offered, for the person who takes over.
    """

    department: str
    reason: str = "caller_asked"


@dataclass(frozen=True, slots=True)
class InFlow:
    """What is open is the question of the flow on top."""


@dataclass(frozen=True, slots=True)
class NowOrLater:
    """The bot asked whether to leave its flow for another one now, or after it."""

    flow: str


@dataclass(frozen=True, slots=True)
class LinkOffered:
    """The bot asked whether to send an article's link as a text message."""

    article: str


@dataclass(frozen=True, slots=True)
class Sending:
    """A text message is being sent. ticket: of the act."""

    ticket: int


@dataclass(frozen=True, slots=True)
class RecordingAsked:
    """The bot asked whether the call may be recorded. language: in which it did."""

    language: str


@dataclass(frozen=True, slots=True)
class WhatNow:
    """The bot asked whether to call back, take a message, or go on here. department: nobody of which can be reached."""

    department: str


@dataclass(frozen=True, slots=True)
class RatingAsked:
    """The bot asked how the person was. department: theirs."""

    department: str


OpenQuestion: TypeAlias = (
    NothingOpen
    | AnythingElse
    | WhichTopic
    | PersonOffered
    | InFlow
    | NowOrLater
    | LinkOffered
    | Sending
    | RecordingAsked
    | WhatNow
    | RatingAsked
)


@dataclass(frozen=True, slots=True)
class SlotAsked:
    """A flow waits for a slot.

    Args:
        slot: its id.
        attempts: failed so far.
        partial: what is known of a value said in parts.
        keys: typed so far.
        denied: values that were read back and were wrong.
    """

    slot: str
    attempts: int = 0
    partial: str = ""
    keys: str = ""
    denied: int = 0


@dataclass(frozen=True, slots=True)
class SlotDoubtful:
    """A flow waits for a yes to a value, or for one of several: what was found stands in the frame's slots.

    Args:
        slot: its id.
        attempts: failed so far, at this value.
        denied: values that were read back and were wrong.
    """

    slot: str
    attempts: int = 0
    denied: int = 0


@dataclass(frozen=True, slots=True)
class StepConfirm:
    """A flow waits for a yes or a no to a question of its own. attempts: failed so far."""

    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Acting:
    """A flow waits for an act. ticket: of it."""

    ticket: int


@dataclass(frozen=True, slots=True)
class ProofOffered:
    """A flow has said that identity must be proven, and how; yes or no. attempts: failed so far."""

    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Proving:
    """A flow waits for a proof of identity.

    Args:
        ticket: of the act.
        step: "begin", "again", "code" or "wait" (`dialog.identity.PROVE`).
    """

    ticket: int
    step: str


FlowQuestion: TypeAlias = SlotAsked | SlotDoubtful | StepConfirm | Acting | ProofOffered | Proving


@dataclass(frozen=True, slots=True)
class Filled:
    """What is known of a slot.

    Args:
        slot: its id.
        value: in canonical form; "" when the caller skipped it, or while there are alternatives.
        alternatives: equally good readings, when the caller must say which.
        words: the caller's words it came from.
        sure: False when it should be read back.
        confirmed: the caller said that it is right.
    """

    slot: str
    value: str = ""
    alternatives: tuple[str, ...] = ()
    words: str = ""
    sure: bool = True
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """A flow that is under way.

    Args:
        flow: its id.
        at: the step it stands at.
        slots: what is known, in the order it became known.
        results: of its acts: field ("found.status") and text.
        question: what it waits for, or None.
        called: begun by the flow beneath it, not by the caller.
    """

    flow: str
    at: tuple[int | str, ...] = (0,)
    slots: tuple[Filled, ...] = ()
    results: tuple[tuple[str, str], ...] = ()
    question: FlowQuestion | None = None
    called: bool = False

    def filled(self, slot: str) -> Filled | None:
        """What is known of a slot; None when it was neither said nor skipped."""
        return next((filled for filled in self.slots if filled.slot == slot), None)

    def value(self, name: str) -> str:
        """The text of a slot or of a field of a result; "" when there is none."""
        filled = self.filled(name)
        return filled.value if filled is not None else dict(self.results).get(name, "")


@dataclass(frozen=True, slots=True)
class Turn:
    """One exchange, for the person who takes over.

    Args:
        words: of the caller, without what may not be kept; "" for keys and silence.
        reply: what the bot said, marks and all.
        rule: why.
        article: id of the article quoted, or "".
    """

    words: str
    reply: str
    rule: str
    article: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """A conversation, between two turns.

    Args:
        languages: of the bot, its default first.
        sense: what is known of the caller's language.
        finished: the call has been ended; nothing changes it any more.
        turn: replies given so far.
        question: the bot's open question.
        silences: silences of the caller in a row.
        misses: utterances without usable words in a row.
        unknowns: questions in a row that the bot could not answer.
        slower: the caller asked for slower speech.
        disclosed: languages in which the caller has been told that this is a bot.
        last: what the bot said last, for "repeat".
        listened: how it waited then.
        frames: flows under way, the one that has the floor last.
        past: flows that are over, the last one last: what they learnt is told to the person who takes over.
        later: what the bot has promised to come to.
        tickets: acts asked for so far.
        topic: the article quoted last, or "".
        asked: the words it was asked for with.
        turns: the last exchanges, the oldest first.
        mood: how fed up the caller is.
        typed: the last value came from the keypad; a "#" behind it says no more.
        content: version of the bot's content that the conversation goes on with.
        proof: that the caller is who they say, in this call; None before it is proven.
        recording: "asked", "on" or "off": whether the caller agreed to being recorded; "" when this call cannot be.
        number: the caller's own, E.164; "" when it is not known.
        ringing: the department whose people are being rung for the caller; "" when nobody is.
        rated: the caller has been asked what they think of it.
        opened: the caller's first words that asked for something, without what may not be kept.
    """

    languages: tuple[str, ...]
    sense: LanguageSense
    finished: bool = False
    turn: int = 0
    question: OpenQuestion = NothingOpen()
    silences: int = 0
    misses: int = 0
    unknowns: int = 0
    slower: bool = False
    disclosed: frozenset[str] = frozenset()
    last: tuple[Prompt, ...] = ()
    listened: Listen = Listen()
    frames: tuple[Frame, ...] = ()
    past: tuple[Frame, ...] = ()
    later: tuple[Topic, ...] = ()
    tickets: int = 0
    topic: str = ""
    asked: tuple[str, ...] = ()
    turns: tuple[Turn, ...] = ()
    mood: Mood = Mood()
    typed: bool = False
    content: str = ""
    proof: Proof | None = None
    recording: str = ""
    number: str = ""
    ringing: str = ""
    rated: bool = False
    opened: str = ""

    @property
    def language(self) -> str:
        """The language of the call now."""
        return self.sense.current

    @property
    def caller_languages(self) -> tuple[str, ...]:
        """Languages the caller may speak next, the likeliest first."""
        others = tuple(language for language in self.languages if language != self.language)
        return (self.language, *others)
