"""The console as agents have it: a bot with two people, a board, callbacks and conversations in the records."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import httpx
from fastapi import FastAPI

from dialog import Bot
from dialog.events import HandOff
from dialog.language import LanguageSense
from dialog.state import State
from telephony.twilio.callback_request import CallbackRequest, Recall, Tell
from tests.dialog.conftest import LYSVERKET
from tests.voicebot.records.talks import MORNING, NUMBER, UNKNOWN, Said, Talks, small_bot
from tests.voicebot.web.conftest import Clock, Kept
from tests.voicebot.web.live_office import Talk
from tests.voicebot.web.office import Office
from voicebot.agents.board import Board
from voicebot.agents.seat import Seat
from voicebot.callbacks.service import Callbacks
from voicebot.config import RecordsConfig, load_config
from voicebot.records.entries import CallbackAsked, TransferAttempted, TransferEnded, TransferRequested, new_id
from voicebot.records.ledger import Ledger
from voicebot.records.opening import Records
from voicebot.web.parts import WebParts
from voicebot.web.permissions import Role
from voicebot.web.rendering import Pages
from voicebot.web.router import add_web
from voicebot.web.sign_in import accounts
from voicebot.web.sign_in.sessions import Stage, begin
from voicebot.web.signed_in import session_rules

PEOPLE = """
    people:
      - {name: Ada, number: "+4722000011", account: ada, languages: [nb, en], hours: {weekly: {mon-thu: "08:00-15:00"}}}
      - {name: Bo, number: "+4722000012", account: bo}
"""
OTHER_NUMBER = "+4741000000"


@cache
def bot_with_people(more: str = "") -> Bot:
    """Lysverket, whose customer service has Ada and Bo; loaded once. more: lines at the end of its bot.yaml."""
    with tempfile.TemporaryDirectory() as folder:
        copied = Path(folder) / "bot"
        shutil.copytree(LYSVERKET, copied)
        file = copied / "bot.yaml"
        text = file.read_text(encoding="utf-8").replace("    default: true\n", f"    default: true{PEOPLE}", 1)
        file.write_text(text + more, encoding="utf-8")
        return small_bot(copied)


class Phones:
    """The line agents call customers back on: notes what it is asked."""

    def __init__(self) -> None:
        self.asked: list[CallbackRequest] = []

    def place_callback(self, request: CallbackRequest) -> None:
        self.asked.append(request)

    def report_callbacks(self, tell: Tell, recall: Recall) -> None:
        self.tell = tell

    async def send_text(self, number: str, sender: str, text: str) -> None:
        raise AssertionError("no text message is due")


@dataclass
class AgentOffice(Office):
    """As `Office`, with what agents work on."""

    board: Board
    ledger: Ledger
    phones: Phones
    earlier: str
    """A conversation of NUMBER an hour before `cut_in`, in which a person was asked for."""

    def asks(self, deadline: datetime, **more: object) -> str:
        """Somebody wants to be called back; the callback's id."""
        callback = new_id()
        asked = CallbackAsked(
            self.cut_in, callback, NUMBER, "lampen min lyser ikke", "nb", "desk", None, deadline, MORNING
        )
        with self.kept.database.writing() as connection:
            Talks(connection, self.kept.vault, self.bot).note(replace(asked, **more))  # type: ignore[arg-type]
        return callback

    def talked(self, person: str, conversation: str) -> None:
        """Somebody has taken this caller, and the two have parted."""
        transfer, at = new_id(), self.parts.now()
        with self.kept.database.writing() as connection:
            Talks(connection, self.kept.vault, self.bot).note(
                TransferRequested(conversation, transfer, "desk", "caller_asked", at),
                TransferAttempted(transfer, 1, person, "connected", at),
                TransferEnded(transfer, "connected", 20.0, at),
            )

    def waiting(self) -> Seat:
        """A caller on the line who is to have Ada or Bo."""
        talk = Talk(self.bot, State(("nb", "en", "nn", "uk"), LanguageSense("nb")))
        seat = self.board.calls.open(self.cut_in, "CA1", "twilio", "nb", talk)
        desk = next(one for one in self.bot.departments if one.id == "desk")
        person = HandOff("desk", desk.number, "kundeservice", "caller_asked", (desk.people,))
        self.board.calls.wants(seat, person)
        self.board.calls.asks(seat, new_id(), person.rounds)
        return seat

    def session(self, *roles: Role, language: str = "nb", name: str = "kari") -> str:
        """Whoever has been here before signs in again."""
        with self.kept.database.writing() as connection:
            account = accounts.find(connection, name)
            if account is not None:
                return begin(connection, account.id, Stage.FULL, "test", session_rules(self.parts), self.parts.now())
        return super().session(*roles, language=language, name=name)

    def ada(self, language: str = "nb") -> httpx.AsyncClient:
        return self.agent("ada", language)

    def agent(self, name: str, language: str = "nb") -> httpx.AsyncClient:
        """A browser in which an agent has signed in."""
        return self.somebody(Role.AGENT, name=name, language=language)


@asynccontextmanager
async def agent_office(
    kept: Kept, folder: Path, more: str = "", now: Callable[[], datetime] | None = None
) -> AsyncIterator[AgentOffice]:
    """The console over a store below this folder; needs a running event loop.

    Args:
        kept: the store.
        folder: where the store lies.
        more: lines at the end of its bot.yaml.
        now: the time; by default a clock that stands at noon in Norway.
    """
    config = load_config(environ={})
    config = replace(config, records=RecordsConfig(folder / "records", "", (), None, None))
    bot = bot_with_people(more)
    with kept.database.writing() as connection:
        talks = Talks(connection, kept.vault, bot)
        earlier = talks.talk(Said("når åpner dere"), at=MORNING - timedelta(hours=1), passed_on="caller_asked")
        cut_in = talks.talk(Said("lampen min lyser ikke"))
        talks.talk(UNKNOWN, number=OTHER_NUMBER, at=MORNING - timedelta(hours=2))
    clock = now or Clock(MORNING + timedelta(hours=2))
    ledger = Ledger(kept.database, kept.vault, bot)
    ledger.start()
    board = Board(bot, clock)
    callbacks, phones = Callbacks(bot, Records(kept.database, kept.vault, ledger), board, now=clock), Phones()
    callbacks.connect(phones, "+4722000000")
    parts = WebParts(
        config.web,
        kept,
        Pages(bot.name),
        bot,
        now=clock,
        settings=config,
        ledger=ledger,
        board=board,
        callbacks=callbacks,
    )
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    add_web(app, parts)
    try:
        yield AgentOffice(app, kept, bot, parts, cut_in, board, ledger, phones, earlier)
    finally:
        await ledger.close()
