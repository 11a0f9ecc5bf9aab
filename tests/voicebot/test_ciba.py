"""OpenID Connect CIBA against a provider written from the specification, over HTTP, and everything it can do wrong."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, TypeAlias

import pytest
import pytest_asyncio
from joserfc.jwk import ECKey, Key, RSAKey

from telephony.errors import CarrierRefused
from tests.voicebot.ciba_provider import HIGH, SUBSTANTIAL, Person, TestProvider, listening
from voicebot.config import ConfigInvalid
from voicebot.config_identity import CibaConfig
from voicebot.identity.ciba import CibaProvider, login_hint
from voicebot.identity.opening import open_ciba
from voicebot.identity.provider import Approving, Asked, NotProven, Proven

pytestmark = pytest.mark.asyncio(loop_scope="module")

NUMBER = "+4799999999"
Change: TypeAlias = Callable[[dict[str, Any]], None]
ACR = {"substantial": SUBSTANTIAL, "high": HIGH}


async def no_text(text: str) -> None:
    raise CarrierRefused(0, None, "nothing is sent here")


def asked(level: str = "high", number: str | None = NUMBER) -> Asked:
    return Asked("CA1", number, level, "nb", no_text)


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)


class House:
    """A provider, and our side of it."""

    def __init__(self, there: TestProvider, here: CibaProvider, clock: Clock) -> None:
        self.there = there
        self.here = here
        self.clock = clock

    async def prove(self, level: str = "high") -> object:
        """The whole of an attempt; the first thing that ends it."""
        attempt = self.here.attempt(asked(level))
        came = await attempt.begin(False)
        return await attempt.wait() if isinstance(came, Approving) else came


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def there() -> AsyncIterator[TestProvider]:
    async with listening(TestProvider({})) as provider:
        yield provider


@asynccontextmanager
async def house(
    there: TestProvider, pem: str | None = None, key: Key | None = None, signed: bool = False, **more: Any
) -> AsyncIterator[House]:
    there.begin_anew({"voicebot": "s3cret"}, {"voicebot": key} if key else {})
    there.people[NUMBER], there.signed_requests = Person(), signed
    config = CibaConfig(
        there.issuer, "voicebot", None if pem else "s3cret", pem, signed, ACR, "{number}", "openid", None
    )
    here, clock = open_ciba(replace(config, **more)), Clock()
    here.sleep, here.clock = clock.sleep, clock
    try:
        yield House(there, here, clock)
    finally:
        await here.close()


async def test_a_person_who_approves_is_proven_with_subject_and_level(there: TestProvider) -> None:
    async with house(there) as home:
        home.there.people[NUMBER].polls = 2
        attempt = home.here.attempt(asked("substantial"))
        came = await attempt.begin(False)
        assert isinstance(came, Approving)
        sent = home.there.seen[0]
        assert sent["binding_message"] == came.binding, "what the bot says is what the app shows"
        assert sent["login_hint"] == NUMBER
        assert sent["acr_values"] == f"{SUBSTANTIAL} {HIGH}"
        proven = await attempt.wait()
        assert isinstance(proven, Proven)
        assert (proven.identity.level, proven.identity.subject) == ("high", "person-1")
        assert proven.identity.provider == "127.0.0.1"
        assert home.clock.slept == [1.0, 1.0, 1.0], "never asked more often than once a second"


async def test_a_national_identity_number_is_taken_from_a_claim_that_is_named_and_never_shown(
    there: TestProvider,
) -> None:
    async with house(there) as home:
        proven = await home.prove()
        assert isinstance(proven, Proven)
        assert proven.national_id is None
    async with house(there, national_id_claim="nnin") as home:
        proven = await home.prove()
        assert isinstance(proven, Proven)
        assert proven.national_id == "01010150074"
        assert "01010150074" not in repr(proven)


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("kind", ["RSA", "EC"])
async def test_a_client_with_a_key_signs_its_assertions_and_its_request(
    there: TestProvider, kind: str, signed: bool
) -> None:
    key: RSAKey | ECKey = RSAKey.generate_key(2048) if kind == "RSA" else ECKey.generate_key("P-256")
    pem = key.as_pem(private=True).decode()
    async with house(there, pem, key, signed) as home:
        assert isinstance(await home.prove(), Proven)


async def test_a_wrong_secret_proves_nothing(there: TestProvider) -> None:
    async with house(there) as home:
        home.there.clients["voicebot"] = "another"
        assert await home.prove() == NotProven("unavailable")


@pytest.mark.parametrize(
    ("decides", "outcome"),
    [
        ("access_denied", "refused"),
        ("expired_token", "expired"),
        ("transaction_failed", "unavailable"),
        ("invalid_grant", "unavailable"),
        ("something_new", "unavailable"),
    ],
)
async def test_how_a_person_does_not_approve_is_told_apart(there: TestProvider, decides: str, outcome: str) -> None:
    async with house(there) as home:
        home.there.people[NUMBER].decides = decides
        assert await home.prove() == NotProven(outcome)


async def test_an_unknown_person_and_a_hidden_number_are_not_asked(there: TestProvider) -> None:
    async with house(there) as home:
        home.there.people.clear()
        assert await home.prove() == NotProven("unavailable")
        assert await home.here.attempt(asked(number=None)).begin(False) == NotProven("no_number")


async def test_slow_down_adds_five_seconds_for_good(there: TestProvider) -> None:
    async with house(there) as home:
        home.there.mischief.slow_downs = 2
        assert isinstance(await home.prove(), Proven)
        assert home.clock.slept == [1.0, 6.0, 11.0, 11.0]


async def test_nobody_waits_longer_than_the_request_is_valid(there: TestProvider) -> None:
    async with house(there) as home:
        home.there.people[NUMBER].polls = 10_000
        assert await home.prove() == NotProven("expired")
        assert home.clock.now == pytest.approx(120.0)


async def test_a_provider_that_stumbles_is_asked_again_until_the_request_expires(there: TestProvider) -> None:
    async with house(there) as home:
        home.there.mischief.token = [(503, {"error": "x"}), (200, b"<html>"), (200, {"access_token": "only"})]
        assert isinstance(await home.prove(), Proven)
        home.there.mischief.token = [(500, {})] * 1_000
        assert await home.prove() == NotProven("expired")


def _without(name: str) -> Change:
    return lambda claims: claims.pop(name, None)


def _with(**other: Any) -> Change:
    return lambda claims: claims.update(other)


def _later(**seconds: float) -> Change:
    return lambda claims: claims.update({name: time.time() + more for name, more in seconds.items()})


@pytest.mark.parametrize(
    "change",
    [
        _with(iss="https://other.example.com"),
        _with(aud="other"),
        _with(aud=["voicebot", "other"]),
        _with(aud=["voicebot", "other"], azp="other"),
        _with(azp="other"),
        _without("aud"),
        _without("exp"),
        _without("iat"),
        _without("sub"),
        _without("acr"),
        _with(exp=True),
        _with(exp="tomorrow"),
        _with(acr=SUBSTANTIAL),
        _with(acr="urn:test:unknown"),
        _with(sub=""),
        _with(**{"urn:openid:params:jwt:claim:auth_req_id": "another"}),
        _later(exp=-120),
        _later(iat=120),
        _later(iat=-2_000),
        _later(nbf=120),
    ],
)
async def test_an_id_token_with_a_wrong_claim_proves_nothing(there: TestProvider, change: Change) -> None:
    async with house(there) as home:
        home.there.mischief.claims = change
        assert await home.prove() == NotProven("unavailable")


@pytest.mark.parametrize(
    "change",
    [
        _with(aud=["voicebot", "other"], azp="voicebot"),
        _with(aud=["voicebot"]),
        _later(exp=-30),
        _later(iat=30),
    ],
)
async def test_clocks_may_differ_by_a_minute_and_audiences_may_be_several(
    there: TestProvider,
    change: Change,
) -> None:
    async with house(there) as home:
        home.there.mischief.claims = change
        assert isinstance(await home.prove(), Proven)


async def test_an_id_token_that_names_its_request_is_held_to_it(there: TestProvider) -> None:
    async with house(there) as home:
        attempt = home.here.attempt(asked())
        await attempt.begin(False)
        (own,) = home.there.requests
        home.there.mischief.claims = _with(**{"urn:openid:params:jwt:claim:auth_req_id": own})
        assert isinstance(await attempt.wait(), Proven)


@pytest.mark.parametrize("forged", ["other key", "none", "shared secret", "public key as secret"])
async def test_a_signature_of_anybody_else_proves_nothing(there: TestProvider, forged: str) -> None:
    async with house(there) as home:
        mischief = home.there.mischief
        if forged == "other key":
            mischief.sign_with = RSAKey.generate_key(2048)
        elif forged == "none":
            mischief.header = {"alg": "none"}
        elif forged == "shared secret":
            mischief.secret = b"s3cret"
        else:
            # As if the published key were a secret: it must not count for one, whatever the header says.
            mischief.secret = home.there.keys[0].as_pem(private=False)
        assert await home.prove() == NotProven("unavailable")


async def test_a_new_key_is_fetched_when_it_signs_and_not_for_every_forged_token(there: TestProvider) -> None:
    async with house(there) as home:
        moment = time.time()
        home.here.tokens._now = lambda: moment
        assert isinstance(await home.prove(), Proven)
        home.there.rotate()
        assert await home.prove() == NotProven("unavailable"), "just asked for keys"
        moment += 31.0
        assert isinstance(await home.prove(), Proven)


@pytest.mark.parametrize(
    "change",
    [
        _with(issuer="https://other.example.com"),
        _with(token_endpoint="http://other.example.com/token"),
        _with(backchannel_token_delivery_modes_supported=["push"]),
        _without("jwks_uri"),
    ],
)
async def test_a_discovery_document_that_cannot_be_right_is_not_followed(
    there: TestProvider,
    change: Change,
) -> None:
    async with house(there) as home:
        home.there.mischief.discovery = change
        assert await home.prove() == NotProven("unavailable")
        assert home.there.polls == 0


@pytest.mark.parametrize(
    "answer",
    [
        (200, {}),
        (200, {"auth_req_id": "", "expires_in": 9}),
        (200, {"auth_req_id": "a", "expires_in": "soon"}),
        (200, {"auth_req_id": "a", "expires_in": -1}),
        (200, ["a"]),
        (302, {"error": "elsewhere"}),
        (500, {"error": "broken"}),
        (400, {"error": "expired_login_hint_token"}),
        (400, {"error": "x" * 300_000}),
    ],
)
async def test_an_acknowledgement_that_is_none_proves_nothing(there: TestProvider, answer: tuple[int, object]) -> None:
    async with house(there) as home:
        home.there.mischief.begin = answer
        assert await home.prove() == NotProven("unavailable")


async def test_a_provider_that_is_not_there_proves_nothing() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{taken.getsockname()[1]}"
        here = open_ciba(CibaConfig(nobody, "voicebot", "s", None, False, ACR, "{number}", "openid", None))
    assert await here.attempt(asked()).begin(False) == NotProven("unavailable")
    await here.close()


async def test_waiting_before_anything_was_asked_proves_nothing(there: TestProvider) -> None:
    async with house(there) as home:
        attempt = home.here.attempt(asked())
        assert await attempt.wait() == NotProven("expired")
        assert await attempt.code("123456") == NotProven("unavailable")


async def test_a_level_without_a_name_of_the_provider_cannot_be_reached(there: TestProvider) -> None:
    async with house(there, acr={"low": "urn:test:low"}) as home:
        assert await home.prove("high") == NotProven("unavailable")
        assert not home.there.seen


@pytest.mark.parametrize(
    ("form", "hint"),
    [("{number}", NUMBER), ("tel:{digits}", "tel:4799999999"), ("urn:mobile:{national}", "urn:mobile:99999999")],
)
async def test_callers_are_named_as_the_provider_wants_them(form: str, hint: str) -> None:
    assert login_hint(form, NUMBER) == hint


async def test_a_key_that_is_none_is_refused_at_the_start() -> None:
    public = RSAKey.generate_key(2048).as_pem(private=False).decode()
    for pem in ("nonsense", public):
        config = CibaConfig("https://id.example.com", "voicebot", None, pem, False, ACR, "{number}", "openid", None)
        with pytest.raises(ConfigInvalid):
            open_ciba(config)
