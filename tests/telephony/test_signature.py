"""Twilio's published signature vectors, and every way in which a signature can be wrong."""

import pytest
from starlette.datastructures import FormData, Headers

from telephony.errors import NotAuthentic
from telephony.twilio.signature import Signatures
from tests.telephony.twilio_house import sign

# https://www.twilio.com/docs/usage/security
PUBLISHED_TOKEN = "12345"
PUBLISHED_HOST = "https://example.com"
PUBLISHED_TARGET = "/myapp.php?foo=1&bar=2"
PUBLISHED_FORM = [
    ("CallSid", "CA1234567890ABCDE"),
    ("Caller", "+14158675310"),
    ("Digits", "1234"),
    ("From", "+14158675310"),
    ("To", "+18005551212"),
]
PUBLISHED_SIGNATURE = "L/OH5YylLD5NRKLltdqwSvS0BnU="
PUBLISHED_BODY = '{"CallSid":"CA1234567890ABCDE","Caller":"+12349013030"}'
PUBLISHED_HASH = "5ccde7145dfb8f56479710896586cb9d5911809d83afbe34627818790db0aec9"

TOKEN, HOST = "current", "https://bot.example.com"


def headers(signature: str | None, settings: str | None = None) -> Headers:
    given = {"x-twilio-signature": signature, "x-twilio-webhooks-signature-settings": settings}
    return Headers({name: value for name, value in given.items() if value is not None})


def checks(*tokens: str, host: str = HOST) -> Signatures:
    return Signatures(tokens or (TOKEN,), host)


def refused(check, *args) -> str:
    with pytest.raises(NotAuthentic) as error:
        check(*args)
    return str(error.value)


def test_the_published_form():
    signatures = checks(PUBLISHED_TOKEN, host=PUBLISHED_HOST)
    signatures.check_form(PUBLISHED_TARGET, FormData([*PUBLISHED_FORM]), headers(PUBLISHED_SIGNATURE))
    assert sign(PUBLISHED_TOKEN, PUBLISHED_HOST + PUBLISHED_TARGET, PUBLISHED_FORM) == PUBLISHED_SIGNATURE


def test_the_published_body_hash():
    target = f"/myapp.php?bodySHA256={PUBLISHED_HASH}"
    signature = headers(sign(PUBLISHED_TOKEN, PUBLISHED_HOST + target, []))
    signatures = checks(PUBLISHED_TOKEN, host=PUBLISHED_HOST)
    signatures.check_json(target, PUBLISHED_BODY, signature)
    refused(signatures.check_json, target, PUBLISHED_BODY + " ", signature)


def test_a_json_body_that_nothing_ties_to_the_signature_is_refused():
    signature = headers(sign(TOKEN, HOST + "/x", []))
    assert "bodySHA256" in refused(checks().check_json, "/x", "{}", signature)


@pytest.mark.parametrize(
    "form",
    [
        [],
        [("FromCity", ""), ("CallSid", "CA1")],
        [("ToCity", "Tromsø"), ("Body", "a + b & c = d"), ("Spaces", "  kept  ")],
        [("Media", "b"), ("Media", "a"), ("Media", "b")],
        [("b", "1"), ("B", "2"), ("a", "3")],
    ],
)
def test_blank_repeated_and_odd_fields_are_signed_too(form):
    signature = headers(sign(TOKEN, HOST + "/twilio/voice", form))
    checks().check_form("/twilio/voice", FormData(form), signature)
    refused(checks().check_form, "/twilio/voice", FormData([*form, ("extra", "")]), signature)


def test_a_missing_header_is_refused_and_not_a_fault():
    assert refused(checks().check_form, "/x", FormData([]), headers(None)) == "no signature"
    assert refused(checks().check_handshake, "/x", headers("")) == "no signature"


@pytest.mark.parametrize("signature", ["x", "ø", "=" * 28, "A" * 27 + "=", " "])
def test_a_wrong_signature_is_refused(signature):
    refused(checks().check_form, "/x", FormData([]), Headers(raw=[(b"x-twilio-signature", signature.encode("utf-8"))]))


def test_both_the_current_and_the_next_token_may_sign():
    for token in ("current", "next"):
        signature = headers(sign(token, HOST + "/x", []))
        checks("current", "next").check_form("/x", FormData([]), signature)
    refused(checks("current", "next").check_form, "/x", FormData([]), headers(sign("old", HOST + "/x", [])))


def test_another_path_query_or_host_is_another_signature():
    signature = headers(sign(TOKEN, HOST + "/x?a=1", []))
    checks().check_form("/x?a=1", FormData([]), signature)
    for target in ("/x", "/x?a=2", "/y?a=1", "/x?a=1&b=2"):
        refused(checks().check_form, target, FormData([]), signature)
    refused(checks(host="https://other.example.com").check_form, "/x?a=1", FormData([]), signature)


def test_the_port_may_be_signed_or_not():
    for host in ("https://bot.example.com:443", "https://bot.example.com"):
        checks().check_form("/x", FormData([]), headers(sign(TOKEN, host + "/x", [])))


def test_a_public_address_with_a_path_in_front():
    signature = headers(sign(TOKEN, "https://bot.example.com/bots/1/twilio/voice", []))
    checks(host="https://bot.example.com/bots/1/").check_form("/twilio/voice", FormData([]), signature)


def test_shared_keys_sign_with_sha_256():
    signature = sign(TOKEN, HOST + "/x", [("a", "1")], digest="sha256")
    form = FormData([("a", "1")])
    checks().check_form("/x", form, headers(signature, "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256"))
    refused(checks().check_form, "/x", form, headers(signature))
    refused(checks().check_form, "/x", form, headers(signature, "key=1,algorithm=HMAC_MD5"))


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("port", ["", ":443"])
def test_a_handshake_signs_the_wss_address_with_or_without_a_port_and_a_slash(port, slash):
    url = f"wss://bot.example.com{port}/twilio/media/t{slash}"
    checks().check_handshake("/twilio/media/t", headers(sign(TOKEN, url, [])))


@pytest.mark.parametrize(
    "url",
    [
        "https://bot.example.com/twilio/media/t",
        "ws://bot.example.com/twilio/media/t",
        "wss://bot.example.com/twilio/media/u",
        "wss://evil.example.com/twilio/media/t",
    ],
)
def test_a_handshake_signed_for_another_address_is_refused(url):
    refused(checks().check_handshake, "/twilio/media/t", headers(sign(TOKEN, url, [])))
