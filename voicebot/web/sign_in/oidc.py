"""Another house's word for who somebody is: OpenID Connect, the authorisation code flow with PKCE.

Sources: OpenID Connect Core 1.0 section 3.1 and Discovery 1.0, RFC 7636 (PKCE), RFC 9207 (issuer in the answer).

    OidcFault
    ├── OidcUnreachable   the provider does not answer, or not in its own protocol: local accounts still work
    └── OidcRefused       what came back is not genuine, or the provider said no

Nothing of a token, a name or a secret stands in their messages.
"""

import asyncio
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from voicebot.config_web import OidcConfig, is_private

ALGORITHMS: Final = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA", "Ed25519"]
"""Signatures with a public key. Never "none", and never a keyed hash, whose key the whole world might know."""
LEEWAY_SECONDS: Final = 60
"""How far the two houses' clocks may differ."""
_ANSWER_SECONDS: Final = 5.0
_KNOWN_FOR_SECONDS: Final = 3600.0
_KEYS_AGAIN_SECONDS: Final = 30.0
"""A token signed with an unknown key makes us fetch the keys, but strangers cannot make us do so all the time."""


class OidcFault(Exception):
    """A sign-in through the provider did not come about; the message is for the log."""


class OidcUnreachable(OidcFault):
    """The provider does not answer, or not as a provider does."""


class OidcRefused(OidcFault):
    """What came back is not genuine, or the provider said no."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """What the browser is sent away with, and has to bring back (sealed, in a cookie).

    Args:
        state: comes back in the address: the answer belongs to this browser's question.
        nonce: comes back in the token: the token belongs to this question.
        verifier: goes with the code: whoever asked is who redeems it.
    """

    state: str
    nonce: str
    verifier: str


def new_attempt() -> Attempt:
    """Three secrets, 256 bits each."""
    return Attempt(secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48))


@dataclass
class _Known:
    """What the provider has told about itself, and when."""

    about: dict[str, Any] = field(default_factory=dict)
    about_at: float = float("-inf")
    keys: KeySet | None = None
    keys_at: float = float("-inf")


class Provider:
    """One provider. Nothing is asked of it before somebody wants to sign in.

    Args:
        config: see `OidcConfig`.
        transport: how requests go out; None for the network.
    """

    def __init__(self, config: OidcConfig, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self.config = config
        self._transport = transport
        self._known = _Known()

    async def address(self, attempt: Attempt, redirect_uri: str) -> str:
        """Where the browser is sent.

        Raises:
            OidcUnreachable: the provider does not tell.
        """
        about = await self._about()
        return str(
            prepare_grant_uri(
                about["authorization_endpoint"],
                self.config.client_id,
                "code",
                redirect_uri=redirect_uri,
                scope=self.config.scopes,
                state=attempt.state,
                nonce=attempt.nonce,
                code_challenge=create_s256_code_challenge(attempt.verifier),
                code_challenge_method="S256",
            )
        )

    async def claims(self, answer: Mapping[str, str], attempt: Attempt, redirect_uri: str) -> dict[str, Any]:
        """Who came back: the checked claims of the ID token, with those of the userinfo behind them.

        Args:
            answer: the query of the address the browser came back to.
            attempt: what this browser was sent away with.
            redirect_uri: as it was sent.

        Raises:
            OidcUnreachable, OidcRefused: there is nobody to vouch for.
        """
        about = await self._about()
        if not secrets.compare_digest(answer.get("state", "").encode(), attempt.state.encode()):
            raise OidcRefused("the state is another one")
        named = answer.get("iss")
        if named != about["issuer"] if named else about.get("authorization_response_iss_parameter_supported"):
            raise OidcRefused("the answer comes from another issuer")
        if "error" in answer or not answer.get("code"):
            raise OidcRefused("the provider said no")
        tokens = await self._redeem(about, answer["code"], attempt, redirect_uri)
        if not isinstance(tokens.get("id_token"), str):
            raise OidcRefused("there is no ID token")
        claims = await self._checked(about, tokens, attempt)
        return await self._with_userinfo(about, tokens, claims)

    async def _redeem(self, about: dict[str, Any], code: str, attempt: Attempt, redirect_uri: str) -> dict[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": attempt.verifier,
        }
        basic: tuple[str, str] | None = None
        methods = about.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        if self.config.client_secret is None:
            form["client_id"] = self.config.client_id
        elif "client_secret_basic" in methods:
            # RFC 6749 section 2.3.1: form-encoded before they are put into the header.
            quoted = httpx.QueryParams({self.config.client_id: self.config.client_secret})
            name, _, secret = str(quoted).partition("=")
            basic = (name, secret)
        else:
            form |= {"client_id": self.config.client_id, "client_secret": self.config.client_secret}
        return await self._ask("POST", about["token_endpoint"], data=form, auth=basic)

    async def _checked(self, about: dict[str, Any], tokens: dict[str, Any], attempt: Attempt) -> dict[str, Any]:
        token = tokens["id_token"]
        try:
            try:
                decoded = jwt.decode(token, await self._keys(about), ALGORITHMS)
            except (JoseError, ValueError):
                # The provider may have changed its keys since.
                decoded = jwt.decode(token, await self._keys(about, again=True), ALGORITHMS)
            claims = CodeIDToken(
                decoded.claims,
                decoded.header,
                options={
                    "iss": {"essential": True, "value": self.config.issuer},
                    "aud": {"essential": True, "value": self.config.client_id},
                    "nonce": {"essential": True},
                },
                params={
                    "nonce": attempt.nonce,
                    "client_id": self.config.client_id,
                    "access_token": tokens.get("access_token"),
                },
            )
            claims.validate(now=int(time.time()), leeway=LEEWAY_SECONDS)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise OidcRefused(f"the ID token is not good ({type(error).__name__})") from None
        if not isinstance(claims.get("sub"), str) or not claims["sub"]:
            raise OidcRefused("the ID token is about nobody")
        return dict(claims)

    async def _with_userinfo(
        self, about: dict[str, Any], tokens: dict[str, Any], claims: dict[str, Any]
    ) -> dict[str, Any]:
        """Some providers keep groups and names out of the token and tell them when asked."""
        first = self.config.roles_claim.split(".")[0]
        if first in claims or "userinfo_endpoint" not in about or not isinstance(tokens.get("access_token"), str):
            return claims
        bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
        told = await self._ask("GET", about["userinfo_endpoint"], headers=bearer)
        if told.get("sub") != claims["sub"]:
            raise OidcRefused("the userinfo is about somebody else")
        return {**told, **claims}

    async def _about(self) -> dict[str, Any]:
        known = self._known
        if time.monotonic() - known.about_at < _KNOWN_FOR_SECONDS:
            return known.about
        address = self.config.issuer.rstrip("/") + "/.well-known/openid-configuration"
        about = await self._ask("GET", address)
        needed = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        if about.get("issuer") != self.config.issuer:
            raise OidcUnreachable("the provider calls itself something else than web.oidc_issuer")
        if not all(isinstance(about.get(name), str) and is_private(about[name]) for name in needed):
            raise OidcUnreachable("the provider's description of itself lacks an address, or one is not https")
        known.about, known.about_at = about, time.monotonic()
        return about

    async def _keys(self, about: dict[str, Any], again: bool = False) -> KeySet:
        known, age = self._known, time.monotonic() - self._known.keys_at
        if known.keys is None or age > (_KEYS_AGAIN_SECONDS if again else _KNOWN_FOR_SECONDS):
            told = await self._ask("GET", about["jwks_uri"])
            known.keys, known.keys_at = KeySet.import_key_set({"keys": told.get("keys", [])}), time.monotonic()
        return known.keys

    async def _ask(self, method: str, address: str, **options: Any) -> dict[str, Any]:
        """One request to the provider, for JSON."""
        headers = {"Accept": "application/json", **options.pop("headers", {})}
        try:
            async with (
                asyncio.timeout(2 * _ANSWER_SECONDS),
                httpx.AsyncClient(transport=self._transport, timeout=_ANSWER_SECONDS) as client,
            ):
                response = await client.request(method, address, headers=headers, **options)
                answer = response.json()
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, ValueError) as error:
            raise OidcUnreachable(f"no usable answer from the provider ({type(error).__name__})") from None
        if response.status_code in (400, 401, 403):
            raise OidcRefused(f"the provider answered with status {response.status_code}")
        if response.status_code != 200 or not isinstance(answer, dict):
            raise OidcUnreachable(f"the provider answered with status {response.status_code}")
        return answer
