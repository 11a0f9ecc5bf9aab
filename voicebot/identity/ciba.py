"""Approval on the caller's own phone while they are on the line: OpenID Connect CIBA, as BankID offers it."""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import structlog

from dialog.identity import LEVELS, Identity
from voicebot.identity.ciba_wire import SLOW_DOWN_SECONDS, Begun, ProviderRefused, ProviderTrouble, Wire
from voicebot.identity.id_token import IdTokens, TokenInvalid
from voicebot.identity.provider import Approving, Asked, Came, NotProven, Proven

log = structlog.get_logger(__name__)

LONGEST_SECONDS = 180.0
"""Asked of the provider as `requested_expiry`, and waited at most: a caller holds the line no longer."""

SHORTEST_INTERVAL_SECONDS = 1.0

OUTCOMES: Mapping[str, str] = {
    "access_denied": "refused",
    "expired_token": "expired",
    "expired_login_hint_token": "unavailable",
    "unknown_user_id": "unavailable",
    "transaction_failed": "unavailable",
}
"""What an error of the specification (sections 11 and 13) means to a caller; others mean "unavailable"."""


@dataclass(frozen=True, slots=True)
class CibaSettings:
    """How people are asked for, and what counts.

    Args:
        acr: per level of `dialog.identity.LEVELS`, the provider's name for it.
        login_hint: with places `{number}` (E.164), `{digits}` (without the plus) and `{national}` (without +47).
        scope: with "openid" in it.
        national_id_claim: the claim that holds a fødselsnummer, or "" when none is to be looked at.
    """

    acr: Mapping[str, str]
    login_hint: str = "{number}"
    scope: str = "openid"
    national_id_claim: str = ""


class CibaProvider:
    """Asks people on their own phones.

    Args:
        wire: to the provider.
        tokens: checks what it answers.
        settings: how people are asked for.
        sleep: waits so many seconds.
        clock: seconds that only go forward.
    """

    def __init__(
        self,
        wire: Wire,
        tokens: IdTokens,
        settings: CibaSettings,
        close: Callable[[], Awaitable[None]],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.wire = wire
        self.tokens = tokens
        self.settings = settings
        self.sleep = sleep
        self.clock = clock
        self._close = close

    @property
    def name(self) -> str:
        """The provider's host."""
        return urlsplit(self.wire.issuer).hostname or self.wire.issuer

    def attempt(self, asked: Asked) -> "CibaAttempt":
        """See `IdentityProvider`."""
        return CibaAttempt(self, asked)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._close()


class CibaAttempt:
    """One caller and one request; see `voicebot.identity.provider.Attempt`."""

    def __init__(self, provider: CibaProvider, asked: Asked) -> None:
        self._provider = provider
        self._asked = asked
        self._begun: Begun | None = None
        self._until = 0.0
        self._interval = 0.0

    async def begin(self, again: bool) -> Came:
        """Have the person asked, with digits that the bot says too: whoever sees others must not approve."""
        settings, asked = self._provider.settings, self._asked
        if asked.number is None:
            return NotProven("no_number")
        wanted = LEVELS[LEVELS.index(asked.level) :]
        names = [settings.acr[level] for level in wanted if level in settings.acr]
        if not names:
            log.error("no acr is configured for this level", level=asked.level, call_id=asked.call_id)
            return NotProven("unavailable")
        binding = f"{secrets.randbelow(10_000):04d}"
        parameters = {
            "scope": settings.scope,
            "acr_values": " ".join(names),
            "login_hint": login_hint(settings.login_hint, asked.number),
            "binding_message": binding,
            "requested_expiry": f"{LONGEST_SECONDS:.0f}",
        }
        try:
            self._begun = await self._provider.wire.begin(parameters)
        except ProviderRefused as refused:
            log.warning("the identity provider refused", error=refused.code, call_id=asked.call_id)
            return NotProven(OUTCOMES.get(refused.code, "unavailable"))
        except ProviderTrouble as trouble:
            log.error("the identity provider is in trouble", reason=str(trouble), call_id=asked.call_id)
            return NotProven("unavailable")
        self._until = self._provider.clock() + min(self._begun.expires_in, LONGEST_SECONDS)
        self._interval = max(self._begun.interval, SHORTEST_INTERVAL_SECONDS)
        return Approving(binding)

    async def code(self, code: str) -> Came:
        """Nobody was sent a code."""
        return NotProven("unavailable")

    async def wait(self) -> Came:
        """Ask every few seconds whether the person has decided (10.1), until the request expires."""
        if self._begun is None:
            return NotProven("expired")
        provider = self._provider
        while True:
            left = self._until - provider.clock()
            if left <= 0:
                return NotProven("expired")
            await provider.sleep(min(self._interval, left))
            try:
                token = await provider.wire.poll(self._begun.auth_req_id)
                return await self._checked(token, self._begun.auth_req_id)
            except ProviderRefused as refused:
                if refused.code == "slow_down":
                    self._interval += SLOW_DOWN_SECONDS
                elif refused.code != "authorization_pending":
                    log.info("identity was not approved", error=refused.code, call_id=self._asked.call_id)
                    return NotProven(OUTCOMES.get(refused.code, "unavailable"))
            except ProviderTrouble as trouble:
                # It may come back before the request expires; asking less often helps it to.
                log.warning("the identity provider is in trouble", reason=str(trouble), call_id=self._asked.call_id)
                self._interval += SLOW_DOWN_SECONDS

    async def _checked(self, token: str, auth_req_id: str) -> Came:
        try:
            claims = await self._provider.tokens.check(token, auth_req_id, self._asked.level)
        except TokenInvalid as invalid:
            log.error("an ID token proves nothing", reason=str(invalid), call_id=self._asked.call_id)
            return NotProven("unavailable")
        name = self._provider.settings.national_id_claim
        found = claims.raw.get(name) if name else None
        identity = Identity(self._provider.name, claims.level, claims.subject, self._asked.number)
        return Proven(identity, found if isinstance(found, str) and found else None)


def login_hint(form: str, number: str) -> str:
    """The hint for a number, in the form that the provider wants."""
    digits = number.removeprefix("+")
    national = number.removeprefix("+47") if number.startswith("+47") else digits
    return form.replace("{number}", number).replace("{digits}", digits).replace("{national}", national)
