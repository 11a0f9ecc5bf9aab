"""What the mind is told, and what it answers: the only values that cross its door."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from dialog.people import Callee

HANDED_BACK = "handed_back"
"""`PersonDone.outcome` of a typed conversation that the person has given back to the bot."""

STILL_WORKING = "still_working"
"""Said while the bot itself is at work; other words are for what waits for the caller."""


@dataclass(frozen=True, slots=True)
class CallBegan:
    """A caller is on the line.

    Args:
        language: chosen beforehand (a menu, an earlier call), or None.
        resumed: the stream was lost and has come back; greet accordingly.
        may_record: this call can be recorded, if the bot's rules and the caller allow it.
        number: the caller's own, E.164, when the line knows it: what they may be called back on.
    """

    language: str | None = None
    resumed: bool = False
    may_record: bool = False
    number: str | None = None


@dataclass(frozen=True, slots=True)
class Manner:
    """How something was said, as plain numbers.

    Args:
        loud_db: loudness above what this caller usually speaks with, in decibels.
        barge_ins: times in this call that the caller has talked over the bot.
    """

    loud_db: float = 0.0
    barge_ins: int = 0


@dataclass(frozen=True, slots=True)
class CallerSaid:
    """The caller said, or typed, something.

    Args:
        text: the words.
        language: as recognised, or None when unknown (typed text: the engine decides).
        confidence: 0..1, 1.0 for typed text.
        manner: how it was said; typed text has none.
        heard_out: the caller had heard what was asked before they said it; agreeing to a question needs that.
    """

    text: str
    language: str | None = None
    confidence: float = 1.0
    manner: Manner = Manner()
    heard_out: bool = True


@dataclass(frozen=True, slots=True)
class CallerPressed:
    """The caller pressed a key: 0-9, * or #. heard_out: as with `CallerSaid`."""

    digit: str
    heard_out: bool = True


@dataclass(frozen=True, slots=True)
class CallerSilent:
    """The caller said nothing for as long as the last reply wanted to wait."""


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """There was speech or noise, but no usable words.

    Args:
        reason: the transcript gate's reason ("no_speech", "loop", "invented", "too_short", "recogniser").
    """

    reason: str


@dataclass(frozen=True, slots=True)
class TransferFailed:
    """Nobody could be reached; the caller is back with the bot.

    Args:
        department: who was asked for.
        outcome: how the transfer ended, by its name there, or "nobody_free"; "" when it was not even begun.
    """

    department: str
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class PersonDone:
    """The caller has talked or written with a person who has gone, and is still here.

    Args:
        department: whose person it was.
        outcome: how the transfer ended, by its name there; `HANDED_BACK` when a typed conversation is given back.
    """

    department: str
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class AgentNote:
    """A person at the console wants this said to the caller.

    Args:
        text: their words, as they wrote them.
        agent: their name, for the records; the caller hears "a colleague".
    """

    text: str
    agent: str


@dataclass(frozen=True, slots=True)
class AgentTyped:
    """A person has written to the caller, who sees it already: it is remembered, and nothing is said."""

    text: str
    agent: str


@dataclass(frozen=True, slots=True)
class CallerTypedToAgent:
    """The caller has written to the person they are with: it is remembered, and nothing is said."""

    text: str


@dataclass(frozen=True, slots=True)
class ActionDone:
    """What the last reply asked for (`Act`) has been done.

    Args:
        ticket: of the `Act`.
        result: fields of the function's result as text: numbers with a point, dates and times as ISO 8601, "yes" or
            "no" for a flag; empty for a function without a result, and fields that are None are left out.
    """

    ticket: int
    result: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ActionFailed:
    """What the last reply asked for (`Act`) could not be done.

    Args:
        ticket: of the `Act`.
        reason: "timeout", "error", "unavailable", or "number" for a callback to a number that may not be called.
    """

    ticket: int
    reason: str


Event: TypeAlias = (
    CallBegan
    | CallerSaid
    | CallerPressed
    | CallerSilent
    | NotUnderstood
    | TransferFailed
    | PersonDone
    | AgentNote
    | AgentTyped
    | CallerTypedToAgent
    | ActionDone
    | ActionFailed
)


@dataclass(frozen=True, slots=True)
class Ringing:
    """How far the ringing for a caller has come, for `Engine.ringing_words`.

    Args:
        seconds: since it began.
        position: 1 for the caller who is next, 0 when it is not known.
        department: that is being rung now, by its id.
        trying_next: this department is rung since the last time something was said of it.
        times_said: how often something was said of it.
    """

    seconds: float
    position: int
    department: str
    trying_next: bool = False
    times_said: int = 0


@dataclass(frozen=True, slots=True)
class Prompt:
    """One thing the bot says.

    Args:
        text: plain words; a value that needs reading out in its own way is marked `{value|kind}`, for example
            `{92243711|phone}`, `{499.50|nok}`, `{AB1234|id}`, `{2026-11-24|date}`, `{14:30|time}`.
        language: nb, nn, en or uk.
        article: id of the article the words are quoted from, or None.
        interruptible: False for what the law wants heard.
        slower: the caller asked for slower speech.
    """

    text: str
    language: str
    article: str | None = None
    interruptible: bool = True
    slower: bool = False


@dataclass(frozen=True, slots=True)
class Listen:
    """Wait for the caller.

    Args:
        expects: what kind of answer: "open", "yes_no", "choice", "digits", "date", "letters"; endpointing and
            recognition use it.
        timeout_seconds: silence after the last prompt before `CallerSilent`.
        choices: the words of a choice, in the caller's language.
        length: for digits: how many.
        stop_ringing: the caller would rather stay with the bot: who is being rung for them need not come.
    """

    expects: str = "open"
    timeout_seconds: float = 7.0
    choices: tuple[str, ...] = ()
    length: int | None = None
    stop_ringing: bool = False


@dataclass(frozen=True, slots=True)
class HandOff:
    """Pass the caller on to a person after the prompts have been heard.

    Args:
        department: its id in bot.yaml.
        number: E.164 or SIP URI from bot.yaml.
        name: the department's name in the caller's language.
        reason: "caller_asked", "key_0", "not_understood", "no_input", "sensitive", "frustrated", "threat", "violence",
            "abuse", "privacy", "flow_failed", "act_failed", "fault", or what a flow gives for its handoff.
        rounds: who may be rung and briefed: those of a round at once, the department's own before those of the ones
            that stand in for it; nobody means that `number` is dialled. Who of them is free is not known here.
    """

    department: str
    number: str
    name: str
    reason: str
    rounds: tuple[tuple[Callee, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class HangUp:
    """End the call after the prompts have been heard.

    Args:
        reason: "goodbye", "no_input", "closed".
    """

    reason: str


@dataclass(frozen=True, slots=True)
class Act:
    """Do something outside the mind, and come back with `ActionDone` or `ActionFailed`. The prompts are said meanwhile.

    Args:
        name: a function in the bot's actions.py, or "send_link" (a text message with `link` to the caller).
        arguments: texts by parameter, in the canonical form of their slot types.
        ticket: counts the acts of a conversation. A reply with the ticket of an act that is already under way (the
            caller talked while waiting) means: go on waiting for that one, do not begin it again.
        company: what the caller hears now and then meanwhile, a key for `Engine.apology`.
    """

    name: str
    arguments: Mapping[str, str]
    ticket: int
    company: str = STILL_WORKING


Action: TypeAlias = Listen | HandOff | HangUp | Act


@dataclass(frozen=True, slots=True)
class Decision:
    """Why the mind answered as it did; one per turn, JSON-able.

    Args:
        rule: what decided: "greeting", "person", "key_0", "repeat", "slower", "goodbye", "answer", "choice",
            "dont_know", "no_input", "not_understood", ...
        article: id of the article quoted, or None.
        score: of the winner, or None.
        details: scores of the runners-up, thresholds, article date, language scores.
    """

    rule: str
    article: str | None = None
    score: float | None = None
    details: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reply:
    """What to say, what to do then, and why."""

    prompts: tuple[Prompt, ...]
    action: Action
    decision: Decision
