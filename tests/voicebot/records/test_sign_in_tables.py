"""What sign-ins rest on, on both databases: pauses that hold against many at once, codes that are good once."""

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from voicebot.records.database import Database
from voicebot.records.vault import Vault
from voicebot.web.permissions import Role
from voicebot.web.sign_in import accounts, lockout, second_factor, sessions
from voicebot.web.sign_in.sessions import SessionRules, Stage

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
RULES = SessionRules(timedelta(minutes=30), timedelta(hours=10))


@pytest.fixture
def account_id(database: Database, vault: Vault) -> str:
    with database.writing() as connection:
        vault.prepare(connection)
        return accounts.add(connection, "kari", [Role.PRIVACY], "nb", NOON)[0].id


def test_a_hundred_tries_at_once_are_a_hundred_tries(database: Database) -> None:
    def try_once(_: int) -> bool:
        with database.writing() as connection:
            return not lockout.count_try(connection, "k" * 64, lockout.NAME, NOON)

    with ThreadPoolExecutor(8) as guessers:
        let_through = sum(guessers.map(try_once, range(100)))
    assert let_through == lockout.NAME.free


def test_however_tries_are_spread_there_are_few_in_a_day(database: Database) -> None:
    chance, now, let_through = random.Random(7), NOON, 0
    with database.writing() as connection:
        while now < NOON + timedelta(hours=24):
            let_through += not lockout.count_try(connection, "k" * 64, lockout.NAME, now)
            now += timedelta(seconds=chance.choice([1, 20, 300, 1800]))
    assert let_through <= lockout.NAME.free + 7 + 24, "seven growing pauses, then one try an hour"


def test_a_day_without_a_try_begins_anew(database: Database) -> None:
    with database.writing() as connection:
        for _ in range(6):
            lockout.count_try(connection, "k" * 64, lockout.NAME, NOON)
        later = NOON + lockout.FORGOTTEN + timedelta(seconds=1)
        waits = [lockout.count_try(connection, "k" * 64, lockout.NAME, later) for _ in range(5)]
    assert waits == [timedelta(0)] * 5


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("203.0.113.9", "203.0.113.10", False),
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("", "testclient", False),
    ],
)
def test_an_ipv6_customer_counts_as_one_address(
    database: Database, vault: Vault, account_id: str, one: str, other: str, same: bool
) -> None:
    with database.reading() as connection:
        keys = {lockout.address_key(connection, vault, address) for address in (one, other)}
    assert len(keys) == (1 if same else 2)


def test_a_code_opens_once_however_many_bring_it_at_once(database: Database, vault: Vault, account_id: str) -> None:
    secret = second_factor.new_secret()
    with database.writing() as connection:
        recovery = second_factor.enrol(connection, vault, account_id, secret, 0)

    def bring(code: str) -> bool:
        with database.writing() as connection:
            return second_factor.accept(connection, vault, account_id, code, NOON)

    with ThreadPoolExecutor(4) as thieves:
        for code in (pyotp.TOTP(secret).at(NOON), recovery[0]):
            assert sum(thieves.map(bring, [code] * 8)) == 1
    with database.reading() as connection:
        assert second_factor.recovery_left(connection, account_id) == 9


@pytest.mark.parametrize("offset", range(-3, 4))
def test_a_code_is_good_for_a_step_to_either_side(offset: int) -> None:
    secret = second_factor.new_secret()
    code = pyotp.TOTP(secret).at(NOON + timedelta(seconds=30 * offset))
    assert (second_factor.step_of(secret, code, NOON) is not None) == (abs(offset) <= 1)


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "１２３４５６", "\x00" * 6])
def test_what_is_no_code_is_no_code(typed: str) -> None:
    assert second_factor.step_of(second_factor.new_secret(), typed, NOON) is None


def test_sessions_are_found_listed_ended_and_cleared(database: Database, account_id: str) -> None:
    with database.writing() as connection:
        tokens = [sessions.begin(connection, account_id, Stage.FULL, f"d{n}", RULES, NOON) for n in range(3)]
        assert sessions.look_up(connection, "x" * 43, RULES, NOON) is None
        first = sessions.look_up(connection, tokens[0], RULES, NOON)
        assert first is not None
        assert [row.device for row in sessions.listed(connection, account_id, RULES, NOON)] != []
        assert sessions.end_one(connection, "0" * 32, first[0].id) is False, "another's session"
        assert sessions.end_one(connection, account_id, first[0].id) is True
        assert sessions.look_up(connection, tokens[0], RULES, NOON) is None
        assert sessions.clear(connection, RULES, NOON + timedelta(minutes=31)) == 2
