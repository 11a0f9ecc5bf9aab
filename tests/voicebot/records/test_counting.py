"""The analyst's figures, on both databases."""

import statistics
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from tests.voicebot.records.talks import MORNING, NUMBER, UNKNOWN, Said, Talks, small_bot
from voicebot.records.callbacks import settle
from voicebot.records.counting import _median, bots_of, figures
from voicebot.records.counting_handovers import Attempts, handovers
from voicebot.records.database import Database
from voicebot.records.entries import (
    CallbackAsked,
    Rated,
    TransferAttempted,
    TransferRequested,
    WrappedUp,
    new_id,
)
from voicebot.records.vault import Vault

OSLO = ZoneInfo("Europe/Oslo")


def test_what_is_counted_is_what_happened_on_the_company_s_own_days(database: Database, vault: Vault) -> None:
    with database.writing() as connection:
        vault.prepare(connection)
        talks = Talks(connection, vault, small_bot())
        late = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)  # half past midnight on Monday, in Oslo
        talks.talk(Said("åpent"), Said("pris", article="delivery"), Said("igjen"), at=late)
        talks.talk(UNKNOWN, UNKNOWN, outcome="handed_off", passed_on="caller_asked", language="en", line="browser")
        talks.talk(Said("hva"), outcome=None)
        talks.talk(outcome="fault", bot="another")
        talks.talk(Said("før"), at=datetime(2026, 11, 22, 22, 30, tzinfo=UTC))  # Sunday
    with database.reading() as connection:
        found = figures(connection, date(2026, 11, 23), date(2026, 11, 24), OSLO)
        ours = figures(connection, date(2026, 11, 23), date(2026, 11, 24), OSLO, "Lysverket")
        assert bots_of(connection) == ("Lysverket", "another")
    monday, tuesday = found.days
    assert dict(monday.kinds) == {"alone": 1, "passed_on": 1, "trouble": 1, "open": 1}
    assert tuesday.calls == 0
    assert found.calls == 4
    assert ours.calls == 3
    assert ours.outcomes == (("goodbye", 1), ("handed_off", 1))
    assert ours.languages == (("nb", 2), ("en", 1))
    assert ours.reasons == (("caller_asked", 1),)
    assert ours.passed == (("passed_on", 1),)
    assert ours.median_seconds_to_human == 20
    assert ours.articles == (("hours", 3), ("delivery", 1))
    assert (ours.unanswered, ours.with_unanswered) == (2, 1)
    assert ours.median_turns == 3.5, "of four and three replies; the one going on has no number yet"


@given(st.lists(st.integers(0, 9), min_size=1, max_size=20))
def test_the_median_is_the_median(numbers: list[int]) -> None:
    assert _median(Counter(map(float, numbers))) == statistics.median(numbers)


def test_handovers_are_counted_by_department_and_by_nobody_s_name(database: Database, vault: Vault) -> None:
    day, hour = date(2026, 11, 23), timedelta(hours=1)
    with database.writing() as connection:
        vault.prepare(connection)
        talks = Talks(connection, vault, small_bot())
        rung = [("desk", "", "connected"), ("desk", "", "busy"), ("desk", "stock", "busy"), ("desk", "", "busy")]
        for number, (department, attempted_for, outcome) in enumerate(rung):
            talk, transfer = talks.talk(Said("et menneske"), outcome="handed_off"), new_id()
            talks.note(
                TransferRequested(talk, transfer, department, "caller_asked", MORNING),
                TransferAttempted(transfer, 1, "ada", outcome, MORNING, attempted_for),
                Rated(talk, (5, 5, 2, 4)[number], MORNING),
                WrappedUp(talk, transfer, "ada", "solved", "", ("yes", "no", "yes", "")[number], MORNING),
            )
        other = talks.talk(bot="another")
        for asking, deadline, done, outcome in (
            (talk, hour, hour, "talked"),
            (talk, hour, 2 * hour, "done"),
            (talk, hour, 2 * hour, "given_up"),
            (talk, hour, None, ""),
            (talk, 9 * hour, None, ""),
            (other, 9 * hour, None, ""),
        ):
            asked = CallbackAsked(asking, new_id(), NUMBER, "x", "nb", "desk", None, MORNING + deadline, MORNING)
            talks.note(asked)
            if done is not None:
                assert settle(connection, vault, asked.callback, "ada", outcome, MORNING + done)
    with database.reading() as connection:
        found = handovers(connection, day, day, OSLO, MORNING + 3 * hour, "Lysverket")
        every = handovers(connection, day, day, OSLO, MORNING + 3 * hour)
        earlier = handovers(connection, date(2026, 11, 22), date(2026, 11, 22), OSLO, MORNING)
    assert found.attempts == (
        Attempts("desk", (("busy", 2), ("connected", 1))),
        Attempts("stock", (("busy", 1),)),
    )
    assert dict(found.callbacks) == {"in_time": 1, "late": 1, "given_up": 1, "open": 1, "overdue": 1}
    assert every.callbacks["open"] == 2
    assert (found.marks, found.rated, found.mean_mark) == ((0, 1, 0, 1, 2), 4, 4)
    assert found.briefs == (("yes", 2), ("no", 1))
    assert found.wrap_ups == (("solved", 4),)
    assert "ada" not in repr(found)
    assert (earlier.attempts, earlier.rated, earlier.mean_mark, sum(earlier.callbacks.values())) == ((), 0, None, 0)
