"""What a turn of the caller asks for: one closed set of commands, whoever found them.

Rules, the open question and the knowledge each produce commands from the caller's words; the engine obeys the one that
stands first in `PRECEDENCE` and never asks who produced it. A language model would be one more producer.
"""

from dataclasses import dataclass, field
from typing import TypeAlias

from dialog.ranking import Ranked


@dataclass(frozen=True, slots=True)
class Emergency:
    """Somebody is in danger. service: "fire", "police" or "medical"."""

    service: str


@dataclass(frozen=True, slots=True)
class AskPerson:
    """A person, please. department: its id, or None for the default one."""

    department: str | None = None


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
    """One of the offered articles. article: its id."""

    article: str


@dataclass(frozen=True, slots=True)
class RejectChoice:
    """None of the offered articles."""


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
class Quote:
    """The knowledge is sure of one article."""

    ranked: Ranked


@dataclass(frozen=True, slots=True)
class OfferChoice:
    """The knowledge hesitates between articles, best first."""

    articles: tuple[str, ...]
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
    | AskPerson
    | SwitchLanguage
    | Repeat
    | ChangePace
    | Goodbye
    | Pick
    | RejectChoice
    | Continue
    | AskAboutBot
    | AskHelp
    | Quote
    | OfferChoice
    | CannotAnswer
    | Thank
    | Greet
    | NoWords
)

PRECEDENCE: tuple[type, ...] = (
    Emergency,
    AskPerson,
    SwitchLanguage,
    Repeat,
    ChangePace,
    Pick,
    RejectChoice,
    Goodbye,
    AskAboutBot,
    AskHelp,
    Continue,
    Quote,
    OfferChoice,
    CannotAnswer,
    Thank,
    Greet,
    NoWords,
)
"""Who goes first: safety, then the caller's own orders, then the open question, then knowledge, then courtesy."""


def foremost(commands: list[Command]) -> Command:
    """The command to obey; `NoWords` when there is none."""
    return min(commands, key=lambda command: PRECEDENCE.index(type(command)), default=NoWords())
