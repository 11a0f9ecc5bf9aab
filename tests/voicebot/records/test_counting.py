"""The analyst's figures, on both databases."""

import statistics
from collections import Counter
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from tests.voicebot.records.talks import UNKNOWN, Said, Talks, small_bot
from voicebot.records.counting import _median, bots_of, figures
from voicebot.records.database import Database
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
