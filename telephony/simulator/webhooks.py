"""The network's HTTP side: signed webhooks with timeout, retry and fallback. Source: twilio.com/docs/usage/webhooks."""

import asyncio
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

import httpx

from telephony.errors import TelephonyError
from telephony.simulator.options import Mischief, Network
from telephony.simulator.post import DOCUMENT, Letter, Post
from telephony.simulator.privacy import PrivacyPolice
from telephony.simulator.signature import sign_request

Fields = Sequence[tuple[str, str]]
_CONNECT_SECONDS = 5.0
_MOST_REDIRECTS = 10
_XML = ("text/xml", "application/xml")
_REDIRECTED = (301, 302, 303, 307, 308)


class WebhookFailed(TelephonyError):
    """A webhook gave no usable answer; `code` is the network's error code."""

    def __init__(self, code: int, what: str, *, connecting: bool = False) -> None:
        super().__init__(f"{code}: {what}")
        self.code = code
        self.connecting = connecting


@dataclass(frozen=True, slots=True)
class Delivery:
    """One request to the bot, for the report. `status` is None when no answer came."""

    method: str
    path: str
    status: int | None
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Timeouts:
    """A webhook's limits; an address may override them in its fragment (`#ct=2000&rt=4000&rc=2`).

    Args:
        connect_seconds, read_seconds, total_seconds: `ct`, `rt` and `tt`, there in milliseconds.
        retries: `rc`.
        retry_on: `rp`; without it only failures to connect are retried.
    """

    connect_seconds: float = _CONNECT_SECONDS
    read_seconds: float = 15.0
    total_seconds: float = 15.0
    retries: int = 1
    retry_on: tuple[str, ...] = ("ct",)

    def overridden(self, fragment: str) -> "Timeouts":
        """These limits with the fragment's own."""
        given = dict(parse_qsl(fragment))

        def whole(key: str, default: float) -> float:
            return float(given[key]) if given.get(key, "").isdigit() else default

        return Timeouts(
            connect_seconds=whole("ct", self.connect_seconds * 1000) / 1000,
            read_seconds=whole("rt", self.read_seconds * 1000) / 1000,
            total_seconds=whole("tt", self.total_seconds * 1000) / 1000,
            retries=min(5, int(whole("rc", self.retries))),
            retry_on=tuple(given["rp"].split(",")) if "rp" in given else self.retry_on,
        )

    def retried(self, failure: WebhookFailed, status: int | None) -> bool:
        """Whether this failure is worth another attempt."""
        kind = "ct" if failure.connecting else "rt" if status is None else f"{status // 100}xx"
        return "all" in self.retry_on or kind in self.retry_on


@dataclass(frozen=True, slots=True)
class Answer:
    """What the bot answered, and the address that answered in the end."""

    text: str
    url: str


class Webhooks:
    """Asks the bot, the way the network does.

    Args:
        client: makes the requests; the caller closes it.
        network: addresses and token; may be exchanged for another one while calls are up.
        mischief: what to get wrong.
        post: when and how often each request arrives.
        privacy: looks at every address.
    """

    def __init__(
        self,
        client: httpx.AsyncClient,
        network: Network,
        mischief: Mischief,
        post: Post | None = None,
        privacy: PrivacyPolice | None = None,
    ) -> None:
        self._client = client
        self.network = network
        self._mischief = mischief
        self._post = post or Post()
        self._privacy = privacy or PrivacyPolice()
        self._wrong_token = secrets.token_hex(16) if mischief.wrong_token else None
        self.deliveries: list[Delivery] = []
        self.warnings: list[str] = []

    async def document(self, url: str, method: str, fields: Fields) -> Answer:
        """Ask for TwiML.

        Raises:
            WebhookFailed: no answer in time, an error, or something that is not XML.
        """
        response = await self._asked(url, method, fields)
        kind = response.headers.get("content-type", "").partition(";")[0].strip()
        if kind not in _XML:
            raise WebhookFailed(12300, f"the answer is {kind or 'of no type'}, not XML")
        if not response.text.strip():
            raise WebhookFailed(12100, "the answer is empty")
        return Answer(response.text, url)

    async def notify(self, letter: Letter, method: str) -> None:
        """Deliver a status callback as its fate and the mischief say. The network only warns when one fails."""

        async def deliver() -> None:
            for _ in range(self._mischief.callback_copies):
                try:
                    await self.request(letter.url, method, letter.fields)
                except WebhookFailed as failure:
                    self.warnings.append(f"the callback to {urlsplit(letter.url).path} failed ({failure})")

        await self._post.carry(letter, self._post.take(letter), deliver)

    async def _asked(self, url: str, method: str, fields: Fields) -> httpx.Response:
        """The answer to a question for a document."""
        answers: list[httpx.Response] = []

        async def ask() -> None:
            answers.append(await self.request(url, method, fields, repeated=self._mischief.repeat_webhooks))

        letter = Letter(DOCUMENT, url, tuple(fields))
        await self._post.carry(letter, self._post.take(letter), ask)
        if not answers:
            raise WebhookFailed(11205, "the bot cannot be reached", connecting=True)
        return answers[-1]

    async def request(self, url: str, method: str, fields: Fields, *, repeated: bool = False) -> httpx.Response:
        """One webhook with its retries; every attempt carries the same idempotency token.

        Args:
            url: its address, with or without a fragment that overrides the limits.
            method: GET or POST.
            fields: the form.
            repeated: deliver it twice and use the second answer, as if the first had been lost.
        Raises:
            WebhookFailed: no answer in time, or an error.
        """
        bare, _, fragment = url.partition("#")
        self._privacy.address(bare)
        most = self._mischief.webhook_timeout_seconds
        limits = Timeouts(read_seconds=most, total_seconds=most).overridden(fragment)
        idempotency = secrets.token_hex(16)
        deadline = time.monotonic() + limits.total_seconds
        attempts = limits.retries + 1
        if repeated:
            await self._follow(bare, method, fields, idempotency, limits, deadline)
        while True:
            attempts -= 1
            try:
                response = await self._follow(bare, method, fields, idempotency, limits, deadline)
            except WebhookFailed as failure:
                if attempts and time.monotonic() < deadline and limits.retried(failure, None):
                    continue
                raise
            if response.status_code < 400:
                return response
            refused = WebhookFailed(11200, _refusal(response.status_code))
            if not (attempts and limits.retried(refused, response.status_code)):
                raise refused

    async def _follow(
        self, url: str, method: str, fields: Fields, idempotency: str, limits: Timeouts, deadline: float
    ) -> httpx.Response:
        for _ in range(_MOST_REDIRECTS + 1):
            response = await self._once(url, method, fields, idempotency, limits, deadline)
            if response.status_code not in _REDIRECTED:
                return response
            url = urljoin(url, response.headers.get("location", ""))
            if response.status_code not in (307, 308):
                method, fields = "GET", ()
        raise WebhookFailed(11215, "more than ten redirects")

    async def _once(
        self, url: str, method: str, fields: Fields, idempotency: str, limits: Timeouts, deadline: float
    ) -> httpx.Response:
        if method == "GET" and fields:
            url = f"{url}{'&' if '?' in url else '?'}{urlencode(list(fields))}"
        headers = {"I-Twilio-Idempotency-Token": idempotency, "User-Agent": "TwilioProxy/1.1"}
        body = b""
        if method == "POST":
            headers["Content-Type"] = "application/x-www-form-urlencoded; charset=UTF-8"
            body = urlencode(list(fields)).encode()
        headers |= self.signature(url, fields if method == "POST" else ())
        target, host = reachable(url, self.network)
        headers["Host"] = host
        began = time.monotonic()
        status: int | None = None
        read = max(0.05, min(limits.read_seconds, deadline - began))
        timeout = httpx.Timeout(read, connect=min(limits.connect_seconds, read))
        try:
            async with asyncio.timeout(read):  # httpx bounds each read, not all of them together
                response = await self._client.request(method, target, content=body, headers=headers, timeout=timeout)
            status = response.status_code
            return response
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise WebhookFailed(11205, "the bot cannot be reached", connecting=True) from error
        except (httpx.TimeoutException, TimeoutError) as error:
            raise WebhookFailed(11205, f"no answer within {read:.1f} s") from error
        except httpx.HTTPError as error:
            raise WebhookFailed(11200, f"the answer broke off ({type(error).__name__})") from error
        finally:
            taken = 1000 * (time.monotonic() - began)
            self.deliveries.append(Delivery(method, urlsplit(url).path, status, round(taken, 1)))

    def signature(self, url: str, fields: Fields = ()) -> dict[str, str]:
        """The signature's header, or none when the mischief says so."""
        if self._mischief.no_signature:
            return {}
        headers = {
            "X-Twilio-Signature": sign_request(
                self._wrong_token or self.network.auth_token, url, fields, sha256=self._mischief.sha256
            )
        }
        if self._mischief.sha256:
            headers["X-Twilio-Webhooks-Signature-Settings"] = "key=SK1,algorithm=HMAC_SHA256"
        return headers


def _refusal(status: int) -> str:
    hint = " (started with another auth token, or another PUBLIC_URL?)" if status == 403 else ""
    return f"the bot answered {status}{hint}"


def reachable(url: str, network: Network) -> tuple[str, str]:
    """Where to connect for an address, and the Host header to send there."""
    parts = urlsplit(url)
    public = urlsplit(network.public_url)
    if network.connect_to is None or parts.netloc != public.netloc:
        return url, parts.netloc
    base = urlsplit(network.connect_to)
    secure = base.scheme == "https"
    scheme = ("wss" if secure else "ws") if parts.scheme in ("ws", "wss") else base.scheme
    return urlunsplit((scheme, base.netloc, parts.path, parts.query, "")), parts.netloc
