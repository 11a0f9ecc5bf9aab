"""The console's style, icon and small scripts: read once and held, so that a name from outside opens no file."""

import hashlib
from importlib import resources
from typing import Final

from fastapi import APIRouter, HTTPException, Request, Response

_TYPES: Final = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}


def static_router() -> APIRouter:
    """The route `GET /console/static/{name}`."""
    router = APIRouter()
    held: dict[str, tuple[bytes, str, str]] = {}
    for file in (resources.files("voicebot.web") / "static").iterdir():
        media_type = _TYPES.get(file.name.rpartition(".")[2])
        if media_type is not None:
            body = file.read_bytes()
            held[file.name] = (body, media_type, f'"{hashlib.sha256(body).hexdigest()[:32]}"')

    @router.get("/console/static/{name}", include_in_schema=False)
    async def static(request: Request, name: str) -> Response:
        if name not in held:
            raise HTTPException(404)
        body, media_type, tag = held[name]
        headers = {"ETag": tag, "Cache-Control": "no-cache"}
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return Response(body, media_type=media_type, headers=headers)

    return router
