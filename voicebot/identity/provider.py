"""What a way of proving identity is to the rest of the program: a Protocol, and the values that come of it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from dialog.identity import Identity


@dataclass(frozen=True, slots=True)
class Proven:
    """Somebody is who they say. Lives in memory while the call lasts; never logged, stored or said.

    Args:
        identity: for the bot's own functions.
        national_id: a fødselsnummer among the provider's claims, for a function that asks for it by name; else None.
    """

    identity: Identity
    national_id: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class CodeSent:
    """A code is on its way to the caller, who says or keys it in."""


@dataclass(frozen=True, slots=True)
class WrongCode:
    """The code was another one; there are attempts left."""


@dataclass(frozen=True, slots=True)
class Approving:
    """The caller is asked on their own phone. binding: what stands there, to be compared; may be empty."""

    binding: str = ""


@dataclass(frozen=True, slots=True)
class NotProven:
    """The attempt is over. outcome: one of `dialog.identity.NOT_PROVEN`, or "no_number"."""

    outcome: str


Came: TypeAlias = Proven | CodeSent | WrongCode | Approving | NotProven

Deliver: TypeAlias = Callable[[str], Awaitable[None]]
"""Sends the caller a text message; raises `telephony.errors.TelephonyError`."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Who is to be proven.

    Args:
        call_id: of the call; a code or an approval holds for this call only.
        number: that calls, E.164; None when withheld.
        level: at least, one of `dialog.identity.LEVELS`.
        language: of the caller: nb, nn, en or uk.
        deliver: sends the caller a text message.
    """

    call_id: str
    number: str | None
    level: str
    language: str
    deliver: Deliver


class Attempt(Protocol):
    """One caller's attempt to prove who they are, from its beginning to its end."""

    async def begin(self, again: bool) -> Came:
        """Send the code, or ask the app. again: the caller wants another code."""
        ...

    async def code(self, code: str) -> Came:
        """Look at the digits that the caller gave."""
        ...

    async def wait(self) -> Came:
        """Wait until the caller has decided in the app; may be cancelled, and called again."""
        ...


class IdentityProvider(Protocol):
    """One way of proving identity, shared by all calls."""

    @property
    def name(self) -> str:
        """For records and the bot's own functions: "sms", or the provider's host name."""
        ...

    def attempt(self, asked: Asked) -> Attempt:
        """A new attempt; nothing is sent before `begin`."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
