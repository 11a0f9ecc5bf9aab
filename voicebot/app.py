"""The web application: the lines, the pages, health, metrics and the feed."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields

from fastapi import APIRouter, FastAPI, Response
from fastapi.responses import JSONResponse, PlainTextResponse, RedirectResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from telephony.browser import BrowserSettings, browser_router
from telephony.twilio import TwilioLine, TwilioSettings
from voicebot.config import Config, TwilioConfig
from voicebot.feed import feed_router
from voicebot.house import House

NOT_CONNECTED = (
    "No Twilio account is connected: set TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and PUBLIC_URL and start again.\n"
)


def build_app(config: Config, house: House) -> tuple[FastAPI, TwilioLine | None]:
    """The application and its phone line, None when no carrier is configured.

    Args:
        config: the whole configuration; with `twilio` set, `server.public_url` must be set too.
        house: who answers.
    """
    app = FastAPI(title="voicebot", docs_url=None, redoc_url=None, openapi_url=None)
    line = None
    if config.twilio is not None and config.server.public_url is not None:
        line = TwilioLine(twilio_settings(config, config.twilio, config.server.public_url, house), house)
        app.include_router(line.router)
        app.include_router(feed_router(house.feed, config.twilio.auth_tokens))
    else:
        app.include_router(_not_connected())
    app.include_router(browser_router(house, browser_settings(config, house)))
    app.include_router(_health(house, line))
    return app, line


def twilio_settings(config: Config, twilio: TwilioConfig, public_url: str, house: House) -> TwilioSettings:
    """What the phone line must know."""
    return TwilioSettings(
        account_sid=twilio.account_sid,
        auth_tokens=twilio.auth_tokens,
        public_url=public_url,
        api_key_sid=twilio.api_key_sid,
        api_key_secret=twilio.api_key_secret,
        region=twilio.region,
        edge=twilio.edge,
        api_url=twilio.api_url,
        call_seconds=min(config.limits.call_seconds, house.bot.limits.call_seconds),
        idle_seconds=config.limits.idle_seconds,
        quiet_seconds=config.limits.quiet_seconds,
        ring_seconds=config.limits.ring_seconds,
    )


def browser_settings(config: Config, house: House) -> BrowserSettings:
    """What the page must know."""
    return BrowserSettings(
        name=house.bot.name,
        languages=tuple(house.bot.languages),
        privacy=dict(house.bot.privacy),
        public_url=config.server.public_url,
        enabled=config.browser_enabled,
        call_seconds=min(config.limits.call_seconds, house.bot.limits.call_seconds),
        idle_seconds=config.limits.idle_seconds,
    )


def _not_connected() -> APIRouter:
    router = APIRouter()

    @router.api_route("/twilio/{path:path}", methods=["GET", "POST"])
    async def refuse(path: str) -> PlainTextResponse:
        return PlainTextResponse(NOT_CONNECTED, status_code=503)

    return router


def _health(house: House, line: TwilioLine | None) -> APIRouter:
    router = APIRouter()

    @router.get("/", include_in_schema=False)
    async def home() -> RedirectResponse:
        return RedirectResponse("try")

    @router.get("/healthz")
    async def healthz() -> JSONResponse:
        """The process is alive."""
        return JSONResponse({"status": "ok", "calls": house.calls})

    @router.get("/readyz")
    async def readyz() -> JSONResponse:
        """Whether a caller who rings now is answered by the bot."""
        reason = house.not_ready()
        body = {"status": "ready" if reason is None else reason, "bot": house.bot.name, "trouble": house.trouble}
        return JSONResponse(body, status_code=200 if reason is None else 503)

    @router.get("/metrics")
    async def metrics() -> Response:
        house.metrics.recogniser_waiting.set(house.recogniser.waiting)
        house.metrics.recogniser_busy.set(house.recogniser.busy)
        house.metrics.tasks.set(len(asyncio.all_tasks()))
        if line is not None:
            for kind, count in _counted(line):
                house.metrics.line_events.labels(kind).set(count)
        return Response(generate_latest(house.metrics.registry), media_type=CONTENT_TYPE_LATEST)

    return router


def _counted(line: TwilioLine) -> Iterator[tuple[str, int]]:
    """The line's counters as (kind, count), the ones with keys of their own as "refusals:full"."""
    for field in fields(line.counters):
        value = getattr(line.counters, field.name)
        if isinstance(value, Counter):
            yield from ((f"{field.name}:{key}", count) for key, count in value.items())
        else:
            yield field.name, value
