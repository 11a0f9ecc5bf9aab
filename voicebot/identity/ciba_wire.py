"""OpenID Connect CIBA on the wire: discovery, the request, the polls. Poll mode only.

Source: OpenID Connect Client-Initiated Backchannel Authentication Flow - Core 1.0 (sections are named beside the
lines that obey them), OpenID Connect Discovery 1.0, RFC 7523 (private_key_jwt).
"""

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
from joserfc import jwt
from joserfc.jwk import ECKey, Key, RSAKey

from voicebot.identity.addresses import is_safe

GRANT = "urn:openid:params:grant-type:ciba"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
JWT_SECONDS = 60
MOST_BYTES = 262_144
"""Of an answer; a discovery document or a key set is a few kilobytes."""

USUAL_INTERVAL_SECONDS = 5.0
SLOW_DOWN_SECONDS = 5.0


class ProviderTrouble(Exception):
    """The provider is not there, or says what the specification does not allow; names no person."""


class ProviderRefused(Exception):
    """The provider answered with an error of the specification. code: its `error`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Client:
    """Who we are to the provider.

    Args:
        id: client id.
        secret: for client_secret_basic; "" when there is a key.
        key: signs assertions (private_key_jwt) and, with `signed`, the request itself; None when there is a secret.
        signed: the authentication request is a signed JWT (7.1.1).
    """

    id: str
    secret: str = ""
    key: Key | None = None
    signed: bool = False


@dataclass(frozen=True, slots=True)
class Discovered:
    """What the provider says of itself (section 4)."""

    issuer: str
    authentication: str
    token: str
    keys: str


@dataclass(frozen=True, slots=True)
class Begun:
    """An authentication request that was acknowledged (7.3). Seconds."""

    auth_req_id: str
    expires_in: float
    interval: float


class Wire:
    """Talks to one provider.

    Args:
        issuer: its address.
        client: who we are.
        http: with timeouts; follows no redirects.
        now: seconds since 1970.
    """

    def __init__(
        self, issuer: str, client: Client, http: httpx.AsyncClient, now: Callable[[], float] = time.time
    ) -> None:
        self.issuer = issuer
        self.client = client
        self._http = http
        self._now = now
        self._found: Discovered | None = None

    async def discovered(self) -> Discovered:
        """The provider's own description; asked for once.

        Raises:
            ProviderTrouble: it cannot be had, or is not one of this issuer, or cannot poll.
        """
        if self._found is None:
            described = await self._get(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
            if described.get("issuer") != self.issuer:
                raise ProviderTrouble("the discovery document is of another issuer")
            # Section 4: the modes must be told.
            if "poll" not in described.get("backchannel_token_delivery_modes_supported", ()):
                raise ProviderTrouble("the provider does not offer poll mode")
            self._found = Discovered(
                self.issuer,
                _address(described, "backchannel_authentication_endpoint"),
                _address(described, "token_endpoint"),
                _address(described, "jwks_uri"),
            )
        return self._found

    async def keys(self) -> dict[str, Any]:
        """The provider's public keys as they are now, a JWK set.

        Raises:
            ProviderTrouble: they cannot be had.
        """
        return await self._get((await self.discovered()).keys)

    async def begin(self, parameters: Mapping[str, str]) -> Begun:
        """Ask the provider to ask the person (7.1).

        Raises:
            ProviderRefused: see section 13 for the codes.
            ProviderTrouble: it is not there, or its answer is none.
        """
        found = await self.discovered()
        fields = {"request": self._signed(parameters)} if self.client.signed else dict(parameters)
        answer = await self._post(found.authentication, fields)
        try:
            begun = Begun(
                str(answer["auth_req_id"]),
                float(answer["expires_in"]),
                float(answer.get("interval", USUAL_INTERVAL_SECONDS)),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ProviderTrouble("the acknowledgement is not complete") from error
        if not begun.auth_req_id or begun.expires_in <= 0:
            raise ProviderTrouble("the acknowledgement is not complete")
        return begun

    async def poll(self, auth_req_id: str) -> str:
        """Ask for the tokens (10.1); the ID token, not yet looked at.

        Raises:
            ProviderRefused: "authorization_pending", "slow_down", "expired_token", "access_denied" and others (11).
            ProviderTrouble: it is not there, or its answer is none.
        """
        found = await self.discovered()
        answer = await self._post(found.token, {"grant_type": GRANT, "auth_req_id": auth_req_id})
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise ProviderTrouble("there is no ID token in the answer")
        return token

    def _signed(self, parameters: Mapping[str, str]) -> str:
        """The request as a JWT (7.1.1)."""
        now = int(self._now())
        times = {"iat": now, "nbf": now, "exp": now + JWT_SECONDS, "jti": secrets.token_urlsafe(16)}
        return self._jwt({"iss": self.client.id, "aud": self.issuer, **times, **parameters})

    def _jwt(self, claims: dict[str, Any]) -> str:
        key = self.client.key
        if key is None:
            raise ProviderTrouble("there is no key to sign with")
        algorithm = algorithm_of(key)
        return jwt.encode({"alg": algorithm, "kid": key.thumbprint()}, claims, key, algorithms=[algorithm])

    def _credentials(self) -> tuple[httpx.BasicAuth | None, dict[str, str]]:
        """client_secret_basic, or private_key_jwt (RFC 7523, section 2.2)."""
        if self.client.key is None:
            return httpx.BasicAuth(self.client.id, self.client.secret), {}
        me, now = self.client.id, int(self._now())
        claims = {"iss": me, "sub": me, "aud": self.issuer, "iat": now, "exp": now + JWT_SECONDS}
        assertion = self._jwt({**claims, "jti": secrets.token_urlsafe(16)})
        return None, {"client_id": me, "client_assertion_type": ASSERTION, "client_assertion": assertion}

    async def _get(self, url: str) -> dict[str, Any]:
        request = self._http.build_request("GET", url, headers={"Accept": "application/json"})
        status, answer = await self._ask(request)
        if status != httpx.codes.OK:
            raise ProviderTrouble(f"the provider answered {status}")
        return answer

    async def _post(self, url: str, fields: Mapping[str, str]) -> dict[str, Any]:
        basic, more = self._credentials()
        request = self._http.build_request("POST", url, data={**fields, **more}, headers={"Accept": "application/json"})
        status, answer = await self._ask(request, basic)
        if status == httpx.codes.OK:
            return answer
        code = answer.get("error")
        if not isinstance(code, str) or status >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise ProviderTrouble(f"the provider answered {status}")
        raise ProviderRefused(code)

    async def _ask(self, request: httpx.Request, basic: httpx.BasicAuth | None = None) -> tuple[int, dict[str, Any]]:
        body = b""
        try:
            response = await self._http.send(request, auth=basic, stream=True)
            try:
                async for piece in response.aiter_bytes():
                    body += piece
                    if len(body) > MOST_BYTES:
                        raise ProviderTrouble("the answer is too long")
            finally:
                await response.aclose()
            answer = httpx.Response(response.status_code, content=body).json()
        except httpx.HTTPError as error:
            raise ProviderTrouble(type(error).__name__) from None
        except ValueError as error:
            raise ProviderTrouble("the answer is no JSON") from error
        if not isinstance(answer, dict):
            raise ProviderTrouble("the answer is no JSON object")
        return response.status_code, answer


def algorithm_of(key: Key) -> str:
    """How a key of ours signs.

    Raises:
        ValueError: it is neither RSA nor an elliptic curve of JOSE.
    """
    if isinstance(key, RSAKey):
        return "PS256"
    curves = {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512"}
    if isinstance(key, ECKey) and key.curve_name in curves:
        return curves[key.curve_name]
    raise ValueError("the key is neither RSA nor on one of the curves P-256, P-384, P-521")


def _address(described: Mapping[str, Any], name: str) -> str:
    """An endpoint; never in the clear, except on this machine itself."""
    url = str(described.get(name, ""))
    if not is_safe(url):
        raise ProviderTrouble(f"{name} is no https address")
    return url
