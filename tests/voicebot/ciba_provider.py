"""An OpenID provider for CIBA, written from the specification: real HTTP on loopback, real signed tokens.

Source: OpenID Connect Client-Initiated Backchannel Authentication Flow - Core 1.0. It checks what a client sends as
strictly as the specification allows, and does wrong what a test tells it to.
"""

import asyncio
import base64
import hmac
import json
import secrets
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import Key, KeySet, RSAKey

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
GRANT = "urn:openid:params:grant-type:ciba"
SUBSTANTIAL, HIGH = "urn:test:substantial", "urn:test:high"


@dataclass
class Person:
    """Somebody known to the provider, and what they do when they are asked.

    Args:
        subject: of the tokens.
        polls: answered "authorization_pending" before they decide.
        decides: "approve", or an error code of section 11.
        acr: how strongly they prove themselves.
    """

    subject: str = "person-1"
    polls: int = 1
    decides: str = "approve"
    acr: str = HIGH


@dataclass
class Asked:
    """One authentication request under way."""

    person: Person
    binding: str
    polls: int = 0
    last_poll: float = field(default_factory=lambda: float("-inf"))
    used: bool = False


@dataclass
class Mischief:
    """What the provider does wrong on purpose.

    Args:
        claims: changes the claims of an ID token before it is signed.
        sign_with: a key that is not published signs.
        secret: signs with HMAC, whatever it is.
        header: of the ID token, over the right one.
        begin: (status, body) answered to authentication requests instead.
        token: (status, body) answered to the next token requests, one each.
        discovery: changes the discovery document.
        slow_downs: token requests answered "slow_down" first.
    """

    claims: Callable[[dict[str, Any]], None] = lambda claims: None
    sign_with: Key | None = None
    secret: bytes | None = None
    header: dict[str, Any] = field(default_factory=dict)
    begin: tuple[int, object] | None = None
    token: list[tuple[int, object]] = field(default_factory=list)
    discovery: Callable[[dict[str, Any]], None] = lambda found: None
    slow_downs: int = 0


class TestProvider:
    """The provider's side.

    Args:
        clients: secrets by client id.
        client_keys: public keys by client id, for private_key_jwt and signed requests.
    """

    __test__ = False

    def __init__(self, clients: dict[str, str], client_keys: dict[str, Key] | None = None) -> None:
        self.issuer = ""
        self.keys = [RSAKey.generate_key(2048, auto_kid=True)]
        self.begin_anew(clients, client_keys or {})
        self.app = FastAPI()
        self.app.get("/.well-known/openid-configuration")(self.discovery)
        self.app.get("/keys")(self.published)
        self.app.post("/bc-authorize")(self.begin)
        self.app.post("/token")(self.token)

    def begin_anew(self, clients: dict[str, str], client_keys: dict[str, Key]) -> None:
        """Forget everything but the signing key, and know these clients."""
        self.clients = dict(clients)
        self.client_keys = client_keys
        self.signed_requests = False  # plain ones are refused
        self.interval = 0.0  # seconds between polls that it asks for
        self.people: dict[str, Person] = {}
        self.requests: dict[str, Asked] = {}
        self.mischief = Mischief()
        self.seen: list[dict[str, str]] = []
        self.polls = 0

    def rotate(self) -> None:
        """A new key signs from now on; the old one is no longer published."""
        self.keys = [RSAKey.generate_key(2048, auto_kid=True)]

    async def discovery(self) -> Response:
        """Section 4."""
        found: dict[str, Any] = {
            "issuer": self.issuer,
            "backchannel_authentication_endpoint": f"{self.issuer}/bc-authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "backchannel_token_delivery_modes_supported": ["poll", "ping"],
            "grant_types_supported": [GRANT],
        }
        self.mischief.discovery(found)
        return JSONResponse(found)

    async def published(self) -> Response:
        """The public keys, one of them of a kind that nobody uses here."""
        odd = {"kty": "oct", "k": "c2VjcmV0", "kid": "odd"}
        return JSONResponse({"keys": [odd, *(key.as_dict(private=False) for key in self.keys)]})

    async def begin(self, request: Request) -> Response:
        """Section 7.1: an authentication request."""
        fields = await _fields(request)
        client = self._client(request, fields)
        if client is None:
            return _error(401, "invalid_client")
        if self.mischief.begin is not None:
            status, body = self.mischief.begin
            return JSONResponse(body, status)
        try:
            fields = self._unwrapped(fields, client)
        except (JoseError, ValueError, KeyError):
            return _error(400, "invalid_request")
        self.seen.append(fields)
        if "openid" not in fields.get("scope", "").split() or not fields.get("login_hint"):
            return _error(400, "invalid_scope" if fields.get("login_hint") else "invalid_request")
        person = self.people.get(fields["login_hint"])
        if person is None:
            return _error(400, "unknown_user_id")
        auth_req_id = secrets.token_urlsafe(24)
        self.requests[auth_req_id] = Asked(person, fields.get("binding_message", ""))
        return JSONResponse({"auth_req_id": auth_req_id, "expires_in": 120, "interval": self.interval})

    async def token(self, request: Request) -> Response:
        """Section 10.1: a token request in poll mode."""
        fields = await _fields(request)
        client = self._client(request, fields)
        self.polls += 1
        if client is None:
            return _error(401, "invalid_client")
        if self.mischief.token:
            status, body = self.mischief.token.pop(0)
            return Response(body, status) if isinstance(body, bytes) else JSONResponse(body, status)
        asked = self.requests.get(fields.get("auth_req_id", ""))
        if fields.get("grant_type") != GRANT or asked is None or asked.used:
            return _error(400, "invalid_grant")
        if self.mischief.slow_downs:
            self.mischief.slow_downs -= 1
            return _error(400, "slow_down")
        asked.polls += 1
        if asked.polls <= asked.person.polls:
            return _error(400, "authorization_pending")
        if asked.person.decides != "approve":
            return _error(400, asked.person.decides)
        asked.used = True
        token = self.id_token(asked.person, client)
        return JSONResponse(
            {"access_token": secrets.token_urlsafe(), "token_type": "Bearer", "expires_in": 60, "id_token": token}
        )

    def id_token(self, person: Person, client: str) -> str:
        """A token for a person and a client, with whatever is wrong with it."""
        now = int(time.time())
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "aud": client,
            "sub": person.subject,
            "iat": now,
            "exp": now + 300,
            "auth_time": now,
            "acr": person.acr,
            "nnin": "01010150074",
        }
        self.mischief.claims(claims)
        if self.mischief.secret is not None:
            return _with_hmac(claims, self.mischief.secret)
        key = self.mischief.sign_with or self.keys[0]
        header = {"alg": "RS256", "kid": self.keys[0].kid, **self.mischief.header}
        algorithms = [str(header["alg"])]
        return jwt.encode(header, claims, key, algorithms=algorithms)

    def _client(self, request: Request, fields: dict[str, str]) -> str | None:
        """Who sends this: client_secret_basic or private_key_jwt."""
        scheme, _, value = request.headers.get("authorization", "").partition(" ")
        if scheme == "Basic":
            client, _, secret = base64.b64decode(value).decode().partition(":")
            known = self.clients.get(client)
            return client if known and secrets.compare_digest(known, secret) else None
        client = fields.get("client_id", "")
        key = self.client_keys.get(client)
        if key is None or fields.get("client_assertion_type") != ASSERTION:
            return None
        try:
            claims = self._ours(fields["client_assertion"], key)
        except (JoseError, ValueError, KeyError):
            return None
        return client if claims["iss"] == claims["sub"] == client else None

    def _unwrapped(self, fields: dict[str, str], client: str) -> dict[str, str]:
        """Section 7.1.1: the parameters of a signed request; nothing may stand beside it."""
        if "request" not in fields:
            if self.signed_requests:
                raise ValueError("unsigned")
            return fields
        claims = self._ours(fields["request"], self.client_keys[client])
        if claims["iss"] != client or "nbf" not in claims:
            raise ValueError("not of this client")
        return {name: str(value) for name, value in claims.items()}

    def _ours(self, token: str, key: Key) -> dict[str, Any]:
        claims = dict(jwt.decode(token, KeySet([key]), algorithms=["PS256", "ES256"]).claims)
        now = time.time()
        if claims["aud"] != self.issuer or not now < claims["exp"] <= now + 600 or not claims["jti"]:
            raise ValueError("not for us, or not now")
        return claims


def _with_hmac(claims: dict[str, Any], secret: bytes) -> str:
    """By hand: the library refuses to take a public key for a secret."""
    parts = [json.dumps(part).encode() for part in ({"alg": "HS256"}, claims)]
    head = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)
    tag = base64.urlsafe_b64encode(hmac.digest(secret, head, "sha256")).rstrip(b"=")
    return (head + b"." + tag).decode()


async def _fields(request: Request) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs((await request.body()).decode()).items()}


def _error(status: int, code: str) -> Response:
    return JSONResponse({"error": code, "error_description": "for people"}, status)


@asynccontextmanager
async def listening(provider: TestProvider) -> AsyncIterator[TestProvider]:
    """The provider on a free port of loopback."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    provider.issuer = f"http://127.0.0.1:{listener.getsockname()[1]}"
    server = uvicorn.Server(uvicorn.Config(provider.app, log_config=None, lifespan="off"))
    running = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield provider
    finally:
        server.should_exit = True
        await running
