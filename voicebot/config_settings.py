"""Every setting as one row of `SETTINGS`: key in the file, environment variable, how it is read, default."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from voicebot.config_identity import acr_by_level, hint_form, issuer_address, phone_number
from voicebot.config_values import (
    account_sid,
    calling_code,
    database_url,
    flag,
    folder,
    keys_of_32_bytes,
    network,
    one_of,
    per_language,
    seconds,
    several,
    text,
    web_address,
    whole,
)
from voicebot.config_web import roles_by_group


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
_DATA = Path("~/.local/share/voicebot")

# The European Economic Area and its neighbours: where a Norwegian company's own people sit. All else (satellites,
# islands whose numbers cost a fortune a minute) is where stolen call minutes go.
_NEAR = (
    "+30 +31 +32 +33 +34 +351 +352 +353 +354 +356 +357 +358 +359 +36 +370 +371 +372 +380 +385 +386 +39 "
    "+40 +41 +420 +421 +423 +43 +44 +45 +46 +47 +48 +49 +298"
)

SETTINGS: tuple[Setting, ...] = (
    Setting("server.host", "VOICEBOT_HOST", text, "127.0.0.1", "address to listen on; 0.0.0.0 in a container"),
    Setting("server.port", "VOICEBOT_PORT", whole(0, 65535), 8080, "port to listen on; 0 takes a free one"),
    Setting("server.public_url", "PUBLIC_URL", web_address, None, "how Twilio and browsers reach this service"),
    Setting(
        "server.trusted_proxies",
        "VOICEBOT_TRUSTED_PROXIES",
        several(network),
        ("127.0.0.1", "::1"),
        "proxies whose X-Forwarded-For and -Proto are believed; none believes nobody",
    ),
    Setting("twilio.account_sid", "TWILIO_ACCOUNT_SID", account_sid, None, "the account's id, AC..."),
    Setting("twilio.auth_token", "TWILIO_AUTH_TOKEN", text, None, "signs Twilio's requests", secret=True),
    Setting(
        "twilio.auth_token_next",
        "TWILIO_AUTH_TOKEN_NEXT",
        text,
        None,
        "accepted too, while rotating",
        secret=True,
    ),
    Setting("twilio.api_key_sid", "TWILIO_API_KEY_SID", text, None, "API key for our own requests, SK..."),
    Setting("twilio.api_key_secret", "TWILIO_API_KEY_SECRET", text, None, "its secret", secret=True),
    Setting("twilio.region", "TWILIO_REGION", text, None, "ie1 keeps calls in the EU; needs edge too"),
    Setting("twilio.edge", "TWILIO_EDGE", text, None, "dublin, with region ie1"),
    Setting("twilio.api_url", "TWILIO_API_URL", web_address, None, "another address for Twilio's REST API"),
    Setting("models.folder", "VOICEBOT_MODELS_FOLDER", folder, _CACHE / "models", "where model files are kept"),
    Setting("models.hub", "VOICEBOT_HUB", web_address, "https://huggingface.co", "the model hub"),
    Setting("models.catalogue", "VOICEBOT_CATALOGUE", folder, None, "a YAML file with models of your own"),
    Setting("speech.whisper", "VOICEBOT_WHISPER", per_language(text), {}, "model that hears each language"),
    Setting("speech.beams", "VOICEBOT_BEAMS", per_language(whole(1, 10)), {}, "beam width per language"),
    Setting("speech.voices", "VOICEBOT_VOICES", per_language(text), {}, "model that speaks each language"),
    Setting("speech.workers", "VOICEBOT_WORKERS", whole(1, 64), 2, "utterances transcribed at the same time"),
    Setting("speech.waiting", "VOICEBOT_WAITING", whole(0, 256), 8, "utterances that may wait for a worker"),
    Setting(
        "speech.cache_folder",
        "VOICEBOT_CACHE_FOLDER",
        folder,
        _CACHE,
        "phrase cache and other derived files",
    ),
    Setting("limits.max_calls", "VOICEBOT_MAX_CALLS", whole(0, 10_000), 12, "calls at once; more are passed on"),
    Setting("limits.call_seconds", "VOICEBOT_CALL_SECONDS", seconds(10, 14_400), 900.0, "hard cap per call"),
    Setting(
        "limits.idle_seconds",
        "VOICEBOT_IDLE_SECONDS",
        seconds(5, 3_600),
        60.0,
        "a line without audio is ended",
    ),
    Setting("limits.quiet_seconds", "VOICEBOT_QUIET_SECONDS", seconds(10, 3_600), 180.0, "a call without a sound ends"),
    Setting("limits.ring_seconds", "VOICEBOT_RING_SECONDS", whole(5, 600), 20, "how long a person's phone rings"),
    Setting(
        "limits.calls_per_number_minute",
        "VOICEBOT_CALLS_PER_NUMBER_MINUTE",
        whole(0, 10_000),
        10,
        "calls from one number; more are passed on; 0 is no limit, here and below",
    ),
    Setting(
        "limits.calls_per_number_hour",
        "VOICEBOT_CALLS_PER_NUMBER_HOUR",
        whole(0, 100_000),
        60,
        "the same, over an hour",
    ),
    Setting("limits.calls_per_minute", "VOICEBOT_CALLS_PER_MINUTE", whole(0, 100_000), 120, "calls from everybody"),
    Setting(
        "limits.transfers_per_number_hour",
        "VOICEBOT_TRANSFERS_PER_NUMBER_HOUR",
        whole(0, 10_000),
        10,
        "how often a person's phone rings for one caller",
    ),
    Setting(
        "limits.transfers_per_minute",
        "VOICEBOT_TRANSFERS_PER_MINUTE",
        whole(0, 100_000),
        120,
        "how often a person's phone rings for anybody",
    ),
    Setting(
        "limits.texts_per_number_day",
        "VOICEBOT_TEXTS_PER_NUMBER_DAY",
        whole(0, 1_000),
        10,
        "text messages to one number",
    ),
    Setting(
        "limits.callbacks_per_hour",
        "VOICEBOT_CALLBACKS_PER_HOUR",
        whole(0, 10_000),
        60,
        "calls from the console to people who asked to be called back",
    ),
    Setting(
        "limits.callbacks_per_number_day",
        "VOICEBOT_CALLBACKS_PER_NUMBER_DAY",
        whole(0, 1_000),
        6,
        "the same, to one number",
    ),
    Setting(
        "limits.countries",
        "VOICEBOT_COUNTRIES",
        several(calling_code),
        tuple(_NEAR.split()),
        "what numbers must begin with to be rung or sent a message; none is any country",
    ),
    Setting(
        "limits.try_per_minute",
        "VOICEBOT_TRY_PER_MINUTE",
        whole(0, 10_000),
        10,
        "conversations from one address at the page /try",
    ),
    Setting(
        "limits.connections", "VOICEBOT_CONNECTIONS", whole(16, 100_000), 1_024, "open connections, calls included"
    ),
    Setting(
        "callbacks.sender",
        "VOICEBOT_CALLBACKS_SENDER",
        phone_number,
        None,
        "number of the Twilio account to call back from when it is not known which one the caller had called",
    ),
    Setting("log.level", "VOICEBOT_LOG_LEVEL", one_of("debug", "info", "warning", "error"), "info", "least level"),
    Setting("log.format", "VOICEBOT_LOG_FORMAT", one_of("json", "console"), "console", "json for machines"),
    Setting("browser.enabled", "VOICEBOT_BROWSER", flag, True, "the page /try"),
    Setting("records.folder", "VOICEBOT_RECORDS_FOLDER", folder, _DATA, "where conversations are kept"),
    Setting(
        "records.url",
        "VOICEBOT_DATABASE_URL",
        database_url,
        "",
        "a PostgreSQL database instead of a file in that folder",
        secret=True,
    ),
    Setting(
        "records.master_keys",
        "VOICEBOT_MASTER_KEY",
        keys_of_32_bytes,
        (),
        "wraps the keys of the records: the current one, then older ones, with commas between",
        secret=True,
    ),
    Setting("records.master_key_file", "VOICEBOT_MASTER_KEY_FILE", folder, None, "a file that holds them instead"),
    Setting("records.key_backup", "VOICEBOT_KEY_BACKUP", folder, None, "where callers' keys are kept beside backups"),
    Setting("web.enabled", "VOICEBOT_CONSOLE", flag, True, "the pages below /console"),
    Setting("web.idle_seconds", "VOICEBOT_CONSOLE_IDLE_SECONDS", seconds(60, 86_400), 1_800.0, "unused sign-ins end"),
    Setting("web.session_seconds", "VOICEBOT_CONSOLE_SECONDS", seconds(300, 604_800), 36_000.0, "every sign-in ends"),
    Setting(
        "web.metrics_token",
        "VOICEBOT_METRICS_TOKEN",
        text,
        None,
        "lets other machines read /metrics, as a bearer token",
        secret=True,
    ),
    Setting("web.oidc_issuer", "VOICEBOT_OIDC_ISSUER", text, None, "address of an OpenID Connect provider"),
    Setting("web.oidc_client_id", "VOICEBOT_OIDC_CLIENT_ID", text, None, "what the provider calls this service"),
    Setting("web.oidc_client_secret", "VOICEBOT_OIDC_CLIENT_SECRET", text, None, "its secret", secret=True),
    Setting("web.oidc_name", "VOICEBOT_OIDC_NAME", text, "OpenID Connect", "the provider's name, on the button"),
    Setting("web.oidc_scopes", "VOICEBOT_OIDC_SCOPES", text, "openid profile email", "what is asked of the provider"),
    Setting("web.oidc_roles_claim", "VOICEBOT_OIDC_ROLES_CLAIM", text, "groups", "where it says what somebody is"),
    Setting(
        "web.oidc_roles",
        "VOICEBOT_OIDC_ROLES",
        roles_by_group,
        {},
        "which of its groups has which roles: g=admin,h=agent",
    ),
    Setting(
        "identity.enabled",
        "VOICEBOT_IDENTITY",
        flag,
        True,
        "callers can prove who they are; without it they are passed on",
    ),
    Setting(
        "identity.sender",
        "VOICEBOT_IDENTITY_SENDER",
        phone_number,
        None,
        "number of the Twilio account that codes for the page /privacy come from; in calls it is the number called",
    ),
    Setting("identity.issuer", "VOICEBOT_IDENTITY_ISSUER", issuer_address, None, "address of a provider of CIBA"),
    Setting("identity.client_id", "VOICEBOT_IDENTITY_CLIENT_ID", text, None, "what that provider calls this service"),
    Setting("identity.client_secret", "VOICEBOT_IDENTITY_CLIENT_SECRET", text, None, "its secret", secret=True),
    Setting(
        "identity.private_key",
        "VOICEBOT_IDENTITY_PRIVATE_KEY",
        text,
        None,
        "a key instead of the secret, as PEM",
        secret=True,
    ),
    Setting("identity.signed_request", "VOICEBOT_IDENTITY_SIGNED", flag, False, "requests are signed with that key"),
    Setting(
        "identity.acr",
        "VOICEBOT_IDENTITY_ACR",
        acr_by_level,
        {},
        "the provider's name of each level: substantial=...,high=...",
    ),
    Setting(
        "identity.login_hint",
        "VOICEBOT_IDENTITY_LOGIN_HINT",
        hint_form,
        "{number}",
        "how callers are named to the provider: {number}, {digits} or {national}",
    ),
    Setting("identity.scope", "VOICEBOT_IDENTITY_SCOPE", text, "openid", "what is asked of the provider"),
    Setting(
        "identity.national_id_claim",
        "VOICEBOT_IDENTITY_NATIONAL_ID_CLAIM",
        text,
        None,
        "the claim with a national identity number, for the bot's own functions that ask for it",
    ),
)
