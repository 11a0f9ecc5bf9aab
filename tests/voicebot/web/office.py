"""A console with a few conversations in it, for tests of its pages."""

from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import httpx
from fastapi import FastAPI

from dialog import Bot
from tests.voicebot.records.talks import MORNING, NUMBER, UNKNOWN, Said, Talks, small_bot
from tests.voicebot.web.conftest import Clock, Kept
from voicebot.config import RecordsConfig, load_config
from voicebot.records import access_log
from voicebot.records.entries import (
    AudioRecorded,
    BotLoaded,
    CallbackAsked,
    ConsentGiven,
    IdentityTried,
    Rated,
    TransferAttempted,
    TransferEnded,
    TransferRequested,
    WrappedUp,
    new_id,
)
from voicebot.records.schema import accounts
from voicebot.web.parts import WebParts
from voicebot.web.permissions import Role
from voicebot.web.rendering import Pages
from voicebot.web.router import add_web
from voicebot.web.sign_in.sessions import Stage, begin
from voicebot.web.signed_in import session_rules

WORDS = "jeg heter <b>Bob</b> og vil vite når dere åpner"
NOTE = "vil ha tilbud på <i>lamper</i>"
TRANSFER = "7" * 32
DAY = timedelta(days=1)
EVERYBODY = tuple(Role)
PAGES = (
    "/console/conversations",
    "/console/unanswered",
    "/console/unanswered?status=done",
    "/console/statistics?from=2026-11-20&to=2026-11-24",
    "/console/callers",
    "/console/access-log?check=1",
    "/console/forgetting",
    "/console/processing",
    "/console/processing?dpia=1",
    "/console/consents",
    "/console/content",
    "/console/health",
)


@dataclass
class Office:
    """The console with a few conversations in it, and somebody who reads them."""

    app: FastAPI
    kept: Kept
    bot: Bot
    parts: WebParts
    cut_in: str
    """The conversation of NUMBER, in which the caller cut in."""

    def session(self, *roles: Role, language: str = "nb", name: str = "kari") -> str:
        """The token of somebody who has signed in."""
        now = self.parts.now()
        with self.kept.database.writing() as connection:
            account = new_id()
            told = " ".join(sorted(roles))
            connection.execute(
                accounts.insert().values(id=account, name=name, roles=told, language=language, created_at=now)
            )
            return begin(connection, account, Stage.FULL, "test", session_rules(self.parts), now)

    def somebody(self, *roles: Role, language: str = "nb", name: str = "kari") -> httpx.AsyncClient:
        """A browser that has signed in."""
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app, raise_app_exceptions=True),
            base_url="http://127.0.0.1",
            cookies={"voicebot-session": self.session(*roles, language=language, name=name)},
        )

    def lines(self) -> list[tuple[str, str]]:
        """The access log, oldest first."""
        with self.kept.database.reading() as connection:
            return [(line.action, line.subject) for line in reversed(access_log.shown(connection))]

    def subject(self, number: str = NUMBER) -> str:
        with self.kept.database.reading() as connection:
            return self.kept.vault.number_hash(connection, number)[:12]


def open_office(kept: Kept, folder: Path) -> Office:
    """The console over a store below this folder, with five conversations in it."""
    config = load_config(environ={})
    config = replace(config, records=RecordsConfig(folder / "records", "", (), None, None))
    bot = small_bot()
    with kept.database.writing() as connection:
        talks = Talks(connection, kept.vault, bot)
        heard = ("Vi har åpent.",)
        cut_in = talks.talk(Said(WORDS, "Vi har åpent. / Fra åtte til fire.", heard=heard), passed_on="caller_asked")
        for other in ("+4741000000", "+4741000001", None):
            talks.talk(UNKNOWN, number=other, at=MORNING - timedelta(hours=1))
        talks.talk(replace(UNKNOWN, words="=1+1 bitcoin", near=("delivery",)), number=None, language="en")
        talks.note(
            ConsentGiven(cut_in, "recording", True, "said", "Kan vi ta opp samtalen?", "1", "nb", MORNING),
            AudioRecorded(cut_in, f"{cut_in}-1.wav", 12.5, MORNING),
            IdentityTried(cut_in, "sms", "proven", "low", MORNING),
            Rated(cut_in, 4, MORNING),
            BotLoaded(bot.name, bot.content_version, MORNING),
            TransferRequested(cut_in, TRANSFER, "desk", "angry", MORNING),
            TransferAttempted(TRANSFER, 1, "ada", "declined:busy", MORNING),
            TransferAttempted(TRANSFER, 2, "bo", "connected", MORNING),
            TransferEnded(TRANSFER, "connected", 18.0, MORNING),
            WrappedUp(cut_in, TRANSFER, "bo", "follow_up", NOTE, "partly", MORNING),
            CallbackAsked(cut_in, new_id(), NUMBER, "lampen", "nb", "desk", None, MORNING + DAY, MORNING, "message"),
        )
    clock = Clock(MORNING + timedelta(hours=3))
    parts = WebParts(config.web, kept, Pages(bot.name), bot, now=clock, settings=config)
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    add_web(app, parts)
    return Office(app, kept, bot, parts, cut_in)
