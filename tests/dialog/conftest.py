"""A small bot, its engine, and a way to talk to it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from dialog import Bot, Engine, State, load_bot
from dialog.events import CallBegan, CallerSaid, Event, Reply

LYSVERKET = Path(__file__).parent / "bots" / "lysverket"
TODAY = date(2026, 11, 23)
OSLO = ZoneInfo("Europe/Oslo")
TUESDAY_MORNING = datetime(2026, 11, 24, 10, 0, tzinfo=OSLO)
TUESDAY_NIGHT = datetime(2026, 11, 24, 23, 30, tzinfo=OSLO)
TUESDAY_EVENING = datetime(2026, 11, 24, 18, 0, tzinfo=OSLO)


@dataclass
class Talk:
    """A conversation in a test: say something, look at the reply."""

    engine: Engine
    state: State
    now: datetime = TUESDAY_MORNING
    replies: list[Reply] = field(default_factory=list)

    def event(self, event: Event) -> Reply:
        """One turn."""
        self.state, reply = self.engine.respond(self.state, event, self.now)
        self.replies.append(reply)
        return reply

    def say(self, text: str, language: str | None = None, confidence: float = 1.0) -> Reply:
        """The caller's words."""
        return self.event(CallerSaid(text, language, confidence))


def spoken(reply: Reply) -> str:
    """All that a reply says."""
    return " ".join(prompt.text for prompt in reply.prompts)


def rules(replies: Iterable[Reply]) -> list[str]:
    """What decided, reply by reply."""
    return [reply.decision.rule for reply in replies]


@pytest.fixture(scope="session")
def bot() -> Bot:
    """Lysverket."""
    return load_bot(LYSVERKET, TODAY)


@pytest.fixture(scope="session")
def embeddings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where embeddings are kept for all tests: a second engine of the same texts is built at once."""
    return tmp_path_factory.mktemp("embeddings")


@pytest.fixture(scope="session")
def engine(bot: Bot, embeddings: Path) -> Engine:
    """Its mind, built once."""
    return Engine(bot, embeddings)


@pytest.fixture
def talk(engine: Engine) -> Talk:
    """A call that has been greeted in Norwegian, on a working day."""
    talk = Talk(engine, engine.new_state())
    talk.event(CallBegan())
    return talk


@pytest.fixture
def talk_en(engine: Engine) -> Talk:
    """A call that has been greeted in English, on a working day."""
    talk = Talk(engine, engine.new_state())
    talk.event(CallBegan("en"))
    return talk
