"""The operator's settings for proving identity: what does not go together is told before the first caller."""

from pathlib import Path

import pytest

from dialog.identity import IdentityRules
from voicebot.config import ConfigInvalid, load_config
from voicebot.identity.ciba import CibaProvider
from voicebot.identity.codes import CodeBook
from voicebot.identity.opening import open_provider
from voicebot.identity.provider import IdentityProvider
from voicebot.identity.sms import SmsProvider

CIBA = {
    "VOICEBOT_IDENTITY_ISSUER": "https://id.example.com/",
    "VOICEBOT_IDENTITY_CLIENT_ID": "voicebot",
    "VOICEBOT_IDENTITY_CLIENT_SECRET": "s3cret",
    "VOICEBOT_IDENTITY_ACR": "substantial=urn:s,high=urn:h=1",
}


def opened(environ: dict[str, str], way: str, *levels: str) -> IdentityProvider | None:
    config = load_config(environ=environ).identity
    return open_provider(config, IdentityRules(way), frozenset(levels), CodeBook(), lambda language, code: code)


def test_settings_are_read_and_the_secret_is_not_shown() -> None:
    ciba = load_config(environ=CIBA).identity.ciba
    assert ciba is not None
    assert ciba.issuer == "https://id.example.com/", "a slash at its end is part of an issuer"
    assert ciba.acr == {"substantial": "urn:s", "high": "urn:h=1"}
    assert "s3cret" not in repr(ciba)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"VOICEBOT_IDENTITY_ISSUER": ""}, "VOICEBOT_IDENTITY_ISSUER is missing"),
        ({"VOICEBOT_IDENTITY_CLIENT_ID": ""}, "VOICEBOT_IDENTITY_CLIENT_ID is missing"),
        ({"VOICEBOT_IDENTITY_CLIENT_SECRET": ""}, "neither a secret nor a key"),
        ({"VOICEBOT_IDENTITY_PRIVATE_KEY": "x"}, "both a secret and a key"),
        ({"VOICEBOT_IDENTITY_SIGNED": "yes"}, "no key to sign with"),
        ({"VOICEBOT_IDENTITY_ACR": ""}, "identity.acr"),
        ({"VOICEBOT_IDENTITY_ACR": "best=urn:h"}, "low, substantial, high"),
        ({"VOICEBOT_IDENTITY_ISSUER": "http://id.example.com"}, "https"),
        ({"VOICEBOT_IDENTITY_LOGIN_HINT": "tel"}, "{number}"),
        ({"VOICEBOT_IDENTITY_SENDER": "21000000"}, "+4721000000"),
    ],
)
def test_what_does_not_go_together_is_told_with_its_cure(change: dict[str, str], says: str) -> None:
    with pytest.raises(ConfigInvalid) as refused:
        load_config(environ=CIBA | change)
    assert says in str(refused.value)
    assert "s3cret" not in str(refused.value)


def test_a_key_may_stand_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    file.write_text("-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----\n")
    file.chmod(0o600)
    environ = CIBA | {"VOICEBOT_IDENTITY_CLIENT_SECRET": "", "VOICEBOT_IDENTITY_PRIVATE_KEY_FILE": str(file)}
    ciba = load_config(environ=environ).identity.ciba
    assert ciba is not None
    assert ciba.private_key is not None
    assert "\nabc\n" in ciba.private_key
    with pytest.raises(ConfigInvalid, match="no private key"):
        opened(environ, "ciba", "high")


async def test_a_house_opens_what_its_bot_wants() -> None:
    assert opened({}, "sms") is None, "no flow requires it"
    assert isinstance(opened({}, "sms", "low"), SmsProvider)
    assert opened({"VOICEBOT_IDENTITY": "false"}, "sms", "low") is None
    ciba = opened(CIBA, "ciba", "low", "high")
    assert isinstance(ciba, CibaProvider)
    assert ciba.name == "id.example.com"
    await ciba.close()


def test_a_bot_that_wants_what_is_not_configured_does_not_start() -> None:
    with pytest.raises(ConfigInvalid, match="VOICEBOT_IDENTITY_ISSUER"):
        opened({}, "ciba", "low")
    with pytest.raises(ConfigInvalid, match=r"high=\.\.\."):
        opened(CIBA | {"VOICEBOT_IDENTITY_ACR": "low=urn:l"}, "ciba", "low", "high")
