"""Secrets are in no text that leaves the process: not of a value, a fault, a page, a number or a line of the log."""

import asyncio
import base64
import socket
import traceback
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import uvicorn

from telephony.errors import CarrierRefused
from telephony.twilio.counters import TwilioCounters
from telephony.twilio.rest import TwilioRest
from tests.logged import kept_log
from tests.serving import NORDLYS, test_config
from voicebot.app import build_app, twilio_settings
from voicebot.cli import main
from voicebot.config import ConfigInvalid, load_config
from voicebot.config_settings import SETTINGS, Setting
from voicebot.house import open_house
from voicebot.server import server_settings

MARK = "hushhushhush"
KEY = base64.b64encode(MARK.encode().ljust(32, b"!")).decode()
FORMS = (MARK, f"postgresql://voicebot:{MARK}@127.0.0.1:1/records", KEY)
OTHERS = {
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_API_KEY_SID": "SK1",
    "VOICEBOT_OIDC_ISSUER": "https://login.example.com",
    "VOICEBOT_OIDC_CLIENT_ID": "voicebot",
    "VOICEBOT_OIDC_ROLES": "boss=admin",
}
SECRETS = [setting for setting in SETTINGS if setting.secret]


def marked(setting: Setting) -> str:
    """A value with the mark in it that this setting takes."""
    for form in FORMS:
        try:
            setting.read(form)
        except ValueError:
            continue
        return form
    return MARK


def everything_secret() -> Mapping[str, str]:
    # Either of the two proves who we are to the provider of identities.
    return OTHERS | {setting.env: marked(setting) for setting in SECRETS if not setting.key.startswith("identity.")}


def told(text: str) -> list[str]:
    """The secrets in a text, in the form they were given or as the database and the vault are given them."""
    return [secret for secret in (MARK, KEY, base64.b64encode(MARK.encode()).decode()) if secret in text]


def test_a_configuration_full_of_secrets_can_be_printed() -> None:
    config = load_config(environ=everything_secret())
    assert config.twilio is not None and config.twilio.auth_tokens == (MARK, MARK)
    assert told(repr(config)) == []


def test_the_list_of_settings_says_only_that_they_are_set(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in everything_secret().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("COLUMNS", "300")
    assert main(["config"]) == 0
    shown = capsys.readouterr().out
    assert told(shown) == []
    assert shown.count("(set, hidden)") == len(SECRETS) - 2


@pytest.mark.parametrize("setting", SECRETS, ids=lambda setting: setting.key)
@pytest.mark.parametrize("place", ["environment", "file", "file of its own"])
def test_a_secret_that_cannot_be_used_is_told_of_without_its_value(
    setting: Setting, place: str, tmp_path: Path
) -> None:
    wrong = f"{MARK} \x00 ://@"
    path = tmp_path / "voicebot.yaml"
    section, _, key = setting.key.partition(".")
    path.write_text(f"{section}: {{{key}: {MARK}}}" if place == "file" else "{}", encoding="utf-8")
    (tmp_path / "secret").write_text(wrong, encoding="utf-8")
    given = {"environment": {setting.env: wrong}, "file of its own": {f"{setting.env}_FILE": str(tmp_path / "secret")}}
    try:
        shown = repr(load_config(path, given.get(place, {})))
    except ConfigInvalid as error:
        shown = "".join(traceback.format_exception(error))
    assert told(shown) == []


async def test_a_house_in_which_everything_fails_gives_none_away(tmp_path: Path) -> None:
    config = load_config(environ={**everything_secret(), "PUBLIC_URL": "https://bot.example.com"})
    assert config.twilio is not None
    nowhere = replace(config.twilio, api_url="http://127.0.0.1:1", api_key_sid=None, api_key_secret=None)
    config = replace(
        test_config(),
        twilio=nowhere,
        web=config.web,
        models=replace(config.models, folder=tmp_path / "none"),
    )
    asked = {"Authorization": f"Bearer {MARK}", "Cookie": f"voicebot-session={MARK}", "X-Twilio-Signature": MARK}
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen(8)
    with kept_log("debug", "json") as log:
        async with open_house(config, NORDLYS, keep=False) as house:
            app, line = build_app(config, house)
            assert line is not None

            @app.get("/breaks/{word}")
            async def breaks(word: str) -> None:
                raise RuntimeError(f"cannot bear {word} with {config.twilio!r}")

            server = uvicorn.Server(server_settings(app, config))
            serving = asyncio.create_task(server.serve(sockets=[listener]))
            base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            async with httpx.AsyncClient(base_url=base_url, headers=asked, trust_env=False) as client:
                answers = [
                    await client.get(f"/breaks/{MARK}"),
                    await client.get("/nowhere", params={"token": MARK}),
                    await client.get(f"/calls/{MARK}/feed"),
                    await client.get("/metrics"),
                    await client.get("/console"),
                    await client.post("/twilio/voice", content=f"AuthToken={MARK}".encode()),
                    await client.delete("/try"),
                ]
            rest = TwilioRest(twilio_settings(config, nowhere, "https://bot.example.com", house), TwilioCounters())
            with pytest.raises(CarrierRefused) as refused:
                await rest.end("CA" + "0" * 32)
            rest.close()
            await line.close("the test is over")
            server.should_exit = True
            await serving
    pages = "".join(f"{answer.headers} {answer.text}" for answer in answers)
    assert answers[0].status_code == 500
    assert "RuntimeError" in log.getvalue(), "the fault is told"
    assert told(log.getvalue() + pages + "".join(traceback.format_exception(refused.value))) == []
