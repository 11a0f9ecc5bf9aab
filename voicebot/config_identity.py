"""How callers prove who they are: the provider's part of the configuration."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dialog.identity import LEVELS
from voicebot.identity.addresses import is_safe

PLACES = ("{number}", "{digits}", "{national}")


@dataclass(frozen=True, slots=True)
class CibaConfig:
    """A provider of OpenID Connect CIBA.

    Args:
        issuer: its address, as it stands in its tokens; below it is `.well-known/openid-configuration`.
        client_id: what the provider calls us.
        client_secret: None for a client with a key.
        private_key: PEM; signs what we send. None for a client with a secret.
        signed_request: the request itself is signed, too.
        acr: per level, the provider's name for it.
        login_hint: how people are named to it, with one of `PLACES`.
        scope: asked for.
        national_id_claim: the claim with a fødselsnummer, for functions that ask for one; None looks at none.
    """

    issuer: str
    client_id: str
    client_secret: str | None = field(repr=False)
    private_key: str | None = field(repr=False)
    signed_request: bool
    acr: Mapping[str, str]
    login_hint: str
    scope: str
    national_id_claim: str | None


@dataclass(frozen=True, slots=True)
class IdentityConfig:
    """How callers prove who they are.

    Args:
        enabled: False has every flow that requires identity pass its callers on.
        sender: E.164, where codes for web pages come from; None sends none.
        ciba: None for a house whose bots use no more than text messages.
    """

    enabled: bool
    sender: str | None
    ciba: CibaConfig | None


def identity_config(values: dict[str, Any], faults: list[str]) -> IdentityConfig:
    """The part under `identity`; what does not go together is added to the faults."""
    return IdentityConfig(values["identity.enabled"], values["identity.sender"], _ciba(values, faults))


def _ciba(values: dict[str, Any], faults: list[str]) -> CibaConfig | None:
    issuer, client = values["identity.issuer"], values["identity.client_id"]
    secret, key = values["identity.client_secret"], values["identity.private_key"]
    if issuer is None and client is None:
        return None
    if issuer is None or client is None:
        missing = "VOICEBOT_IDENTITY_ISSUER" if issuer is None else "VOICEBOT_IDENTITY_CLIENT_ID"
        faults.append(f"identity: {missing} is missing -> set it, too")
        return None
    if (secret is None) == (key is None):
        what = "neither a secret nor a key" if secret is None else "both a secret and a key"
        cure = "set VOICEBOT_IDENTITY_CLIENT_SECRET or VOICEBOT_IDENTITY_PRIVATE_KEY"
        faults.append(f"identity: the client has {what} -> {cure}")
    if values["identity.signed_request"] and key is None:
        faults.append("identity.signed_request: there is no key to sign with -> set VOICEBOT_IDENTITY_PRIVATE_KEY")
    if not values["identity.acr"]:
        cure = "set it as the provider's documentation names them: substantial=...,high=..."
        faults.append(f"identity.acr: no level has a name of the provider -> {cure}")
    return CibaConfig(
        issuer,
        client,
        secret,
        key,
        values["identity.signed_request"],
        values["identity.acr"],
        values["identity.login_hint"],
        values["identity.scope"],
        values["identity.national_id_claim"],
    )


def phone_number(value: Any) -> str:
    """E.164, as `+4721000000`."""
    number = re.sub(r"[\s().-]", "", str(value))
    if not re.fullmatch(r"\+[1-9]\d{6,14}", number):
        raise ValueError('must be a number with its country, in quotes: "+4721000000"')
    return number


def issuer_address(value: Any) -> str:
    """An issuer exactly as it stands in its tokens: a slash at its end counts."""
    address = str(value).strip()
    if not is_safe(address):
        raise ValueError("must be an https address")
    return address


def acr_by_level(value: Any) -> dict[str, str]:
    """A mapping in the file (`high: urn:...`), or `substantial=...,high=...` in the environment."""
    if isinstance(value, str):
        pairs = [pair.partition("=") for pair in value.split(",") if pair.strip()]
        value = {level.strip(): name.strip() for level, _, name in pairs}
    if not isinstance(value, dict) or not all(level in LEVELS and name for level, name in value.items()):
        raise ValueError(f"must be a mapping from {', '.join(LEVELS)} to the provider's names")
    return {str(level): str(name) for level, name in value.items()}


def hint_form(value: Any) -> str:
    """A text with one place for the number."""
    form = str(value).strip()
    if not any(place in form for place in PLACES):
        raise ValueError(f"must have one of the places {', '.join(PLACES)}")
    return form
