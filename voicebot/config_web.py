"""The console's part of the configuration: how long a sign-in lasts, and whose word for it is taken."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from voicebot.web.permissions import Role


@dataclass(frozen=True, slots=True)
class OidcConfig:
    """A provider of OpenID Connect whose word is taken for who somebody is.

    Args:
        issuer: its address, as it stands in its tokens; below it is `.well-known/openid-configuration`.
        client_id: what the provider calls us.
        client_secret: None for a client without one (PKCE is used either way).
        name: on the button.
        scopes: asked for, separated by spaces.
        roles_claim: the claim that says what somebody is, with dots into nested ones: "realm_access.roles".
        roles: value of that claim to roles here.
    """

    issuer: str
    client_id: str
    client_secret: str | None = field(repr=False)
    name: str
    scopes: str
    roles_claim: str
    roles: Mapping[str, frozenset[Role]]


@dataclass(frozen=True, slots=True)
class WebConfig:
    """The console.

    Args:
        enabled: whether there is one.
        idle: a session unused for so long is over.
        longest: and so is one as old as this.
        metrics_token: lets others than this machine itself read /metrics and the whole of /readyz.
        oidc: None for local accounts only.
    """

    enabled: bool
    idle: timedelta
    longest: timedelta
    metrics_token: str | None = field(repr=False)
    oidc: OidcConfig | None


def web_config(values: dict[str, Any], faults: list[str]) -> WebConfig:
    """The console's part, from the settings under `web`; what does not go together is added to the faults."""
    return WebConfig(
        enabled=values["web.enabled"],
        idle=timedelta(seconds=values["web.idle_seconds"]),
        longest=timedelta(seconds=values["web.session_seconds"]),
        metrics_token=values["web.metrics_token"],
        oidc=_oidc(values, faults),
    )


def roles_by_group(value: Any) -> dict[str, frozenset[Role]]:
    """A mapping in the file (`group: [privacy, agent]`), or `group=privacy agent,other=admin` in the environment."""
    if isinstance(value, str):
        pairs = [pair.partition("=") for pair in value.split(",") if pair.strip()]
        if any(not sign for _, sign, _ in pairs):
            raise ValueError("must look like their-group=privacy,another=agent content")
        value = {group.strip(): names for group, _, names in pairs}
    if not isinstance(value, dict):
        raise ValueError("must be a mapping from what the provider says to roles")
    return {str(group): _roles(names) for group, names in value.items()}


def _roles(names: Any) -> frozenset[Role]:
    listed = names.split() if isinstance(names, str) else names
    try:
        return frozenset(Role(str(name)) for name in listed)
    except (TypeError, ValueError):
        raise ValueError(f"may name the roles {', '.join(Role)}") from None


def _oidc(values: dict[str, Any], faults: list[str]) -> OidcConfig | None:
    issuer, client_id = values["web.oidc_issuer"], values["web.oidc_client_id"]
    if issuer is None and client_id is None:
        return None
    if issuer is None or client_id is None:
        missing = "VOICEBOT_OIDC_ISSUER" if issuer is None else "VOICEBOT_OIDC_CLIENT_ID"
        faults.append(f"{missing} is not set -> set both VOICEBOT_OIDC_ISSUER and VOICEBOT_OIDC_CLIENT_ID, or neither")
        return None
    if not is_private(issuer):
        faults.append(
            "web.oidc_issuer is not https -> give the provider's https address: whoever is on the way could sign in"
        )
    if not values["web.oidc_roles"]:
        faults.append(
            "web.oidc_roles is empty, so nobody could sign in -> say which group has which role: their-group=admin"
        )
    return OidcConfig(
        issuer=issuer,
        client_id=client_id,
        client_secret=values["web.oidc_client_secret"],
        name=values["web.oidc_name"],
        scopes=values["web.oidc_scopes"],
        roles_claim=values["web.oidc_roles_claim"],
        roles=values["web.oidc_roles"],
    )


def is_private(address: str) -> bool:
    """Whether nobody on the way can read along: https, or this machine itself."""
    parts = urlsplit(address)
    if parts.scheme == "https" or parts.hostname == "localhost":
        return True
    try:
        return ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False
