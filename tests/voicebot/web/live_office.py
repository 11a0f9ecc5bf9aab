"""A console with a board on which callers come and go as a test says, for tests of the agents' pages."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from fastapi import FastAPI

from dialog import Bot, load_bot
from dialog.brief import Brief, brief
from dialog.events import HandOff
from dialog.language import LanguageSense
from dialog.people import Callee
from dialog.state import Filled, Frame, State, Turn
from tests.voicebot.web.conftest import Kept
from tests.voicebot.web.office import Office, open_office
from voicebot.agents.board import Board
from voicebot.agents.live_call import SignedAgent
from voicebot.agents.seat import Seat
from voicebot.records.entries import new_id
from voicebot.web.router import add_web

BOKHUSET = Path(__file__).parent.parent.parent / "dialog" / "bots" / "bokhuset"
ADA = Callee("Ada", "+4790000001", "desk", ("nb", "en"), None, "ada")
BO = Callee("Bo", "+4790000002", "desk", (), None, "bo")


@dataclass
class Talk:
    """A conversation as the board reaches it: it takes what agents want, and remembers it."""

    bot: Bot
    state: State
    wanted: list[tuple[str, ...]] = field(default_factory=list)

    def person_takes(self, agent: SignedAgent) -> bool:
        self.wanted.append(("takes", agent.person))
        return True

    def person_declines(self, person: str, reason: str) -> bool:
        self.wanted.append(("declines", person, reason))
        return True

    def take_over(self, agent: SignedAgent) -> bool:
        self.wanted.append(("takes over", agent.person))
        return True

    def tell_caller(self, text: str, agent: SignedAgent) -> None:
        self.wanted.append(("tells", agent.person, text))

    def agent_typed(self, text: str, agent: SignedAgent) -> None:
        self.wanted.append(("types", agent.person, text))

    def agent_leaves(self, agent: SignedAgent, outcome: str) -> None:
        self.wanted.append(("leaves", agent.person, outcome))

    async def brief(self, language: str) -> Brief | None:
        return brief(self.bot, self.state, "frustrated", language)


@dataclass
class LiveOffice:
    """The console, and the calls that are on its board."""

    office: Office
    board: Board
    bot: Bot

    @property
    def app(self) -> FastAPI:
        return self.office.app

    def caller(self, language: str = "nb", line: str = "twilio") -> tuple[Seat, Talk]:
        """Somebody comes in and talks with the bot about an order."""
        frame = Frame(
            "order_status",
            slots=(Filled("order", "481516", words="48 15 16", confirmed=True), Filled("post_code", "0150")),
            results=(("found.status", "sendt 20. november"),),
        )
        state = State(
            ("nb", "en"),
            LanguageSense(language),
            number="+4792243711",
            topic="opening-hours",
            frames=(frame,),
            turns=(
                Turn("hvor blir det av pakken min", "Hva er ordrenummeret?", "flow"),
                Turn("når er det noen der", "Vi har åpent fra ni til fem.", "answer"),
                Turn("nei det var ikke det jeg spurte om", "Beklager, det forstod jeg ikke.", "not_understood"),
            ),
        )
        talk = Talk(self.bot, state)
        seat = self.board.calls.open(new_id(), f"CA{new_id()}", line, language, talk)
        seat.said("bot", "Hei, dette er Bokhuset. Hva kan jeg hjelpe med?")
        seat.said("caller", "hvor blir det av pakken min")
        return seat, talk

    def wants(self, seat: Seat, reason: str = "caller_asked") -> None:
        """The caller wants a person: Ada or Bo."""
        person = HandOff("desk", "+442079460301", "kundeservice", reason, ((ADA, BO),))
        self.board.calls.wants(seat, person)
        self.board.calls.asks(seat, new_id(), person.rounds)


def open_live_office(kept: Kept, folder: Path) -> LiveOffice:
    """The console of a book shop, with Ada and Bo behind the desk and nobody on the line."""
    office = open_office(kept, folder)
    bot = load_bot(BOKHUSET)
    desk = replace(bot.departments[0], people=(ADA, BO))
    bot = replace(bot, departments=(desk, *bot.departments[1:]))
    moments = iter(range(100_000))
    begin = office.parts.now()
    board = Board(bot, now=lambda: begin + timedelta(seconds=next(moments)))
    parts = replace(office.parts, bot=bot, board=board)
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    add_web(app, parts)
    return LiveOffice(replace(office, app=app, parts=parts, bot=bot), board, bot)
