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
    """Keys, or words, while something is said.

    Args:
        keys, speech: what counts as an answer.
    """

    prompts: tuple["Say | Play | Pause", ...]
    action: Action
    timeout_seconds: float
    digits: int | None
    finish_key: str
    on_empty: bool
    keys: bool = True
    speech: bool = False


@dataclass(frozen=True, slots=True)
class Room:
    """A conference, as one of its members asks to enter it.

    Args:
        name: whoever enters the same name is in the same room.
        label: of the member, unique in the room, or None.
        starts: the room opens when this member enters; until one such is there, members wait.
        ends: the room closes when this member leaves.
        wait: what is played until it opens, or None for the network's own music; an empty address is silence.
        callback: who is told; the first member decides for all.
        events: of which events: start, end, join, leave.
        muted: nobody hears this member.
        beep: the others hear when this member comes and goes.
        most: how many members there may be.
    """

    name: str
    label: str | None
    starts: bool
    ends: bool
    wait: Action | None
    callback: Action | None
    events: frozenset[str]
    muted: bool = False
    beep: bool = False
    most: int = 250


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody to be called.

    Args:
        number: E.164 or SIP address.
        whisper: asked for a document that only they hear before the two are connected.
        callback: who is told how it goes.
        events: of which events: initiated, ringing, answered, completed.
    """

    number: str
    whisper: Action | None = None
    callback: Action | None = None
    events: frozenset[str] = frozenset(("completed",))


@dataclass(frozen=True, slots=True)
class Dial:
    """Pass the caller on: to the first party that answers, or into a room.

    Args:
        sender: the number that the parties see; None: the caller's.
        star_ends: whether `*` parts the two.
    """

    parties: tuple[Party, ...]
    action: Action | None
    timeout_seconds: float
    room: Room | None = None
    limit_seconds: float = 14_400.0
    sender: str | None = None
    star_ends: bool = False

    @property
    def numbers(self) -> tuple[str, ...]:
        """Whom it calls."""
        return tuple(party.number for party in self.parties)


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
