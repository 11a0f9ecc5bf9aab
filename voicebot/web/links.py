"""Addresses inside the service, relative to the page that shows them.

A proxy may show the service below a path of its own, so no page knows its whole address: links and redirections say
how to get from the page asked for to the other one.
"""

from urllib.parse import quote, urlsplit

from fastapi import Request
from fastapi.responses import RedirectResponse

HOME = "/console"
DESK = "/agent"
"""Where agents work; see `voicebot.web.pages.agent`."""


def link(request: Request, path: str) -> str:
    """The relative address of a path of ours.

    Args:
        request: of the page that shows the link.
        path: begins with a slash: "/console/conversations?day=2026-11-23".
    """
    depth = request.url.path.count("/") - 1
    return "../" * depth + path.removeprefix("/") if depth else "./" + path.removeprefix("/")


def see(request: Request, path: str) -> RedirectResponse:
    """Go on with a GET of a path of ours; for after a form."""
    return RedirectResponse(link(request, path), status_code=303)


def safe_next(wanted: str | None) -> str:
    """Where to go after signing in: a page behind the sign-in and nothing else, whatever the address asked for."""
    if not wanted or len(wanted) > 500 or not wanted.isprintable() or "\\" in wanted:
        return HOME
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return HOME
    path = parts.path
    if parts.scheme or parts.netloc or "//" in path or not _is_behind(path):
        return HOME
    hidden = any(code in path.lower() for code in ("%2e", "%2f", "%5c"))
    if hidden or any(step in ("..", ".") for step in path.split("/")):
        return HOME
    if path.startswith((f"{HOME}/sign-", f"{HOME}/oidc/")):
        return HOME
    return quote(path, safe="/-_.~%") + (f"?{quote(parts.query, safe='=&-_.~+%')}" if parts.query else "")


def _is_behind(path: str) -> bool:
    return any(path == root or path.startswith(root + "/") for root in (HOME, DESK))
