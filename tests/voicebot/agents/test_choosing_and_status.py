"""Who is rung, and who is free."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dialog import load_bot
from dialog.bot import Department
from dialog.hours import Hours
from dialog.people import Callee
from voicebot.agents.board import Board
from voicebot.agents.choosing import choose
from voicebot.agents.live_call import SignedAgent, agent_of
from voicebot.agents.status import Status, Statuses

BOKHUSET = Path(__file__).parents[2] / "dialog" / "bots" / "bokhuset"
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def callee(name: str, *languages: str, hours: Hours | None = None) -> Callee:
    return Callee(name, "+4722000011", "desk", languages, hours, name)


def names(rounds: tuple[tuple[Callee, ...], ...]) -> list[list[str]]:
    return [[person.id for person in people] for people in rounds]


def test_who_speaks_the_callers_language_is_rung_first_and_then_rather_than_nobody_the_others() -> None:
    rounds = ((callee("ada", "nb"), callee("bo", "en")), (callee("cy"), callee("di", "uk")))
    assert names(choose(rounds, lambda person: True, "en", NOON)) == [["bo"], ["cy"], ["ada"], ["di"]]
    assert names(choose(rounds, lambda person: person == "ada", "en", NOON)) == [["ada"]]


def test_nobody_is_rung_who_is_not_free() -> None:
    rounds = ((callee("ada"), callee("bo")),)
    assert names(choose(rounds, lambda person: person != "bo", "nb", NOON)) == [["ada"]]
    assert choose(rounds, lambda person: False, "nb", NOON) == ()


def test_whoever_has_a_caller_is_busy_whatever_they_say_unless_they_are_away() -> None:
    statuses = Statuses(lambda: NOON)
    assert statuses.of("ada").by == "default"
    assert statuses.engage("ada", "one", "call")
    statuses.set("ada", Status.FREE)
    assert (statuses.of("ada").status, statuses.of("ada").by) == (Status.BUSY, "call")
    assert not statuses.engage("ada", "another", "ringing")
    statuses.set("ada", Status.AWAY)
    assert statuses.of("ada").status is Status.AWAY
    statuses.release("ada", "another")
    assert statuses.engagement("ada") is not None, "only who has them lets them go"


def test_to_say_that_one_is_free_ends_the_wrap_up() -> None:
    statuses = Statuses(lambda: NOON)
    statuses.engage("ada", "one", "wrap_up")
    assert statuses.of("ada").by == "wrap_up"
    statuses.set("ada", Status.FREE)
    assert statuses.of("ada").status is Status.FREE


def test_what_was_said_before_a_restart_counts_until_something_else_is_said() -> None:
    statuses = Statuses(lambda: NOON)
    statuses.restore({"ada": (Status.AWAY, NOON)})
    assert (statuses.of("ada").status, statuses.of("ada").by) == (Status.AWAY, "self")


@pytest.mark.parametrize(("name", "found"), [("ADA@example.org", "Ada"), ("somebody else", None)])
def test_an_account_is_somebody_of_the_bot_by_its_sign_in_name(name: str, found: str | None) -> None:
    ada = Callee("Ada", "+4722000011", "desk", account="ada@example.org")
    desk = Department("desk", {"nb": "kundeservice"}, "+4721000000", True, {}, None, people=(ada,))
    agent = agent_of(replace(load_bot(BOKHUSET), departments=(desk,)), "1", name)
    assert (agent.callee.id if agent.callee else None) == found


def test_an_account_that_is_called_as_somebody_of_the_bot_is_not_them() -> None:
    ada = Callee("ada", "+4722000011", "desk", account="ada.lovelace")
    desk = Department("desk", {"nb": "kundeservice"}, "+4721000000", True, {}, None, people=(ada,))
    bot = replace(load_bot(BOKHUSET), departments=(desk,))
    namesake = agent_of(bot, "0123456789", "ada")
    assert namesake.callee is None
    assert namesake.person != agent_of(bot, "2", "ada.lovelace").person


async def test_a_wrap_up_keeps_an_agent_at_the_console_from_being_rung_and_nobody_else() -> None:
    board = Board()
    ada = SignedAgent("1", "ada", callee("ada"))
    async with board.watch(ada):
        board.calls.wrap_ups.begin("ada", "one")
        board.calls.wrap_ups.begin("bo", "two")
        assert board.statuses.of("ada").by == "wrap_up"
        assert board.statuses.of("bo").status is Status.FREE, "they have no console to write in"
        board.wrapped_up(ada, "one")
        assert board.statuses.of("ada").status is Status.FREE
        assert board.to_wrap_up(ada) == ()


async def test_a_watch_tells_each_change_once_and_a_slow_page_looks_at_everything() -> None:
    board = Board()
    async with board.watch() as watch:
        for _ in range(3):
            board.told("words", "one")
        board.told("call", "one")
        assert [(await anext(watch)).what for _ in range(2)] == ["words", "call"]
        for number in range(1000):
            board.told("words", str(number))
        seen = [await anext(watch) for _ in range(3)]
        assert "calls" in {change.what for change in seen}
    board.told("words", "one")
