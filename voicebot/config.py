"""The whole configuration, read once from one file and the environment.

Every setting is one row of `SETTINGS`: its key in the file, its environment variable, how it is read, and its default.
The environment wins over the file. All faults are reported together, each with its key, its place and the cure; the
value of a secret is never shown. No other module reads the environment.
"""

import difflib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml


class ConfigInvalid(Exception):
    """The configuration cannot be used; `faults` holds every fault at once."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("the configuration has faults:\n" + "\n".join(f"  {fault}" for fault in faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class ServerConfig:
    """Where the service listens, and how the outside world reaches it."""

    host: str
    port: int
    public_url: str | None


@dataclass(frozen=True, slots=True)
class TwilioConfig:
    """The carrier's account. `auth_tokens` holds the current token and, while rotating, the next one."""

    account_sid: str
    auth_tokens: tuple[str, ...]
    api_key_sid: str | None
    api_key_secret: str | None
    region: str | None
    edge: str | None
    api_url: str | None


@dataclass(frozen=True, slots=True)
class ModelsConfig:
    """Where model files live and come from."""

    folder: Path
    hub: str
    catalogue: Path | None


@dataclass(frozen=True, slots=True)
class SpeechConfig:
    """Which model hears and speaks which language; an empty mapping means the built-in choice."""

    whisper: Mapping[str, str]
    beams: Mapping[str, int]
    voices: Mapping[str, str]
    workers: int
    waiting: int
    cache_folder: Path


@dataclass(frozen=True, slots=True)
class LimitsConfig:
    """How many calls at once; how long each may last, send nothing, or be without a sound; how long a person rings."""

    max_calls: int
    call_seconds: float
    idle_seconds: float
    quiet_seconds: float
    ring_seconds: int


@dataclass(frozen=True, slots=True)
class LogConfig:
    """How the log is written: "json" for machines, "console" for people."""

    level: str
    format: str


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that can be configured; each room gets only its part."""

    server: ServerConfig
    twilio: TwilioConfig | None
    models: ModelsConfig
    speech: SpeechConfig
    limits: LimitsConfig
    log: LogConfig
    browser_enabled: bool


def _text(value: Any) -> str:
    if not isinstance(value, str | int) or isinstance(value, bool) or str(value).strip() == "":
        raise ValueError("must be text")
    return str(value).strip()


def _whole(low: int, high: int) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        try:
            number = int(str(value))
        except ValueError:
            raise ValueError("must be a whole number") from None
        if not low <= number <= high:
            raise ValueError(f"must be between {low} and {high}")
        return number

    return read


def _seconds(low: float, high: float) -> Callable[[Any], float]:
    def read(value: Any) -> float:
        try:
            number = float(str(value))
        except ValueError:
            raise ValueError("must be a number of seconds") from None
        if not low <= number <= high:
            raise ValueError(f"must be between {low:g} and {high:g} seconds")
        return number

    return read


def _one_of(*allowed: str) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if str(value).lower() not in allowed:
            raise ValueError(f"must be one of {', '.join(allowed)}")
        return str(value).lower()

    return read


def _flag(value: Any) -> bool:
    words = {
        "true": True,
        "yes": True,
        "on": True,
        "1": True,
        "false": False,
        "no": False,
        "off": False,
        "0": False,
    }
    if str(value).lower() not in words:
        raise ValueError("must be true or false")
    return words[str(value).lower()]


def _folder(value: Any) -> Path:
    return Path(_text(value)).expanduser()


def _web_address(value: Any) -> str:
    address = _text(value).rstrip("/")
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise ValueError("must look like https://bot.example.com, without a query")
    return address


def _account_sid(value: Any) -> str:
    sid = _text(value)
    if not sid.startswith("AC") or not sid.isalnum():
        raise ValueError("must be AC followed by letters and digits, as the Twilio console shows it")
    return sid


def _per_language(read: Callable[[Any], Any]) -> Callable[[Any], dict[str, Any]]:
    """A mapping in the file (`nb: x`), or `nb=x,en=y` in the environment."""

    def read_all(value: Any) -> dict[str, Any]:
        if isinstance(value, str):
            pairs = [pair.partition("=") for pair in value.split(",") if pair.strip()]
            if any(not sign for _, sign, _ in pairs):
                raise ValueError("must look like nb=...,en=...")
            value = {key.strip(): text.strip() for key, _, text in pairs}
        if not isinstance(value, dict):
            raise ValueError("must be a mapping from language to value")
        return {str(language): read(one) for language, one in value.items()}

    return read_all


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the configuration.

    Args:
        key: dotted key in the file; empty for what may only come from the environment.
        env: environment variable.
        read: turns the raw value into the typed one; raises ValueError with what it must be.
        default: value when neither is given.
        what: one line for people; `voicebot config` prints it.
        secret: never shown, and refused in the file.
    """

    key: str
    env: str
    read: Callable[[Any], Any]
    default: Any
    what: str
    secret: bool = False


_CACHE = Path("~/.cache/voicebot")

SETTINGS: tuple[Setting, ...] = (
    Setting("server.host", "VOICEBOT_HOST", _text, "127.0.0.1", "address to listen on; 0.0.0.0 in a container"),
    Setting("server.port", "VOICEBOT_PORT", _whole(0, 65535), 8080, "port to listen on; 0 takes a free one"),
    Setting("server.public_url", "PUBLIC_URL", _web_address, None, "how Twilio and browsers reach this service"),
    Setting("twilio.account_sid", "TWILIO_ACCOUNT_SID", _account_sid, None, "the account's id, AC..."),
    Setting("twilio.auth_token", "TWILIO_AUTH_TOKEN", _text, None, "signs Twilio's requests", secret=True),
    Setting(
        "twilio.auth_token_next",
        "TWILIO_AUTH_TOKEN_NEXT",
        _text,
        None,
        "accepted too, while rotating",
        secret=True,
    ),
    Setting("twilio.api_key_sid", "TWILIO_API_KEY_SID", _text, None, "API key for our own requests, SK..."),
    Setting("twilio.api_key_secret", "TWILIO_API_KEY_SECRET", _text, None, "its secret", secret=True),
    Setting("twilio.region", "TWILIO_REGION", _text, None, "ie1 keeps calls in the EU; needs edge too"),
    Setting("twilio.edge", "TWILIO_EDGE", _text, None, "dublin, with region ie1"),
    Setting("twilio.api_url", "TWILIO_API_URL", _web_address, None, "another address for Twilio's REST API"),
    Setting("models.folder", "VOICEBOT_MODELS_FOLDER", _folder, _CACHE / "models", "where model files are kept"),
    Setting("models.hub", "VOICEBOT_HUB", _web_address, "https://huggingface.co", "the model hub"),
    Setting("models.catalogue", "VOICEBOT_CATALOGUE", _folder, None, "a YAML file with models of your own"),
    Setting("speech.whisper", "VOICEBOT_WHISPER", _per_language(_text), {}, "model that hears each language"),
    Setting("speech.beams", "VOICEBOT_BEAMS", _per_language(_whole(1, 10)), {}, "beam width per language"),
    Setting("speech.voices", "VOICEBOT_VOICES", _per_language(_text), {}, "model that speaks each language"),
    Setting("speech.workers", "VOICEBOT_WORKERS", _whole(1, 64), 2, "utterances transcribed at the same time"),
    Setting("speech.waiting", "VOICEBOT_WAITING", _whole(0, 256), 8, "utterances that may wait for a worker"),
    Setting(
        "speech.cache_folder",
        "VOICEBOT_CACHE_FOLDER",
        _folder,
        _CACHE,
        "phrase cache and other derived files",
    ),
    Setting("limits.max_calls", "VOICEBOT_MAX_CALLS", _whole(0, 10_000), 12, "calls at once; more are passed on"),
    Setting("limits.call_seconds", "VOICEBOT_CALL_SECONDS", _seconds(10, 14_400), 900.0, "hard cap per call"),
    Setting(
        "limits.idle_seconds",
        "VOICEBOT_IDLE_SECONDS",
        _seconds(5, 3_600),
        60.0,
        "a line without audio is ended",
    ),
    Setting(
        "limits.quiet_seconds", "VOICEBOT_QUIET_SECONDS", _seconds(10, 3_600), 180.0, "a call without a sound ends"
    ),
    Setting("limits.ring_seconds", "VOICEBOT_RING_SECONDS", _whole(5, 600), 20, "how long a person's phone rings"),
    Setting("log.level", "VOICEBOT_LOG_LEVEL", _one_of("debug", "info", "warning", "error"), "info", "least level"),
    Setting("log.format", "VOICEBOT_LOG_FORMAT", _one_of("json", "console"), "console", "json for machines"),
    Setting("browser.enabled", "VOICEBOT_BROWSER", _flag, True, "the page /try"),
)


def load_config(path: Path | None = None, environ: Mapping[str, str] | None = None) -> Config:
    """Read the configuration.

    Args:
        path: the file; None takes the file named by `VOICEBOT_CONFIG`, or no file at all.
        environ: the environment; None takes the process's own.
    Raises:
        ConfigInvalid: with every fault at once.
    """
    faults: list[str] = []
    config = _assemble(_read(path, environ, faults), faults)
    if faults or config is None:
        raise ConfigInvalid(tuple(faults))
    return config


def current_values(path: Path | None = None, environ: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Every setting's value by key, secrets included: for showing, with the secrets hidden.

    Raises:
        ConfigInvalid: with every fault at once.
    """
    faults: list[str] = []
    values = _read(path, environ, faults)
    if faults:
        raise ConfigInvalid(tuple(faults))
    return values


def _read(path: Path | None, environ: Mapping[str, str] | None, faults: list[str]) -> dict[str, Any]:
    env = os.environ if environ is None else environ
    if path is None and env.get("VOICEBOT_CONFIG"):
        path = Path(env["VOICEBOT_CONFIG"])
    from_file = {} if path is None else _read_file(path, faults)
    return {setting.key: _value(setting, from_file, env, faults) for setting in SETTINGS}


def _value(setting: Setting, from_file: dict[str, tuple[Any, str]], env: Mapping[str, str], faults: list[str]) -> Any:
    if env.get(setting.env, "").strip():
        raw, place = env[setting.env], f"environment variable {setting.env}"
    elif setting.key in from_file:
        raw, place = from_file[setting.key]
        if setting.secret:
            faults.append(f"{place}: {setting.key} is a secret -> set {setting.env} in the environment instead")
            return None
    else:
        default = setting.default
        return default.expanduser() if isinstance(default, Path) else default
    try:
        return setting.read(raw)
    except ValueError as error:
        shown = "(hidden)" if setting.secret else repr(raw)
        faults.append(f"{place}: {setting.key} = {shown} {error} ({setting.what})")
        return setting.default


def _read_file(path: Path, faults: list[str]) -> dict[str, tuple[Any, str]]:
    """The file's values by dotted key, each with the place it stands at."""
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except OSError as error:
        faults.append(f"{path}: cannot be read ({error.strerror}) -> give another file with --config")
        return {}
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        faults.append(f"{path}{line}: is not valid YAML ({getattr(error, 'problem', 'not UTF-8')}) -> mend this line")
        return {}
    if root is None:
        return {}
    known = {setting.key for setting in SETTINGS}
    found: dict[str, tuple[Any, str]] = {}
    _flatten(root, "", path, known, found, faults)
    return found


def _flatten(
    node: yaml.Node,
    prefix: str,
    path: Path,
    known: set[str],
    found: dict[str, tuple[Any, str]],
    faults: list[str],
) -> None:
    place = f"{path}:{node.start_mark.line + 1}"
    if prefix in known:
        found[prefix] = (yaml.SafeLoader("").construct_object(node, deep=True), place)
        return
    if not isinstance(node, yaml.MappingNode):
        faults.append(f"{place}: {prefix or 'the file'} must be a mapping of keys")
        return
    for key_node, value_node in node.value:
        key = f"{prefix}.{key_node.value}" if prefix else str(key_node.value)
        if key in known or any(name.startswith(f"{key}.") for name in known):
            _flatten(value_node, key, path, known, found, faults)
        else:
            near = difflib.get_close_matches(key, known, n=1)
            hint = f"did you mean {near[0]}?" if near else "`voicebot config` lists every key"
            faults.append(f"{path}:{key_node.start_mark.line + 1}: unknown key {key} -> {hint}")


def _assemble(values: dict[str, Any], faults: list[str]) -> Config | None:
    twilio = _twilio(values, faults)
    if faults:
        return None
    return Config(
        server=ServerConfig(values["server.host"], values["server.port"], values["server.public_url"]),
        twilio=twilio,
        models=ModelsConfig(values["models.folder"], values["models.hub"], values["models.catalogue"]),
        speech=SpeechConfig(
            values["speech.whisper"],
            values["speech.beams"],
            values["speech.voices"],
            values["speech.workers"],
            values["speech.waiting"],
            values["speech.cache_folder"],
        ),
        limits=LimitsConfig(
            values["limits.max_calls"],
            values["limits.call_seconds"],
            values["limits.idle_seconds"],
            values["limits.quiet_seconds"],
            values["limits.ring_seconds"],
        ),
        log=LogConfig(values["log.level"], values["log.format"]),
        browser_enabled=values["browser.enabled"],
    )


def _twilio(values: dict[str, Any], faults: list[str]) -> TwilioConfig | None:
    account, token = values["twilio.account_sid"], values["twilio.auth_token"]
    if account is None and token is None:
        return None
    if account is None or token is None:
        missing = "TWILIO_ACCOUNT_SID" if account is None else "TWILIO_AUTH_TOKEN"
        faults.append(f"{missing} is not set -> set both TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN, or neither")
    if (values["twilio.region"] is None) != (values["twilio.edge"] is None):
        faults.append("twilio.region and twilio.edge go together -> for the EU: TWILIO_REGION=ie1 TWILIO_EDGE=dublin")
    if (values["twilio.api_key_sid"] is None) != (values["twilio.api_key_secret"] is None):
        faults.append("TWILIO_API_KEY_SID and TWILIO_API_KEY_SECRET go together -> set both or neither")
    if faults:
        return None
    tokens = tuple(token for token in (values["twilio.auth_token"], values["twilio.auth_token_next"]) if token)
    return TwilioConfig(
        account_sid=account,
        auth_tokens=tokens,
        api_key_sid=values["twilio.api_key_sid"],
        api_key_secret=values["twilio.api_key_secret"],
        region=values["twilio.region"],
        edge=values["twilio.edge"],
        api_url=values["twilio.api_url"],
    )
