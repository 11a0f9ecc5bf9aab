"""What the console needs of the house, handed over once when the application is built."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from fastapi import HTTPException, Request

from voicebot.config_web import WebConfig
from voicebot.records.database import Database
from voicebot.records.vault import Vault
from voicebot.web.sign_in.passwords import Passwords

if TYPE_CHECKING:
    from dialog import Bot
    from voicebot.agents.board import Board
    from voicebot.callbacks.service import Callbacks
    from voicebot.config import Config
    from voicebot.identity.codes import Codes
    from voicebot.records.ledger import Ledger
    from voicebot.web.rendering import Pages


class Store(Protocol):
    """The open records, as far as pages need them."""

    @property
    def database(self) -> Database:
        """Where the rows are."""
        ...

    @property
    def vault(self) -> Vault:
        """What opens them."""
        ...


class NoRecords(HTTPException):
    """No store is open, so nobody can be known."""

    def __init__(self) -> None:
        super().__init__(503, "no_records")


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class WebParts:
    """Everything a page may use.

    Args:
        config: the console's part of the configuration.
        records: the store; None when none is kept: then nobody can sign in, and the page says so.
        pages: templates and texts.
        bot: who answers; None in places that have no bot.
        public_url: how browsers reach the service from outside.
        now: the time sessions are judged by.
        settings: the whole configuration, for pages that tell how the house is run; None in places that have none.
        codes: one-time codes by text message, for callers who want to see what is kept of them; None where no text
            message can be sent.
        ledger: what writes the records, for its own report; None where nothing is written.
        board: the calls that go on now, and who may take them; None where no calls are.
        callbacks: calls customers back; None where no callbacks are taken.
        passwords: checks them on one thread of its own, so that sign-ins cannot take the processor from calls.
    """

    config: WebConfig
    records: Store | None
    pages: "Pages"
    bot: "Bot | None" = None
    public_url: str | None = None
    now: Callable[[], datetime] = _now
    settings: "Config | None" = None
    ledger: "Ledger | None" = None
    board: "Board | None" = None
    codes: "Codes | None" = None
    callbacks: "Callbacks | None" = None
    passwords: Passwords = field(default_factory=Passwords)


def store_of(parts: WebParts) -> Store:
    """The open records.

    Raises:
        NoRecords: there are none, so nobody can be known.
    """
    if parts.records is None:
        raise NoRecords
    return parts.records


def parts_of(request: Request) -> WebParts:
    """The parts of the application that answers this request."""
    parts: WebParts = request.app.state.web
    return parts
