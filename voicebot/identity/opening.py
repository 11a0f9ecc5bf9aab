"""The identity provider of a house, as its bot and the configuration want it."""

import time
from collections.abc import Callable
from urllib.parse import urlsplit

import httpx
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, RSAKey

from dialog.identity import LEVELS, IdentityRules
from voicebot.config import ConfigInvalid
from voicebot.config_identity import CibaConfig, IdentityConfig
from voicebot.identity.addresses import LOOPBACK
from voicebot.identity.ciba import CibaProvider, CibaSettings
from voicebot.identity.ciba_wire import Client, Wire, algorithm_of
from voicebot.identity.codes import CodeBook
from voicebot.identity.id_token import IdTokens
from voicebot.identity.provider import IdentityProvider
from voicebot.identity.sms import SmsProvider

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 10.0
CONNECTIONS = 20


def open_provider(
    config: IdentityConfig,
    rules: IdentityRules,
    levels: frozenset[str],
    book: CodeBook,
    text: Callable[[str, str], str],
) -> IdentityProvider | None:
    """What a bot's callers prove their identity with; None when its flows require none, or it is switched off.

    Args:
        config: of the operator.
        rules: of the bot.
        levels: that its flows require.
        book: of codes, shared with the web pages.
        text: the text message in a language, with a code in it.

    Raises:
        ConfigInvalid: the bot wants what is not configured.
    """
    if not levels or not config.enabled:
        return None
    if rules.way == "sms":
        return SmsProvider(book, text)
    if config.ciba is None:
        what = f"identity: bot.yaml says `identity: {rules.way}`, and no provider is configured"
        raise ConfigInvalid((f"{what} -> set VOICEBOT_IDENTITY_ISSUER and the others (docs/identity.md)",))
    reached = [level for level in LEVELS if level in config.ciba.acr]
    strongest = max(levels, key=LEVELS.index)
    if LEVELS.index(reached[-1]) < LEVELS.index(strongest):
        what = f"identity.acr: a flow requires the level {strongest}, which has no name of the provider"
        raise ConfigInvalid((f"{what} -> add {strongest}=... to VOICEBOT_IDENTITY_ACR",))
    return open_ciba(config.ciba)


def open_ciba(config: CibaConfig, now: Callable[[], float] = time.time) -> CibaProvider:
    """A provider over HTTP; nothing is asked of it before a caller wants to prove something.

    Args:
        config: of the provider.
        now: seconds since 1970.

    Raises:
        ConfigInvalid: the key is none.
    """
    client = Client(config.client_id, config.client_secret or "", _key(config.private_key), config.signed_request)
    # Loopback is asked directly: a proxy would see what must not leave this machine.
    direct = urlsplit(config.issuer).hostname in LOOPBACK
    http = httpx.AsyncClient(
        timeout=httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS),
        limits=httpx.Limits(max_connections=CONNECTIONS),
        trust_env=not direct,
    )
    wire = Wire(config.issuer, client, http, now)
    tokens = IdTokens(config.issuer, config.client_id, config.acr, wire.keys, now)
    settings = CibaSettings(config.acr, config.login_hint, config.scope, config.national_id_claim or "")
    return CibaProvider(wire, tokens, settings, http.aclose)


def _key(pem: str | None) -> Key | None:
    if pem is None:
        return None
    for kind in (RSAKey, ECKey):
        try:
            key = kind.import_key(pem)
            algorithm_of(key)
        except (JoseError, ValueError, TypeError):
            continue
        if key.is_private:
            return key
    what = "identity.private_key: this is no private key, RSA or on the curve P-256, P-384 or P-521"
    raise ConfigInvalid((f"{what} -> write it as PEM (`openssl genrsa 3072`)",))
