"""The REST requests that a line needs: make, look at, move and end calls, send text messages."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit, urlunsplit

import requests
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from telephony.errors import CarrierRefused
from telephony.twilio.counters import TwilioCounters
from telephony.twilio.settings import TwilioSettings
from telephony.twilio.twiml import check_rest_size

T = TypeVar("T")

ALREADY_OVER: Final = frozenset({20404, 21220})
"""Twilio's codes for a call that it no longer has, and for one that is no longer in progress."""

_SERVER_FAULT: Final = 500


class ApiHttpClient(TwilioHttpClient):  # type: ignore[misc]  # the SDK ships no types
    """The SDK's HTTP client with a deadline, without its log, and if need be with another host.

    Args:
        timeout: seconds per request; the SDK's own default is to wait for ever.
        base_url: scheme and host (and port) in place of https://api.twilio.com; None for the real one.
    """

    def __init__(self, timeout: float, base_url: str | None = None) -> None:
        super().__init__(timeout=timeout, max_retries=0)
        self._base = urlsplit(base_url) if base_url is not None else None
        # A host of our own choice is on loopback or in the house, never behind the proxy to the outside.
        self.session.trust_env = base_url is None

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
        """As in the SDK, with the host exchanged."""
        if self._base is not None:
            wanted = urlsplit(url)
            url = urlunsplit((self._base.scheme, self._base.netloc, wanted.path, wanted.query, ""))
        return super().request(method, url, *args, **kwargs)

    def log_request(self, kwargs: object) -> None:
        """Log nothing: addresses carry the account."""

    def log_response(self, status_code: int, response: object) -> None:
        """Log nothing: answers carry callers' numbers."""


class TwilioRest:
    """Call control by REST, off the event loop.

    Args:
        settings: the account.
        counters: where requests are counted.
    """

    def __init__(self, settings: TwilioSettings, counters: TwilioCounters) -> None:
        self._counters = counters
        self._client = _client(settings)
        # Several people may be rung at once, for several callers, while a slow carrier keeps other requests waiting.
        self._threads = ThreadPoolExecutor(max_workers=8, thread_name_prefix="twilio-rest")

    async def end(self, call_sid: str) -> bool:
        """End a call, whatever it is doing.

        Returns:
            whether it was still going on.

        Raises:
            CarrierRefused: Twilio answered with another error, or did not answer.
        """
        try:
            await self._ask("end a call", lambda: self._client.calls(call_sid).update(status="completed"))
        except CarrierRefused as refused:
            if refused.code in ALREADY_OVER:
                return False
            raise
        return True

    async def status(self, call_sid: str) -> str:
        """How a call is doing, in Twilio's word for it.

        Raises:
            CarrierRefused: Twilio answered with an error (code 20404: it has no such call any more), or did not answer.
        """
        return await self._ask_once("look at a call", lambda: str(self._client.calls(call_sid).fetch().status))

    async def move(self, call_sid: str, document: str) -> None:
        """Have a call leave what it is doing and follow another document.

        Args:
            call_sid: the call.
            document: TwiML, at most 4000 characters.

        Raises:
            CarrierRefused: Twilio answered with an error (code 21220 or 20404: the call is over), or did not answer.
        """
        check_rest_size(document)
        await self._ask("move a call", lambda: self._client.calls(call_sid).update(twiml=document))

    async def ring(self, to: str, sender: str, *, url: str, status_url: str, seconds: int, limit_seconds: int) -> str:
        """Ring somebody; asked for once only, because two requests are two phones ringing.

        Args:
            to: E.164 or SIP address.
            sender: one of the account's own numbers, E.164.
            url: asked for a document once they have answered.
            status_url: told how it goes.
            seconds: how long it rings, 5 to 600.
            limit_seconds: when the call is ended at the latest.

        Returns:
            the call's id.

        Raises:
            CarrierRefused: Twilio answered with an error; with status 0 it did not answer, and the phone may ring.
        """

        def request() -> str:
            call = self._client.calls.create(
                to=to,
                from_=sender,
                url=url,
                method="POST",
                timeout=seconds,
                time_limit=limit_seconds,
                record=False,
                status_callback=status_url,
                status_callback_method="POST",
                status_callback_event=["initiated", "ringing", "answered", "completed"],
            )
            return str(call.sid)

        return await self._ask_once("ring a person", request)

    async def message(self, to: str, sender: str, text: str) -> None:
        """Send a text message; asked for once only, because two requests are two messages.

        Args:
            to: E.164.
            sender: one of the account's own numbers, E.164.
            text: at most 1600 characters.

        Raises:
            CarrierRefused: Twilio answered with an error, or did not answer.
        """
        what = "send a text message"
        await self._ask_once(what, lambda: self._client.messages.create(to=to, from_=sender, body=text))

    def close(self) -> None:
        """Give up the threads. Requests on their way end by their timeout."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        session = self._client.http_client.session
        if session is not None:
            session.close()

    async def _ask(self, what: str, request: Callable[[], object]) -> None:
        """Ask, and once more when there was no answer: for requests that do no harm when they arrive twice."""
        try:
            await self._ask_once(what, request)
        except CarrierRefused as refused:
            if refused.status and refused.status < _SERVER_FAULT:
                raise
            await self._ask_once(what, request)

    async def _ask_once(self, what: str, request: Callable[[], T]) -> T:
        self._counters.rest_requests[what] += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, request)
        except TwilioRestException as refused:
            self._counters.rest_failures += refused.code not in ALREADY_OVER
            # `from None`, here and below: the SDK's and requests' own texts carry addresses with the account in them.
            raise CarrierRefused(refused.status, refused.code, what) from None
        except (TwilioException, requests.RequestException) as error:
            self._counters.rest_failures += 1
            raise CarrierRefused(0, None, f"{what} ({type(error).__name__})") from None


def _client(settings: TwilioSettings) -> Client:
    return Client(
        settings.api_key_sid or settings.account_sid,
        settings.api_key_secret or settings.auth_tokens[0],
        settings.account_sid,
        region=settings.region,
        edge=settings.edge,
        http_client=ApiHttpClient(settings.patience.rest_seconds, settings.api_url),
        # An empty mapping would make the SDK read the process's environment.
        environment={"": ""},
    )
