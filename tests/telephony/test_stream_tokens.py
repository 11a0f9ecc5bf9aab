"""Stream tokens: one use, one call, a short life."""

import pytest

from telephony.errors import NotAuthentic
from telephony.twilio.stream_tokens import StreamPass, StreamTokens


class Clock:
    """Time that moves when told to."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def tokens(clock):
    return StreamTokens(60.0, clock, capacity=3)


def test_a_token_lets_one_stream_of_its_call_in(tokens):
    token = tokens.issue("CA1", "reconnect")
    assert tokens.redeem(token) == StreamPass("CA1", "reconnect")
    with pytest.raises(NotAuthentic):
        tokens.redeem(token)


def test_256_bits_that_fit_into_a_path(tokens):
    token = tokens.issue("CA1")
    assert len(token) == 43 and set(token) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")


def test_a_repeated_webhook_gets_the_unused_token_again_with_a_new_life(tokens, clock):
    token = tokens.issue("CA1")
    clock.now += 50
    assert tokens.issue("CA1") == token
    clock.now += 50
    assert tokens.redeem(token).call_sid == "CA1"
    assert tokens.issue("CA1") != token


def test_a_token_expires(tokens, clock):
    token = tokens.issue("CA1")
    clock.now += 60
    with pytest.raises(NotAuthentic):
        tokens.redeem(token)
    assert tokens.issue("CA1") != token


@pytest.mark.parametrize("guess", ["", "x", "ø" * 43, "A" * 43])
def test_a_guess_is_refused_and_costs_nothing(tokens, guess):
    token = tokens.issue("CA1")
    with pytest.raises(NotAuthentic):
        tokens.redeem(guess)
    assert tokens.redeem(token)


def test_calls_have_different_tokens_and_revoking_takes_one_calls(tokens):
    one, other = tokens.issue("CA1"), tokens.issue("CA2")
    assert one != other != tokens.issue("CA1", "reconnect")
    tokens.revoke("CA1")
    with pytest.raises(NotAuthentic):
        tokens.redeem(one)
    assert tokens.redeem(other).call_sid == "CA2"


def test_the_oldest_goes_when_too_many_are_out(tokens):
    first, *rest = [tokens.issue(f"CA{number}") for number in range(4)]
    with pytest.raises(NotAuthentic):
        tokens.redeem(first)
    assert [tokens.redeem(token).call_sid for token in rest] == ["CA1", "CA2", "CA3"]
