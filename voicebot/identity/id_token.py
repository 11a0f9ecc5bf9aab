"""Looking at an ID token: signed by the provider, for us, for this very request, now, and strong enough.

Source: OpenID Connect Core 1.0, section 3.1.3.7; CIBA Core 1.0, sections 7.3.1 and 10.
"""

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from dialog.identity import LEVELS

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
"""Signatures with a key pair only: with "none" or a shared secret anybody, or we ourselves, could have made it."""

LEEWAY_SECONDS = 60.0
OLDEST_SECONDS = 900.0
"""A token that was made longer ago belongs to no call that is still going on."""

KEYS_AGAIN_SECONDS = 30.0
"""An unknown key may be a new one: the provider's keys are asked for again, and no more often than this."""

AUTH_REQ_ID = "urn:openid:params:jwt:claim:auth_req_id"


class TokenInvalid(Exception):
    """An ID token proves nothing; says what is wrong with it and none of what is in it."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What a valid token says. raw: everything; holds personal data."""

    subject: str
    level: str
    raw: Mapping[str, Any]


class IdTokens:
    """Checks the ID tokens of one provider, and knows its keys.

    Args:
        issuer: of the tokens.
        client_id: their audience.
        acr: per level, the provider's name for it.
        keys: fetches the provider's JWK set.
        now: seconds since 1970.
    """

    def __init__(
        self,
        issuer: str,
        client_id: str,
        acr: Mapping[str, str],
        keys: Callable[[], Awaitable[dict[str, Any]]],
        now: Callable[[], float] = time.time,
    ) -> None:
        self._issuer = issuer
        self._client_id = client_id
        self._levels = {name: level for level, name in acr.items()}
        self._fetch = keys
        self._now = now
        self._keys: KeySet | None = None
        self._fetched_at = float("-inf")

    async def check(self, token: str, auth_req_id: str, level: str) -> Claims:
        """What a token says, once everything about it is right.

        Args:
            token: compact JWS.
            auth_req_id: of the request that it answers.
            level: at least, one of `dialog.identity.LEVELS`.

        Raises:
            TokenInvalid: it proves nothing.
            ProviderTrouble: the provider's keys cannot be had.
        """
        claims = await self._signed(token)
        now = self._now()
        audience = claims.get("aud")
        audiences = audience if isinstance(audience, list) else [audience]
        for right, what in (
            (claims.get("iss") == self._issuer, "it is of another issuer"),
            (self._client_id in audiences, "it is for somebody else"),
            (len(audiences) == 1 or claims.get("azp") == self._client_id, "it was made for somebody else"),
            (claims.get("azp") in (None, self._client_id), "it was made for somebody else"),
            (_number(claims, "exp") > now - LEEWAY_SECONDS, "it has expired"),
            (_number(claims, "iat") <= now + LEEWAY_SECONDS, "it is from the future"),
            (_number(claims, "iat") > now - OLDEST_SECONDS, "it is old"),
            (_number(claims, "nbf", 0.0) <= now + LEEWAY_SECONDS, "it is not valid yet"),
            # In poll mode it may be missing (7.3.1); one that is there must be ours.
            (claims.get(AUTH_REQ_ID, auth_req_id) == auth_req_id, "it answers another request"),
        ):
            if not right:
                raise TokenInvalid(what)
        reached = self._levels.get(str(claims.get("acr")))
        if reached is None or LEVELS.index(reached) < LEVELS.index(level):
            raise TokenInvalid("it is not strong enough")
        subject = claims.get("sub")
        if not isinstance(subject, str) or not subject:
            raise TokenInvalid("it names nobody")
        return Claims(subject, reached, claims)

    async def _signed(self, token: str) -> dict[str, Any]:
        """The claims under a signature of the provider; with its keys fetched again when none of them fits."""
        for fresh in (False, True):
            if self._keys is None or (fresh and self._now() - self._fetched_at >= KEYS_AGAIN_SECONDS):
                self._fetched_at = self._now()
                self._keys = _public(await self._fetch())
            elif fresh:
                break
            try:
                return dict(jwt.decode(token, self._keys, algorithms=list(ALGORITHMS)).claims)
            except (JoseError, ValueError, KeyError, TypeError):
                continue
        raise TokenInvalid("its signature is not the provider's")


def _public(raw: Mapping[str, Any]) -> KeySet:
    """The keys that may have signed; those of kinds that we do not use are passed over."""
    keys = raw.get("keys")
    wanted = [
        key
        for key in (keys if isinstance(keys, list) else [])
        if isinstance(key, dict) and key.get("kty") in ("RSA", "EC") and key.get("use", "sig") == "sig"
    ]
    try:
        return KeySet.import_key_set({"keys": wanted})
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise TokenInvalid("the provider's keys cannot be read") from error


def _number(claims: Mapping[str, Any], name: str, default: float | None = None) -> float:
    value = claims.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TokenInvalid(f"{name} is no time")
    return float(value)
