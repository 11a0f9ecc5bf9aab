"""One-time codes by text message: made, sent, and looked at within limits. Memory only; nothing outlives the process.

A code holds for one number and one purpose (one call, one page), for five minutes and three attempts; of a code only
a hash is kept. A number gets five codes a day, over all calls and pages together, and all numbers a few hundred an
hour: nobody's phone is flooded, and no bill either.
"""

import hashlib
import hmac
import secrets
import time
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum

from dialog.identity import CODE_DIGITS

VALID_SECONDS = 300.0
ATTEMPTS = 3
SENDS_PER_DAY = 5
SENDS_PER_HOUR = 300
"""Over all numbers."""

MOST_NUMBERS = 50_000
"""Numbers remembered for a day; beyond it the one that has waited longest is forgotten."""

DAY_SECONDS = 86_400.0
HOUR_SECONDS = 3_600.0


class TooManyCodes(Exception):
    """A number, or all of them together, has had as many codes as it may; the message names no number."""


class Verdict(StrEnum):
    """What a code was."""

    RIGHT = "right"
    WRONG = "wrong"
    SPENT = "spent"  # the last attempt was wrong, or the code has been used
    EXPIRED = "expired"  # or there never was one


@dataclass(slots=True)
class _Issued:
    """A code under way: a salted hash, and how long and how often it may be tried."""

    salt: bytes
    digest: bytes
    until: float
    attempts_left: int = ATTEMPTS


class CodeBook:
    """Makes codes and looks at what comes back.

    Args:
        clock: seconds that only go forward.
        choose: a number from 0 to below its argument, unpredictable.
        key: numbers are remembered as a hash under it; made anew for each process.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        choose: Callable[[int], int] = secrets.randbelow,
        key: bytes | None = None,
    ) -> None:
        self._clock = clock
        self._choose = choose
        self._key = key or secrets.token_bytes(32)
        self._issued: OrderedDict[bytes, _Issued] = OrderedDict()
        self._sent: OrderedDict[bytes, deque[float]] = OrderedDict()
        self._all: deque[float] = deque()

    def issue(self, number: str, purpose: str) -> str:
        """A new code; one under way for the same number and purpose is void from now on.

        Args:
            number: E.164.
            purpose: what it is for: a call's id, a page's session.

        Raises:
            TooManyCodes: a limit is reached; the code under way stays.
        """
        self._count(self._hash(number))
        code = f"{self._choose(10**CODE_DIGITS):0{CODE_DIGITS}d}"
        salt = secrets.token_bytes(16)
        place = self._hash(number, purpose)
        self._issued.pop(place, None)
        self._issued[place] = _Issued(salt, _digest(salt, code), self._clock() + VALID_SECONDS)
        self._forget()
        return code

    def check(self, number: str, purpose: str, code: str) -> Verdict:
        """Look at a code, once: a right one is used up, a wrong one takes an attempt."""
        place = self._hash(number, purpose)
        issued = self._issued.get(place)
        if issued is None or issued.until <= self._clock():
            self._issued.pop(place, None)
            return Verdict.EXPIRED
        issued.attempts_left -= 1
        if hmac.compare_digest(issued.digest, _digest(issued.salt, code)):
            del self._issued[place]
            return Verdict.RIGHT
        if issued.attempts_left <= 0:
            del self._issued[place]
            return Verdict.SPENT
        return Verdict.WRONG

    def pending(self, number: str, purpose: str) -> bool:
        """Whether a code is on its way that may still be used."""
        issued = self._issued.get(self._hash(number, purpose))
        return issued is not None and issued.until > self._clock()

    def drop(self, number: str, purpose: str) -> None:
        """A code is void: it could not be delivered, or nobody waits for it any more."""
        self._issued.pop(self._hash(number, purpose), None)

    def _hash(self, *parts: str) -> bytes:
        return hmac.digest(self._key, "\0".join(parts).encode(), "sha256")

    def _count(self, number: bytes) -> None:
        now = self._clock()
        while self._all and self._all[0] <= now - HOUR_SECONDS:
            self._all.popleft()
        sent = self._sent.setdefault(number, deque())
        while sent and sent[0] <= now - DAY_SECONDS:
            sent.popleft()
        if len(sent) >= SENDS_PER_DAY or len(self._all) >= SENDS_PER_HOUR:
            raise TooManyCodes("as many codes have been sent as may be")
        sent.append(now)
        self._all.append(now)
        self._sent.move_to_end(number)
        while len(self._sent) > MOST_NUMBERS:
            self._sent.popitem(last=False)

    def _forget(self) -> None:
        """Codes end in the order in which they were made."""
        now = self._clock()
        while self._issued and next(iter(self._issued.values())).until <= now:
            self._issued.popitem(last=False)


def _digest(salt: bytes, code: str) -> bytes:
    """Not slow on purpose: of a million codes none is hard to find from its hash, which is in memory only."""
    return hashlib.blake2b(code.encode(), key=salt).digest()


class Codes:
    """Codes for a web page, where somebody who does not call proves that a number is theirs.

    Args:
        book: shared with the calls, so that their limits are the same.
        deliver: sends a text to a number; raises `telephony.errors.TelephonyError`.
        text: the message in a language, with a code in it.
    """

    def __init__(
        self, book: CodeBook, deliver: Callable[[str, str], Awaitable[None]], text: Callable[[str, str], str]
    ) -> None:
        self._book = book
        self._deliver = deliver
        self._text = text

    async def send(self, number: str, language: str, purpose: str = "page") -> None:
        """Send a code.

        Args:
            number: E.164.
            language: nb, nn, en or uk.
            purpose: a code holds for one; a page that knows its visitor's session names it here.

        Raises:
            TooManyCodes: a limit is reached.
            TelephonyError: the carrier would not.
        """
        code = self._book.issue(number, purpose)
        try:
            await self._deliver(number, self._text(language, code))
        except BaseException:
            self._book.drop(number, purpose)
            raise

    def check(self, number: str, code: str, purpose: str = "page") -> Verdict:
        """Look at a code that came back."""
        return self._book.check(number, purpose, code)
