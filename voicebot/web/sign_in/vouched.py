"""From a provider's claims to an account: which roles they give, and what somebody is called here."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from voicebot.config_web import OidcConfig
from voicebot.web.permissions import Role


def roles_of(claims: Mapping[str, Any], config: OidcConfig) -> frozenset[Role]:
    """The roles of whoever these claims are about; none when nothing of theirs is mapped."""
    said: Any = claims
    for step in config.roles_claim.split("."):
        said = said.get(step) if isinstance(said, Mapping) else None
    values = [said] if isinstance(said, str) else said if isinstance(said, list) else []
    return frozenset().union(*(config.roles.get(str(value), frozenset()) for value in values))


def subject_of(claims: Mapping[str, Any]) -> str:
    """What stands for issuer and subject here: the pair never changes hands, as names and addresses do."""
    return hashlib.sha256(json.dumps([claims["iss"], claims["sub"]]).encode()).hexdigest()


def name_of(claims: Mapping[str, Any]) -> str:
    """What somebody is called in the console and the access log."""
    for claim in ("preferred_username", "email", "name"):
        if isinstance(claims.get(claim), str) and claims[claim].strip():
            return str(claims[claim]).strip()
    return str(claims["sub"])
