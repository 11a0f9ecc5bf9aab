"""What an operator sees: health, numbers, and clear words on the command line when something is wrong."""

import logging
import shutil
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from tests.serving import NORDLYS, serving, test_config
from voicebot.app import NOT_CONNECTED, build_app
from voicebot.cli import main
from voicebot.house import open_house


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level


@pytest.fixture
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "PUBLIC_URL", "VOICEBOT_CONFIG"):
        monkeypatch.delenv(name, raising=False)


async def test_health_says_alive_at_once_and_ready_only_when_it_is(tmp_path: Path) -> None:
    config = test_config()
    config = replace(config, models=replace(config.models, folder=tmp_path / "empty"))
    async with serving(config, wait=False) as service, httpx.AsyncClient(base_url=service.base_url) as client:
        assert (await client.get("/healthz")).json() == {"status": "ok", "calls": 0}
        assert not await service.house.wait_ready()
        ready = await client.get("/readyz")
        assert ready.status_code == 503
        assert ready.json()["status"] == "not_ready"
        assert "voicebot models fetch" in ready.json()["trouble"]
        metrics = (await client.get("/metrics")).text
        assert "voicebot_ready 0.0" in metrics
        assert "voicebot_tasks" in metrics
        home = await client.get("/")
        assert (home.status_code, home.headers["location"]) == (307, "try")


async def test_without_an_account_twilio_is_told_what_is_missing(tmp_path: Path) -> None:
    config = test_config()
    config = replace(config, twilio=None, models=replace(config.models, folder=tmp_path / "empty"))
    async with open_house(config, NORDLYS, keep=False) as house:
        app, line = build_app(config, house)
        assert line is None
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bot") as client:
            answer = await client.post("/twilio/voice", data={"CallSid": "CA1"})
    assert (answer.status_code, answer.text) == (503, NOT_CONNECTED)


@pytest.mark.usefixtures("no_settings")
def test_a_taken_port_is_told_before_anything_is_loaded(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main(["serve", str(NORDLYS), "--port", str(port)]) == 2
    message = capsys.readouterr().err
    assert f"port {port}" in message
    assert "--port" in message


@pytest.mark.usefixtures("no_settings")
def test_an_account_without_an_outside_address_is_told_so(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", "AC" + "0" * 32)
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "token")
    assert main(["serve", str(NORDLYS), "--port", "0"]) == 2
    assert "PUBLIC_URL is not set" in capsys.readouterr().err


@pytest.mark.usefixtures("no_settings")
@pytest.mark.parametrize("command", [["serve", "nowhere", "--port", "0"], ["chat", "nowhere"], ["check", "nowhere"]])
def test_a_bot_folder_that_is_not_there_is_named(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(command) != 0
    printed = capsys.readouterr()
    assert "nowhere" in printed.err + printed.out


@pytest.mark.usefixtures("no_settings")
def test_a_broken_configuration_file_is_named_with_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "voicebot.yaml"
    path.write_text("server:\n  port: [\n", encoding="utf-8")
    assert main(["config", "--config", str(path)]) == 2
    assert f"{path}:" in capsys.readouterr().err


@pytest.mark.usefixtures("no_settings")
def test_the_settings_are_shown_without_secrets(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "hush-hush")
    assert main(["config"]) == 0
    printed = capsys.readouterr().out
    assert "hush-hush" not in printed
    assert "TWILIO_AUTH_TOKEN" in printed


@pytest.mark.usefixtures("no_settings")
def test_a_call_without_an_account_says_what_to_set(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["call", "http://127.0.0.1:9", "--say", "hello"]) == 2
    assert "TWILIO_ACCOUNT_SID" in capsys.readouterr().err


ACCOUNT = {"TWILIO_ACCOUNT_SID": "AC" + "0" * 32, "TWILIO_AUTH_TOKEN": "token"}
SERVE = ["serve", str(NORDLYS), "--port", "0"]


@pytest.mark.usefixtures("no_settings")
@pytest.mark.parametrize(
    ("environ", "command", "told"),
    [
        ({"VOICEBOT_WHISPER": "en=whisper-nope"}, SERVE, ("speech.whisper", "en", "'whisper-nope'", "voicebot models")),
        ({"VOICEBOT_VOICES": "en=piper-en-jo"}, SERVE, ("speech.voices", "did you mean piper-en-joe?")),
        ({"VOICEBOT_VOICES": "en=whisper-base"}, SERVE, ("speech.voices", "'whisper-base' is no piper model")),
        (
            {"VOICEBOT_CACHE_FOLDER": "/dev/null/cache"},
            SERVE,
            ("speech.cache_folder", "/dev/null/cache", "set VOICEBOT"),
        ),
        ({"VOICEBOT_CACHE_FOLDER": "/dev/null/cache"}, ["chat", str(NORDLYS)], ("/dev/null/cache", "set VOICEBOT")),
        ({"VOICEBOT_CATALOGUE": "/dev/null/list.yaml"}, SERVE, ("/dev/null/list.yaml",)),
        ({}, ["serve", str(NORDLYS), "--port", "99999"], ("port 99999", "between 0 and 65535")),
        ({}, [*SERVE, "--host", "192.0.2.1"], ("192.0.2.1", "--host")),
        ({}, ["serve", str(Path(__file__))], ("is a file, not a folder", "->")),
        ({**ACCOUNT, "PUBLIC_URL": "bot.example.com"}, SERVE, ("PUBLIC_URL", "https://bot.example.com")),
    ],
)
def test_what_cannot_be_is_told_at_start_with_its_place_and_cure(
    environ: dict[str, str],
    command: list[str],
    told: tuple[str, ...],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert main(command) == 2
    message = capsys.readouterr().err
    assert [part for part in told if part not in message] == []


def test_a_bots_voice_that_does_not_exist_is_a_fault_of_the_bot(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "nordlys"
    shutil.copytree(NORDLYS, folder)
    settings = folder / "bot.yaml"
    settings.write_text(settings.read_text(encoding="utf-8").replace("piper-en-joe", "piper-en-jo"), encoding="utf-8")
    assert main(["check", str(folder)]) == 1
    assert "did you mean piper-en-joe?" in capsys.readouterr().out
    assert main(["serve", str(folder), "--port", "0"]) == 2
    assert "did you mean piper-en-joe?" in capsys.readouterr().err
