"""What a TwiML document tells the network to do. Source: twilio.com/docs/voice/twiml."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Action:
    """An address the network asks for the next document."""

    url: str
    method: str


@dataclass(frozen=True, slots=True)
class Say:
    """The network's own voice."""

    text: str
    language: str | None


@dataclass(frozen=True, slots=True)
class Play:
    """A recording fetched from an address."""

    url: str


@dataclass(frozen=True, slots=True)
class Pause:
    """Silence."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Gather:
    """Keys, while something is said."""

    prompts: tuple["Say | Play | Pause", ...]
    action: Action
    timeout_seconds: float
    digits: int | None
    finish_key: str
    on_empty: bool


@dataclass(frozen=True, slots=True)
class Dial:
    """Pass the caller on; the first number that answers wins."""

    numbers: tuple[str, ...]
    action: Action | None
    timeout_seconds: float


@dataclass(frozen=True, slots=True)
class Stream:
    """Both ways of audio over a WebSocket."""

    url: str
    name: str | None
    parameters: Mapping[str, str]
    callback: Action | None
    action: Action | None


@dataclass(frozen=True, slots=True)
class Redirect:
    """Go on with another document."""

    target: Action


@dataclass(frozen=True, slots=True)
class Hangup:
    """End the call."""

    reason: str | None = None


Verb: TypeAlias = Say | Play | Pause | Gather | Dial | Stream | Redirect | Hangup
