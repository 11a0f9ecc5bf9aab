"""The whole configuration, read once from one file, the environment and the files of secrets.

The settings are the rows of `config_settings.SETTINGS`. The environment wins over the file; a secret NAME may also
stand in a file whose path NAME_FILE gives. All faults are reported together, each with its key, its place and the cure;
the value of a secret is never shown. No other module reads the environment.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

from voicebot.config_file import Findings, read_values
from voicebot.config_identity import IdentityConfig, identity_config
from voicebot.config_web import WebConfig, web_config


class ConfigInvalid(Exception):
    """The configuration cannot be used; `faults` holds every fault at once."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("the configuration has faults:\n" + "\n".join(f"  {fault}" for fault in faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class ServerConfig:
    """Where the service listens, how the outside world reaches it, and which proxies it believes."""

    host: str
    port: int
    public_url: str | None
    trusted_proxies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TwilioConfig:
    """The carrier's account. `auth_tokens` holds the current token and, while rotating, the next one."""

    account_sid: str
    auth_tokens: tuple[str, ...] = field(repr=False)
    api_key_sid: str | None
    api_key_secret: str | None = field(repr=False)
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
    """How many calls at once; how long each may last, send nothing, or be quiet; how often what may happen.

    The settings' own lines say what each is; 0 is no limit where a limit counts something.
    """

    max_calls: int
    call_seconds: float
    idle_seconds: float
    quiet_seconds: float
    ring_seconds: int
    calls_per_number_minute: int
    calls_per_number_hour: int
    calls_per_minute: int
    transfers_per_number_hour: int
    transfers_per_minute: int
    texts_per_number_day: int
    callbacks_per_hour: int
    callbacks_per_number_day: int
    countries: tuple[str, ...]
    try_per_minute: int
    connections: int


@dataclass(frozen=True, slots=True)
class CallbacksConfig:
    """How callers are called back. sender: a number of ours, E.164, for when it is not known which one they called."""

    sender: str | None


@dataclass(frozen=True, slots=True)
class LogConfig:
    """How the log is written: "json" for machines, "console" for people."""

    level: str
    format: str


@dataclass(frozen=True, slots=True)
class RecordsConfig:
    """Where records are kept, and what their keys are wrapped with.

    Args:
        folder: everything the house writes down itself lives below it.
        url: of a PostgreSQL database, in SQLAlchemy's form; "" is `records.sqlite3` in the folder.
        master_keys: base64 of 32 bytes each: the current one, then older ones; empty when a file holds them.
        master_key_file: that file; None with no keys is `master.key` in the folder, made at the first start.
        key_backup: a folder elsewhere where the callers' keys are kept beside backups; None keeps no such copy.
    """

    folder: Path
    url: str = field(repr=False)
    master_keys: tuple[str, ...] = field(repr=False)
    master_key_file: Path | None
    key_backup: Path | None


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that can be configured; each room gets only its part.

    Attributes:
        warnings: what the operator should mend though the service can start, such as a secret that others can read.
    """

    server: ServerConfig
    twilio: TwilioConfig | None
    models: ModelsConfig
    speech: SpeechConfig
    limits: LimitsConfig
    log: LogConfig
    browser_enabled: bool
    records: RecordsConfig
    web: WebConfig
    identity: IdentityConfig
    callbacks: CallbacksConfig
    warnings: tuple[str, ...] = ()


def load_config(path: Path | None = None, environ: Mapping[str, str] | None = None) -> Config:
    """Read the configuration.

    Args:
        path: the file; None takes the file named by `VOICEBOT_CONFIG`, or no file at all.
        environ: the environment; None takes the process's own.
    Raises:
        ConfigInvalid: with every fault at once.
    """
    findings = Findings()
    config = _assemble(_read(path, environ, findings), findings)
    if findings.faults or config is None:
        raise ConfigInvalid(tuple(findings.faults))
    return config


def current_values(path: Path | None = None, environ: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Every setting's value by key, secrets included: for showing, with the secrets hidden.

    Raises:
        ConfigInvalid: with every fault at once.
    """
    findings = Findings()
    values = _read(path, environ, findings)
    if findings.faults:
        raise ConfigInvalid(tuple(findings.faults))
    return values


def _read(path: Path | None, environ: Mapping[str, str] | None, findings: Findings) -> dict[str, Any]:
    env = os.environ if environ is None else environ
    if path is None and env.get("VOICEBOT_CONFIG"):
        path = Path(env["VOICEBOT_CONFIG"])
    return read_values(path, env, findings)


Part = TypeVar("Part")


def _part(kind: type[Part], name: str, values: dict[str, Any]) -> Part:
    """The dataclass whose fields are the settings under `name`."""
    return kind(**{field.name: values[f"{name}.{field.name}"] for field in fields(kind)})  # type: ignore[arg-type]


def _assemble(values: dict[str, Any], findings: Findings) -> Config | None:
    twilio = _twilio(values, findings.faults)
    web = web_config(values, findings.faults)
    identity = identity_config(values, findings.faults)
    if findings.faults:
        return None
    return Config(
        server=_part(ServerConfig, "server", values),
        twilio=twilio,
        models=_part(ModelsConfig, "models", values),
        speech=_part(SpeechConfig, "speech", values),
        limits=_part(LimitsConfig, "limits", values),
        log=_part(LogConfig, "log", values),
        browser_enabled=values["browser.enabled"],
        records=_part(RecordsConfig, "records", values),
        web=web,
        identity=identity,
        callbacks=_part(CallbacksConfig, "callbacks", values),
        warnings=tuple(findings.warnings),
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
