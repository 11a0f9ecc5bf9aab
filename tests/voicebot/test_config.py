"""One file and the environment, read once, every fault named."""

from pathlib import Path

import pytest

from voicebot.config import ConfigInvalid, current_values, load_config
from voicebot.config_settings import SETTINGS

ACCOUNT = "AC" + "0" * 32


def written(folder: Path, text: str) -> Path:
    path = folder / "voicebot.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_without_anything_every_default_holds() -> None:
    config = load_config(environ={})
    assert config.twilio is None
    assert (config.server.host, config.server.port) == ("127.0.0.1", 8080)
    assert "~" not in str(config.models.folder)


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, "server: {port: 9000, host: 0.0.0.0}\n")
    config = load_config(path, {"VOICEBOT_PORT": "9100"})
    assert (config.server.host, config.server.port) == ("0.0.0.0", 9100)


def test_the_file_may_be_named_in_the_environment(tmp_path: Path) -> None:
    path = written(tmp_path, "limits: {max_calls: 7}\n")
    assert load_config(environ={"VOICEBOT_CONFIG": str(path)}).limits.max_calls == 7


def test_twilio_comes_from_the_environment_with_both_tokens_while_rotating() -> None:
    environ = {"TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": "a", "TWILIO_AUTH_TOKEN_NEXT": "b"}
    twilio = load_config(environ=environ).twilio
    assert twilio is not None
    assert twilio.auth_tokens == ("a", "b")


def test_all_faults_are_named_at_once_with_key_place_and_value(tmp_path: Path) -> None:
    path = written(tmp_path, "server:\n  port: many\n  hots: x\nlimits:\n  call_seconds: 3\n")
    with pytest.raises(ConfigInvalid) as caught:
        load_config(path, {"PUBLIC_URL": "bot.example.com"})
    text = str(caught.value)
    assert f"{path}:2: server.port = 'many' must be a whole number" in text
    assert f"{path}:3: unknown key server.hots -> did you mean server.host?" in text
    assert f"{path}:5: limits.call_seconds = 3 must be between 10 and 14400 seconds" in text
    assert "environment variable PUBLIC_URL: server.public_url = 'bot.example.com' must look like" in text


def test_a_secret_is_refused_in_the_file_and_never_shown(tmp_path: Path) -> None:
    path = written(tmp_path, "twilio: {auth_token: hush-hush}\n")
    with pytest.raises(ConfigInvalid) as caught:
        load_config(path, {"TWILIO_ACCOUNT_SID": "not-an-account"})
    assert "hush-hush" not in str(caught.value)
    assert "twilio.auth_token is a secret -> set TWILIO_AUTH_TOKEN" in str(caught.value)


def test_every_secret_may_stand_in_a_file_and_one_that_others_can_read_is_pointed_at(tmp_path: Path) -> None:
    token, key = tmp_path / "token", tmp_path / "key"
    token.write_text("hush-hush\n", encoding="utf-8")
    token.chmod(0o600)
    key.write_text("more-hush", encoding="utf-8")
    key.chmod(0o644)
    config = load_config(
        environ={
            "TWILIO_ACCOUNT_SID": ACCOUNT,
            "TWILIO_AUTH_TOKEN_FILE": str(token),
            "TWILIO_API_KEY_SID": "SK1",
            "TWILIO_API_KEY_SECRET_FILE": str(key),
        }
    )
    assert config.twilio is not None
    assert (config.twilio.auth_tokens, config.twilio.api_key_secret) == (("hush-hush",), "more-hush")
    assert config.warnings == (
        f"{key} (TWILIO_API_KEY_SECRET_FILE) can be opened by others than its owner -> chmod 600 {key}",
    )


@pytest.mark.parametrize(
    ("content", "also", "named"),
    [
        (b"", {}, "is empty for a secret"),
        (b"x" * 70_000, {}, "is too long for a secret"),
        (b"\xff\xfe", {}, "is not text in UTF-8"),
        (None, {}, "cannot be read"),
        (b"hush", {"TWILIO_AUTH_TOKEN": "hush"}, "are both set -> unset one"),
    ],
)
def test_a_secret_file_that_cannot_be_used_says_why_without_its_content(
    tmp_path: Path, content: bytes | None, also: dict[str, str], named: str
) -> None:
    path = tmp_path / "token"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigInvalid, match=named) as caught:
        load_config(environ={"TWILIO_AUTH_TOKEN_FILE": str(path), **also})
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({"TWILIO_ACCOUNT_SID": ACCOUNT}, "TWILIO_AUTH_TOKEN is not set"),
        ({"TWILIO_AUTH_TOKEN": "t"}, "TWILIO_ACCOUNT_SID is not set"),
        ({"TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": "t", "TWILIO_REGION": "ie1"}, "region and twilio.edge"),
        ({"TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": "t", "TWILIO_API_KEY_SID": "SK1"}, "go together"),
    ],
)
def test_settings_that_need_each_other_say_so(environ: dict[str, str], named: str) -> None:
    with pytest.raises(ConfigInvalid, match=named):
        load_config(environ=environ)


@pytest.mark.parametrize(
    ("text", "named"),
    [("server: [", "is not valid YAML"), ("- a\n", "must be a mapping"), ("server: 3\n", "server must be a mapping")],
)
def test_a_broken_file_is_named_with_its_line(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(ConfigInvalid, match=named):
        load_config(written(tmp_path, text), {})


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid, match="cannot be read"):
        load_config(tmp_path / "nowhere.yaml", {})


def test_models_per_language_read_alike_from_file_and_environment(tmp_path: Path) -> None:
    path = written(tmp_path, "speech:\n  whisper: {nb: whisper-nb-small}\n  beams: {en: 1}\n")
    config = load_config(path, {"VOICEBOT_VOICES": "nb=piper-nb-talesyntese, en=piper-en-joe"})
    assert config.speech.whisper == {"nb": "whisper-nb-small"}
    assert config.speech.beams == {"en": 1}
    assert config.speech.voices == {"nb": "piper-nb-talesyntese", "en": "piper-en-joe"}


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("VOICEBOT_COUNTRIES", "47", "must look like +47"),
        ("VOICEBOT_COUNTRIES", "+47,norway", "must look like +47"),
        ("VOICEBOT_TRUSTED_PROXIES", "proxy.example", "must be an IP address, or a network"),
        ("VOICEBOT_CALLS_PER_MINUTE", "-1", "must be between 0 and"),
    ],
)
def test_limits_that_cannot_be_meant_are_told(name: str, value: str, told: str) -> None:
    with pytest.raises(ConfigInvalid) as refused:
        load_config(environ={name: value})
    assert told in str(refused.value)


def test_lists_read_alike_from_file_and_environment_and_none_is_an_empty_one(tmp_path: Path) -> None:
    path = written(tmp_path, 'limits: {countries: ["+47", "+4479"]}\nserver: {trusted_proxies: none}\n')
    config = load_config(path, {})
    assert (config.limits.countries, config.server.trusted_proxies) == (("+47", "+4479"), ())
    assert load_config(environ={"VOICEBOT_TRUSTED_PROXIES": "10.0.0.0/8, ::1"}).server.trusted_proxies == (
        "10.0.0.0/8",
        "::1",
    )


def test_every_setting_has_a_key_a_variable_and_a_line_for_people() -> None:
    assert len({setting.env for setting in SETTINGS}) == len(SETTINGS) == len({setting.key for setting in SETTINGS})
    assert all(setting.what for setting in SETTINGS)
    assert set(current_values(environ={})) == {setting.key for setting in SETTINGS}
