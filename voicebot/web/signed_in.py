"""Who is asking, and whether they may: the one gate every page behind the sign-in goes through."""

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fastapi import HTTPException, Request

from voicebot.web.forms import check_form, is_secure
from voicebot.web.parts import WebParts, parts_of, store_of
from voicebot.web.permissions import Permission, Role, permissions_of, roles_from
from voicebot.web.sign_in import sessions
from voicebot.web.sign_in.sessions import Session, SessionRules, Stage

if TYPE_CHECKING:
    from starlette.responses import Response

_COOKIE: Final = "voicebot-session"


class NotSignedIn(HTTPException):
    """Nobody, or somebody whose session is over. Shown as the sign-in page."""

    def __init__(self) -> None:
        super().__init__(401, "signed_out")


class NotAllowed(HTTPException):
    """Somebody whose roles do not include this."""

    def __init__(self) -> None:
        super().__init__(403, "not_allowed")


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody who has signed in, second factor and all.

    Args:
        account_id: of the account.
        name: the account's name; the actor in the access log.
        roles: as they are at this moment.
        language: in which pages are shown.
        csrf: the token every form of theirs carries in a field "csrf".
        session_id: this browser's session.
    """

    account_id: str
    name: str
    roles: frozenset[Role]
    language: str
    csrf: str
    session_id: str = ""

    def may(self, permission: Permission) -> bool:
        """Whether a role of theirs allows it."""
        return permission in permissions_of(self.roles)

    @property
    def role(self) -> str:
        """Their roles as the access log writes them."""
        return " ".join(sorted(self.roles))


class Guard:
    """A dependency that lets in only who may; see `require`.

    Args:
        permission: what is needed; None lets in everybody who has signed in.
    """

    def __init__(self, permission: Permission | None) -> None:
        self.permission = permission

    async def __call__(self, request: Request) -> SignedIn:
        """Who is asking.

        Raises:
            NotSignedIn, NotAllowed, NoRecords: shown as pages.
            FormRefused: a POST without the session's token.
        """
        session = await current_session(request)
        if session is None or session.stage is not Stage.FULL:
            raise NotSignedIn
        if request.method not in ("GET", "HEAD"):
            await check_form(request, session.csrf)
        somebody = SignedIn(
            session.account_id,
            session.name,
            roles_from(session.roles),
            session.language,
            session.csrf,
            session.id,
        )
        request.state.signed_in = somebody
        if self.permission is not None and not somebody.may(self.permission):
            raise NotAllowed
        return somebody


def require(permission: Permission | None) -> Guard:
    """Only who may do this: `signed_in: Annotated[SignedIn, Depends(require(Permission.READ_UNANSWERED))]`.

    Every POST is checked for its form token on the way.
    """
    return Guard(permission)


def session_cookie(request: Request) -> str:
    """Its name: over https with the prefix that keeps other hosts of the same domain from setting it."""
    return f"__Host-{_COOKIE}" if is_secure(request) else _COOKIE


def set_session(request: Request, response: "Response", token: str) -> None:
    """Give the browser its token: not for scripts, not for other sites' forms, and gone when the browser closes.

    Lax and not Strict: whoever comes back from the company's own sign-in page has to arrive signed in. Nothing changes
    by GET, and every POST carries a token of its own.
    """
    response.set_cookie(
        session_cookie(request), token, path="/", secure=is_secure(request), httponly=True, samesite="lax"
    )


def drop_session(request: Request, response: "Response") -> None:
    """Take the token back from the browser."""
    response.delete_cookie(session_cookie(request), path="/", secure=is_secure(request), httponly=True, samesite="lax")


async def current_session(request: Request) -> Session | None:
    """The browser's session as far as it has come, None when it has none that is good.

    Raises:
        NoRecords: no store is open.
    """
    parts = parts_of(request)
    store_of(parts)
    token = request.cookies.get(session_cookie(request), "")
    if not token or len(token) > 100:
        return None
    return await asyncio.to_thread(_look_up, parts, token)


def session_rules(parts: WebParts) -> SessionRules:
    """How long sessions last here."""
    return SessionRules(parts.config.idle, parts.config.longest)


def _look_up(parts: WebParts, token: str) -> Session | None:
    database, now = store_of(parts).database, parts.now()
    with database.reading() as connection:
        found = sessions.look_up(connection, token, session_rules(parts), now)
    if found is None:
        return None
    session, stale = found
    if stale:
        with database.writing() as connection:
            sessions.touch(connection, session.id, now)
    return session
