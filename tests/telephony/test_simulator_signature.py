"""Our own signing against the published vectors and against the SDK that checks signatures."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from telephony.simulator.signature import feed_token, sign_request, signed_url

FORM = {
    "CallSid": "CA1234567890ABCDE",
    "Caller": "+14158675310",
    "Digits": "1234",
    "From": "+14158675310",
    "To": "+18005551212",
}


def test_the_published_vector():
    url = "https://example.com/myapp.php?foo=1&bar=2"
    assert sign_request("12345", url, FORM.items()) == "L/OH5YylLD5NRKLltdqwSvS0BnU="


@pytest.mark.parametrize(
    ("url", "signed"),
    [
        ("https://u:p@example.com:8443/a?b=1#rc=2", "https://example.com/a?b=1"),
        ("http://example.com:8080/a", "http://example.com:8080/a"),
        ("wss://example.com:443/media/x", "wss://example.com/media/x"),
        ("https://[::1]:8443/a", "https://[::1]/a"),
        ("https://[::1]/a", "https://[::1]/a"),
    ],
)
def test_what_is_signed_of_an_address(url, signed):
    assert signed_url(url) == signed


values = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


@given(st.lists(st.tuples(st.text("abAB", min_size=1, max_size=3), values), unique_by=lambda pair: pair[0]))
def test_the_sdk_accepts_what_we_sign(fields):
    url = "https://bot.example.com/twilio/voice"
    signature = sign_request("secret", url, fields)
    assert RequestValidator("secret").validate(url, dict(fields), signature)
    assert not RequestValidator("other").validate(url, dict(fields), signature)


def test_the_feeds_token_depends_on_the_call():
    assert feed_token("secret", "CA1") != feed_token("secret", "CA2") != feed_token("other", "CA2")
    assert len(feed_token("secret", "CA1")) == 64
