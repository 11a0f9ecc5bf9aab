"""The page and its parts, read once, with the headers that keep them ours."""

import hashlib
import html
import json
import re
from importlib import resources
from string import Template
from typing import Final

from fastapi import Response

from telephony.browser.settings import BrowserSettings

_TYPES: Final = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}

_SECURITY: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
    "Cache-Control": "no-cache",
}

# What a Host header may look like before it is repeated in a header of ours.
_HOST: Final = re.compile(r"[A-Za-z0-9.\-]+(:\d{1,5})?|\[[0-9A-Fa-f:]+\](:\d{1,5})?")


class PageFiles:
    """The files of `page/`, held in memory: a name from outside is looked up, never opened.

    Args:
        settings: name, languages and privacy words are written into the page.
    """

    def __init__(self, settings: BrowserSettings) -> None:
        folder = resources.files("telephony.browser") / "page"
        self._page = _fill(folder.joinpath("index.html").read_text(encoding="utf-8"), settings)
        self._assets = {
            file.name: (file.read_bytes(), media_type)
            for file in folder.iterdir()
            if (media_type := _TYPES.get(file.name.rpartition(".")[2])) is not None
        }

    def page(self, host: str) -> Response:
        """The page.

        Args:
            host: the request's Host header. Older Safari does not count a WebSocket to the same host as 'self'.
        """
        sockets = f" ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
        policy = (
            f"default-src 'self'; connect-src 'self'{sockets}; object-src 'none'; base-uri 'none'; "
            "form-action 'none'; frame-ancestors 'none'"
        )
        headers = {**_SECURITY, "Content-Security-Policy": policy}
        return Response(self._page, media_type="text/html; charset=utf-8", headers=headers)

    def asset(self, name: str, known_tag: str | None) -> Response | None:
        """One part of the page, "not modified" when the browser has it already, None when there is no such part.

        Args:
            name: the file's name.
            known_tag: the request's If-None-Match header.
        """
        found = self._assets.get(name)
        if found is None:
            return None
        body, media_type = found
        headers = {**_SECURITY, "ETag": f'"{hashlib.sha256(body).hexdigest()[:32]}"'}
        if known_tag == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        return Response(body, media_type=media_type, headers=headers)


def _fill(page: str, settings: BrowserSettings) -> str:
    # In a script element only "<" can end the element early; in JSON it can be written otherwise.
    privacy = json.dumps(dict(settings.privacy), ensure_ascii=False).replace("<", "\\u003c")
    return Template(page).substitute(
        name=html.escape(settings.name),
        languages=html.escape(" ".join(settings.languages)),
        privacy=privacy,
        privacy_page=html.escape(settings.privacy_page),
    )
