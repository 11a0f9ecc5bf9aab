"""Single-use passes that let one media stream in: the second lock beside Twilio's signature, which can be replayed."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from telephony.errors import NotAuthentic

_TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class StreamPass:
    """What a token stands for.

    Args:
        call_sid: the only call whose stream may use it.
        resumed: why the stream continues an earlier one, or None for a call's first.
    """

    call_sid: str
    resumed: str | None


class StreamTokens:
    """The passes that are out.

    Args:
        life_seconds: how long a pass is good.
        clock: seconds, monotonic.
        capacity: how many may be out at once; the oldest go first.
    """

    def __init__(self, life_seconds: float, clock: Callable[[], float], capacity: int = 4096) -> None:
        self._life = life_seconds
        self._clock = clock
        self._capacity = capacity
        self._out: dict[str, tuple[StreamPass, float]] = {}

    def issue(self, call_sid: str, resumed: str | None = None) -> str:
        """A token for one stream of one call. The same one while it is unused: a webhook may arrive twice."""
        self._forget_expired()
        wanted = StreamPass(call_sid, resumed)
        for token, (known, _) in self._out.items():
            if known == wanted:
                self._out[token] = (known, self._clock() + self._life)
                return token
        while len(self._out) >= self._capacity:
            self._out.pop(next(iter(self._out)))
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        self._out[token] = (wanted, self._clock() + self._life)
        return token

    def redeem(self, token: str) -> StreamPass:
        """Use a token up.

        Raises:
            NotAuthentic: unknown, expired, or used before.
        """
        self._forget_expired()
        # A dictionary compares hashes before bytes, so the time it takes says nothing of how much of a guess was right.
        found = self._out.pop(token, None)
        if found is None:
            raise NotAuthentic("the stream token is unknown, expired or used")
        return found[0]

    def revoke(self, call_sid: str) -> None:
        """Forget all tokens of a call that is over."""
        self._out = {token: known for token, known in self._out.items() if known[0].call_sid != call_sid}

    def _forget_expired(self) -> None:
        now = self._clock()
        self._out = {token: known for token, known in self._out.items() if known[1] > now}
