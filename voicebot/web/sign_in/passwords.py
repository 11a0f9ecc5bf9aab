"""Passwords: argon2id on one thread of its own, the same work for names that do not exist, and no bad choices."""

import asyncio
import re
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from fastapi import HTTPException

SHORTEST: Final = 12
LONGEST: Final = 128
_WAITING: Final = 8
"""Sign-ins that may wait for the thread; each takes about a tenth of a second of a processor that calls need."""

_COMMON: Final = frozenset(
    """passord password passord pass passordet hemmelig secret admin administrator root bruker user login innlogging
    velkommen welcome qwerty qwertyuiop asdfgh asdfghjkl zxcvbn zxcvbnm azerty abc abcd abcdef abcdefgh test testing
    letmein iloveyou monkey dragon master shadow sunshine princess football baseball superman batman trustno
    sommer sommeren winter summer vinter vinteren spring autumn høst vår våren januar februar mars april mai juni juli
    august september oktober november desember january february march may june july october december
    mandag tirsdag onsdag torsdag fredag lørdag søndag monday tuesday wednesday thursday friday saturday sunday
    norge noreg norway oslo bergen trondheim stavanger tromsø norsk jul påske liverpool arsenal manchester rosenborg
    brann ski hei hallo hello firma bedrift company kunde service voicebot bot telefon phone kontoret jobb
    changeme change me endre meg ny new my min mitt the er is en ett et og and jeg elsker deg kjære love you""".split()
)
"""What leaked passwords are made of, here and in English. One that is nothing but these, digits and signs is refused:
a list of whole passwords would hold few of twelve characters and none of the company's own."""


class Passwords:
    """Hashes and checks passwords.

    Args:
        hasher: its cost; the default is RFC 9106's second recommendation, 64 MiB and three passes.
    """

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="passwords")
        self._waiting = 0

    async def hash(self, password: str) -> str:
        """The stored form of a password.

        Raises:
            HTTPException: 503, too many are waiting.
        """
        return str(await self._run(self._hasher.hash, normal(password)))

    async def matches(self, stored: str | None, password: str) -> bool:
        """Whether this is the password. With nothing stored the answer is no, after the same work.

        Raises:
            HTTPException: 503, too many are waiting.
        """
        return bool(await self._run(self._matches, stored, normal(password[: LONGEST * 4])))

    async def _run(self, work: object, *values: object) -> object:
        if self._waiting >= _WAITING:
            raise HTTPException(503, headers={"Retry-After": "5"})
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work, *values)  # type: ignore[arg-type]
        finally:
            self._waiting -= 1

    def _matches(self, stored: str | None, password: str) -> bool:
        try:
            return self._hasher.verify(stored or self._nobody, password) and stored is not None
        except (VerificationError, InvalidHashError):
            return False

    @cached_property
    def _nobody(self) -> str:
        return self._hasher.hash("the password of nobody at all")

    def close(self) -> None:
        """Let the thread go."""
        self._thread.shutdown(wait=False, cancel_futures=True)


def normal(password: str) -> str:
    """One form for the same letters typed on different keyboards: Unicode NFC."""
    return unicodedata.normalize("NFC", password)


def weakness(password: str, names: tuple[str, ...]) -> str | None:
    """What is wrong with a new password: "short", "long", "common" or "name"; None when nothing is.

    Args:
        password: what was chosen.
        names: words it must not be made of: the account's and the company's.
    """
    chosen = normal(password)
    if len(chosen) < SHORTEST:
        return "short"
    if len(chosen) > LONGEST:
        return "long"
    plain = chosen.casefold()
    own = {part for name in names for part in re.findall(r"[^\W\d_]{3,}", name.casefold())}
    rest = plain
    for word in sorted(own, key=len, reverse=True):
        rest = rest.replace(word, " ")
    if rest != plain and len("".join(re.findall(r"[^\W_]", rest))) < 6:
        return "name"
    letters = re.findall(r"[^\W\d_]+", plain)
    if all(_is_common(word) for word in letters) or len(set(plain)) < 5:
        return "common"
    return None


def _is_common(word: str) -> bool:
    """Whether a row of letters is nothing but common words in a row."""
    reached = {0}
    for end in range(1, len(word) + 1):
        if any(word[start:end] in _COMMON for start in reached):
            reached.add(end)
    return len(word) in reached
