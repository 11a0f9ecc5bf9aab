"""At most so many of something within a time, per caller or address, in bounded memory."""

import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Callable

CAPACITY = 8_192
"""Callers remembered per quota: about 2 MB. Whoever wants to be forgotten by ringing from more numbers than this within
the time meets the limit on all calls first."""


class Quota:
    """A bucket per caller that empties by one each time and fills again steadily.

    A caller who was quiet for the whole time may do it `limit` times in a row. What is kept is a hash with a key that
    lives as long as the process, never a number or an address.

    Args:
        limit: how many; 0 is no limit.
        seconds: within how long.
        clock: seconds, monotonic.
        capacity: how many callers to remember; the one that was quiet for longest goes first.
    """

    def __init__(self, limit: int, seconds: float, clock: Callable[[], float], capacity: int = CAPACITY) -> None:
        self._limit = limit
        self._seconds = seconds
        self._clock = clock
        self._capacity = capacity
        self._secret = secrets.token_bytes(16)
        self._buckets: OrderedDict[bytes, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        """How many callers are remembered."""
        return len(self._buckets)

    def has_room(self, who: str = "") -> bool:
        """Whether `take` would say yes."""
        return self._limit == 0 or self._level(self._key(who)) >= 1.0

    def take(self, who: str = "") -> bool:
        """Count one; False, and nothing counted, when it is one too many."""
        if self._limit == 0:
            return True
        key = self._key(who)
        level = self._level(key)
        if level < 1.0:
            return False
        self._buckets[key] = (level - 1.0, self._clock())
        self._buckets.move_to_end(key)
        if len(self._buckets) > self._capacity:
            self._forget()
        return True

    def _level(self, key: bytes) -> float:
        level, at = self._buckets.get(key, (float(self._limit), self._clock()))
        return min(float(self._limit), level + (self._clock() - at) * self._limit / self._seconds)

    def _forget(self) -> None:
        """The oldest go first: those whose bucket is full again, which changes nothing, and if need be one more."""
        now = self._clock()
        while self._buckets and now - next(iter(self._buckets.values()))[1] >= self._seconds:
            self._buckets.popitem(last=False)
        while len(self._buckets) > self._capacity:
            self._buckets.popitem(last=False)

    def _key(self, who: str) -> bytes:
        return hashlib.blake2b(who.encode(errors="replace"), key=self._secret, digest_size=16).digest()
