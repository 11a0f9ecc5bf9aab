"""The network's HTTP side against a bot that is a function."""

from collections.abc import Callable

import httpx
import pytest

from telephony.simulator.options import Mischief, Network
from telephony.simulator.post import CALL, Letter
from telephony.simulator.signature import sign_request
from telephony.simulator.webhooks import Timeouts, WebhookFailed, Webhooks, reachable

NETWORK = Network("AC1", "token", "https://bot.example.com", "http://127.0.0.1:8080")
VOICE = "https://bot.example.com/twilio/voice"
FIELDS = (("CallSid", "CA1"), ("FromCity", "Tromsø"), ("CallerCity", ""), ("From", "+4799999999"))
XML = {"content-type": "text/xml; charset=utf-8"}


def asked(answer: Callable[[httpx.Request], httpx.Response], mischief: Mischief | None = None) -> Webhooks:
    client = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    return Webhooks(client, NETWORK, mischief or Mischief())


async def test_the_public_address_is_signed_and_the_local_one_is_reached():
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, text="<Response/>", headers=XML)

    got = await asked(answer).document(VOICE, "POST", FIELDS)
    assert got.text == "<Response/>" and got.url == VOICE
    assert str(seen[0].url) == "http://127.0.0.1:8080/twilio/voice"
    assert seen[0].headers["host"] == "bot.example.com"
    assert seen[0].headers["x-twilio-signature"] == sign_request("token", VOICE, FIELDS)
    assert b"FromCity=Troms%C3%B8&CallerCity=&From=%2B4799999999" in seen[0].content


async def test_get_puts_the_fields_into_the_signed_address():
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, text="<Response/>", headers=XML)

    await asked(answer).document(VOICE, "GET", (("A", "1"),))
    assert seen[0].headers["x-twilio-signature"] == sign_request("token", VOICE + "?A=1")
    assert seen[0].url.query == b"A=1" and seen[0].content == b""


async def test_a_bot_that_cannot_be_reached_is_asked_again_with_the_same_token():
    tokens: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        tokens.append(request.headers["i-twilio-idempotency-token"])
        if len(tokens) == 1:
            raise httpx.ConnectError("refused")
        return httpx.Response(200, text="<Response/>", headers=XML)

    webhooks = asked(answer)
    await webhooks.document(VOICE, "POST", FIELDS)
    assert len(tokens) == 2 and tokens[0] == tokens[1]
    assert [delivery.status for delivery in webhooks.deliveries] == [None, 200]


async def test_a_webhook_delivered_twice_carries_one_token_and_the_second_answer_counts():
    tokens: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        tokens.append(request.headers["i-twilio-idempotency-token"])
        return httpx.Response(200, text=f"<Response><!--{len(tokens)}--></Response>", headers=XML)

    got = await asked(answer, Mischief(repeat_webhooks=True)).document(VOICE, "POST", FIELDS)
    assert tokens[0] == tokens[1] and "2" in got.text


@pytest.mark.parametrize(
    ("response", "code"),
    [
        (httpx.Response(500), 11200),
        (httpx.Response(404), 11200),
        (httpx.Response(200, text="{}", headers={"content-type": "application/json"}), 12300),
        (httpx.Response(200, text=" ", headers=XML), 12100),
        (httpx.Response(302, headers={"location": "/twilio/voice"}), 11215),
    ],
)
async def test_answers_that_are_of_no_use(response, code):
    with pytest.raises(WebhookFailed) as failed:
        await asked(lambda request: response).document(VOICE, "POST", FIELDS)
    assert failed.value.code == code


async def test_a_redirect_is_followed_and_signed_anew():
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        if len(seen) == 1:
            return httpx.Response(307, headers={"location": "/elsewhere"})
        return httpx.Response(200, text="<Response/>", headers=XML)

    await asked(answer).document(VOICE, "POST", FIELDS)
    elsewhere = "https://bot.example.com/elsewhere"
    assert seen[1].method == "POST"
    assert seen[1].headers["x-twilio-signature"] == sign_request("token", elsewhere, FIELDS)


async def test_a_slow_answer_is_a_failure_that_is_not_retried():
    calls: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        calls.append(request)
        raise httpx.ReadTimeout("slow")

    with pytest.raises(WebhookFailed) as failed:
        await asked(answer).document(VOICE, "POST", FIELDS)
    assert failed.value.code == 11205 and len(calls) == 1


async def test_the_fragment_says_what_is_retried():
    calls: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        calls.append(request)
        return httpx.Response(503)

    with pytest.raises(WebhookFailed):
        await asked(answer).document(VOICE + "#rc=3&rp=5xx", "POST", FIELDS)
    assert len(calls) == 4
    assert all("#" not in str(call.url) for call in calls)


async def test_a_callback_that_fails_is_a_warning():
    webhooks = asked(lambda request: httpx.Response(500), Mischief(callback_copies=2))
    await webhooks.notify(Letter(CALL, VOICE, FIELDS), "POST")
    assert webhooks.warnings == ["the callback to /twilio/voice failed (11200: the bot answered 500)"] * 2


def test_limits_from_the_fragment():
    limits = Timeouts().overridden("ct=2000&rt=4000&tt=6000&rc=9&rp=ct,5xx")
    assert limits == Timeouts(2.0, 4.0, 6.0, 5, ("ct", "5xx"))
    assert Timeouts().overridden("rc=many&x=1") == Timeouts()


@pytest.mark.parametrize(
    ("mischief", "check"),
    [
        (Mischief(no_signature=True), lambda header: header == {}),
        (Mischief(wrong_token=True), lambda header: header["X-Twilio-Signature"] != sign_request("token", VOICE)),
        (Mischief(sha256=True), lambda header: "HMAC_SHA256" in header["X-Twilio-Webhooks-Signature-Settings"]),
    ],
)
def test_signatures_that_are_wrong_on_purpose(mischief, check):
    assert check(asked(lambda request: httpx.Response(200), mischief).signature(VOICE))


def test_where_addresses_lead():
    assert reachable("wss://bot.example.com/m/t", NETWORK) == ("ws://127.0.0.1:8080/m/t", "bot.example.com")
    assert reachable("https://cdn.example.com/a", NETWORK) == ("https://cdn.example.com/a", "cdn.example.com")
    direct = Network("AC1", "token", "https://bot.example.com")
    assert reachable("wss://bot.example.com/m", direct) == ("wss://bot.example.com/m", "bot.example.com")
    assert Network("AC1", "t", "https://a.example/bot/").url("/twilio/voice") == "https://a.example/bot/twilio/voice"
