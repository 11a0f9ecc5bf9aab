"""A code by text message to the number that calls: proves that the caller holds that phone, and no more."""

from collections.abc import Callable

import structlog

from dialog.identity import Identity
from telephony.errors import TelephonyError
from voicebot.identity.codes import CodeBook, TooManyCodes, Verdict
from voicebot.identity.provider import Approving, Asked, Came, CodeSent, NotProven, Proven, WrongCode

log = structlog.get_logger(__name__)

NAME = "sms"
LEVEL = "low"
NORWAY = "+47"
NORWEGIAN_MOBILE = "49"
"""First digits of Norwegian mobile numbers; landlines begin with others and take no text messages."""


class SmsProvider:
    """Sends codes and looks at what comes back.

    Args:
        book: of codes, shared by all calls and pages.
        text: the message in a language, with a code in it.
    """

    name = NAME

    def __init__(self, book: CodeBook, text: Callable[[str, str], str]) -> None:
        self._book = book
        self._text = text

    def attempt(self, asked: Asked) -> "SmsAttempt":
        """See `IdentityProvider`."""
        return SmsAttempt(self._book, self._text, asked)

    async def close(self) -> None:
        """Nothing is open."""


class SmsAttempt:
    """One caller and the codes sent in one call; see `voicebot.identity.provider.Attempt`."""

    def __init__(self, book: CodeBook, text: Callable[[str, str], str], asked: Asked) -> None:
        self._book = book
        self._text = text
        self._asked = asked

    async def begin(self, again: bool) -> Came:
        """Send a code; one that is on its way is not sent twice unless the caller asks for another."""
        number = self._asked.number
        if number is None or not takes_texts(number):
            return NotProven("no_number")
        sent = self._book.pending(number, self._asked.call_id)
        if sent and not again:
            return CodeSent()
        try:
            code = self._book.issue(number, self._asked.call_id)
        except TooManyCodes:
            log.warning("no code was sent: a limit is reached", call_id=self._asked.call_id)
            # Whoever has one may still use it.
            return CodeSent() if sent else NotProven("unavailable")
        try:
            await self._asked.deliver(self._text(self._asked.language, code))
        except TelephonyError as error:
            self._book.drop(number, self._asked.call_id)
            log.error("a code was not sent", error=type(error).__name__, call_id=self._asked.call_id)
            return NotProven("unavailable")
        return CodeSent()

    async def code(self, code: str) -> Came:
        """Look at a code."""
        number = self._asked.number
        if number is None:
            return NotProven("no_number")
        match self._book.check(number, self._asked.call_id, code):
            case Verdict.RIGHT:
                return Proven(Identity(NAME, LEVEL, number, number))
            case Verdict.WRONG:
                return WrongCode()
            case Verdict.SPENT:
                return NotProven("refused")
            case Verdict.EXPIRED:
                return NotProven("expired")

    async def wait(self) -> Came:
        """There is nothing to wait for."""
        return Approving()


def takes_texts(number: str) -> bool:
    """Whether a number may take text messages; of foreign ones only the carrier knows."""
    return not number.startswith(NORWAY) or number[len(NORWAY) : len(NORWAY) + 1] in NORWEGIAN_MOBILE
