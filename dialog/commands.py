"""What a turn of the caller asks for: one closed set of commands, whoever found them.

Rules, the open question and the knowledge each produce commands from the caller's words; the engine obeys the one that
stands first in `PRECEDENCE` and never asks who produced it. A language model would be one more producer.
"""

from dataclasses import dataclass, field
from typing import TypeAlias, get_args

from dialog.own_words import SensitiveTopic
from dialog.ranking import Ranked
from dialog.slots.slot_type import Parsed
from dialog.state import Topic


@dataclass(frozen=True, slots=True)
class Emergency:
    """Somebody is in danger. service: "fire", "police" or "medical"."""

    service: str


@dataclass(frozen=True, slots=True)
class AskPerson:
    """A person, please.

    Args:
        department: its id, or None for the default one.
        reason: "caller_asked", or what in the caller's words made it urgent.
    """

    department: str | None = None
    reason: str = "caller_asked"


@dataclass(frozen=True, slots=True)
class RefuseNumber:
    """The caller said a national identity number, which is neither used nor kept.

    Args:
        wanted: what the rest of the words asks for, or None.
    """

    wanted: "Take | None" = None


@dataclass(frozen=True, slots=True)
class LeaveToPerson:
    """A matter that the bot's owners leave to people."""

    topic: SensitiveTopic


@dataclass(frozen=True, slots=True)
class AskCallback:
    """To be called back, or to leave a message.

    Args:
        kind: "callback" or "message".
        department: that is to call, when the caller named one.
    """

    kind: str
    department: str | None = None


@dataclass(frozen=True, slots=True)
class StayHere:
    """The caller would rather go on with the bot than have any of what is offered in place of a person."""


@dataclass(frozen=True, slots=True)
class StopRinging:
    """People are being rung, and the caller would rather not wait for them. wanted: what they want instead, or None."""

    wanted: "Take | None" = None


@dataclass(frozen=True, slots=True)
class KeepRinging:
    """People are being rung, and the caller waits for them."""


@dataclass(frozen=True, slots=True)
class Rate:
    """How the person was, from 1 to 5; None when the caller would rather not say."""

    rating: int | None


@dataclass(frozen=True, slots=True)
class AskAdvice:
    """Advice of a kind that only an approved text may give. subject: "medical", "legal" or "financial"."""

    subject: str


@dataclass(frozen=True, slots=True)
class SwitchLanguage:
    """The caller asks for a language by name; None for one that the bot does not have."""

    language: str | None


@dataclass(frozen=True, slots=True)
class Repeat:
    """Say the last thing again."""


@dataclass(frozen=True, slots=True)
class ChangePace:
    """Speak slower, or at normal speed again."""

    slower: bool


@dataclass(frozen=True, slots=True)
class Goodbye:
    """The caller is done."""


@dataclass(frozen=True, slots=True)
class Pick:
    """One of the offered topics; `rest`: the others, when the caller wants them too."""

    topic: Topic
    rest: tuple[Topic, ...] = ()


@dataclass(frozen=True, slots=True)
class RejectChoice:
    """None of the offered topics."""


@dataclass(frozen=True, slots=True)
class CancelFlow:
    """Leave the flow that is under way."""


@dataclass(frozen=True, slots=True)
class SkipSlot:
    """The caller does not have what the flow asks for, or will not say it."""


@dataclass(frozen=True, slots=True)
class SendAgain:
    """The code that proves identity has not come, or is gone: send another."""


@dataclass(frozen=True, slots=True)
class AskWhere:
    """Where does the caller find what the flow asks for?"""


@dataclass(frozen=True, slots=True)
class Answer:
    """Something for the slot that is asked for, be it a fault; `others`: values for other slots of the flow."""

    parsed: Parsed
    others: tuple[tuple[str, Parsed], ...] = ()


@dataclass(frozen=True, slots=True)
class Correct:
    """The caller mends a slot: the one that was just read back, or an earlier one."""

    slot: str
    parsed: Parsed


@dataclass(frozen=True, slots=True)
class YesNo:
    """A yes or a no to the question of the flow, of a link, or of now or later."""

    yes: bool


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """Words while a flow waits for an answer, and none is in them."""


@dataclass(frozen=True, slots=True)
class NameFlow:
    """The caller says once more what the flow under way is about: no answer, and no failed one either."""


@dataclass(frozen=True, slots=True)
class ChangeTo:
    """Leave the flow under way, and take this topic."""

    topic: Topic


@dataclass(frozen=True, slots=True)
class SendLink:
    """Send the link of the last answer."""


@dataclass(frozen=True, slots=True)
class Continue:
    """The caller wants something more, but has not said what."""


@dataclass(frozen=True, slots=True)
class AskAboutBot:
    """Who or what am I talking to?"""


@dataclass(frozen=True, slots=True)
class AskHelp:
    """What can you do?"""


@dataclass(frozen=True, slots=True)
class AskOwnData:
    """What is kept of me? about: "kept", "recorded", or "erase" for "delete it"."""

    about: str


@dataclass(frozen=True, slots=True)
class AnswerConsent:
    """A clear yes or no to being recorded, the question being open."""

    granted: bool


@dataclass(frozen=True, slots=True)
class Record:
    """Record this call, or stop recording it, by the caller's own wish. again: False to stop."""

    again: bool


@dataclass(frozen=True, slots=True)
class Take:
    """The knowledge is sure of one topic: an article is quoted, a flow started.

    Args:
        topic: the best.
        ranked: with the runners-up.
        rest: what the same utterance asks for besides.
        follow_up: the words were understood with those of the question before ("and on Saturdays?").
    """

    topic: Topic
    ranked: Ranked
    rest: tuple[Topic, ...] = ()
    follow_up: bool = False


@dataclass(frozen=True, slots=True)
class OfferChoice:
    """The knowledge hesitates between topics, best first."""

    topics: tuple[Topic, ...]
    ranked: Ranked


@dataclass(frozen=True, slots=True)
class CannotAnswer:
    """The knowledge has nothing near enough."""

    ranked: Ranked = field(default_factory=Ranked)


@dataclass(frozen=True, slots=True)
class Thank:
    """Thank you, and nothing else."""


@dataclass(frozen=True, slots=True)
class Greet:
    """Hello, and nothing else."""


@dataclass(frozen=True, slots=True)
class NoWords:
    """Nothing that means anything: a hum, a filler, a broken word."""


Command: TypeAlias = (
    Emergency
    | RefuseNumber
    | AskPerson
    | LeaveToPerson
    | AskCallback
    | StopRinging
    | AskAdvice
    | SwitchLanguage
    | AnswerConsent
    | Record
    | AskOwnData
    | Repeat
    | ChangePace
    | Pick
    | RejectChoice
    | StayHere
    | Rate
    | ChangeTo
    | CancelFlow
    | Correct
    | Answer
    | YesNo
    | SkipSlot
    | SendAgain
    | AskWhere
    | KeepRinging
    | Goodbye
    | AskAboutBot
    | AskHelp
    | SendLink
    | Continue
    | Take
    | OfferChoice
    | NameFlow
    | NoAnswer
    | CannotAnswer
    | Thank
    | Greet
    | NoWords
)

PRECEDENCE: tuple[type, ...] = get_args(Command)
"""Who goes first, in the order of `Command`: safety, then the caller's own orders, then the open question, then
knowledge, then courtesy."""


def foremost(commands: list[Command]) -> Command:
    """The command to obey; `NoWords` when there is none."""
    return min(commands, key=lambda command: PRECEDENCE.index(type(command)), default=NoWords())
