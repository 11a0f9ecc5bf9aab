"""Agents who have had a caller, and have not written down yet how it went."""

import asyncio

from voicebot.agents.consoles import Consoles
from voicebot.agents.status import Statuses

WRAP_UP_SECONDS = 180.0
"""How long an agent is left alone after a caller; a wrap-up may be written later, too."""

MOST_WRAP_UPS = 50
"""Of one person; older ones are found in the records."""


class WrapUps:
    """Who is still writing.

    Args:
        statuses: whoever writes is busy.
        consoles: only who has the console open can write.
    """

    def __init__(self, statuses: Statuses, consoles: Consoles) -> None:
        self._statuses = statuses
        self._consoles = consoles
        self._open: dict[str, dict[str, None]] = {}

    def begin(self, person: str, conversation: str) -> None:
        """They have had this caller. Somebody who is not at the console may be rung again at once."""
        own = self._open.setdefault(person, {})
        own[conversation] = None
        while len(own) > MOST_WRAP_UPS:
            del own[next(iter(own))]
        if not self._consoles.there(person):
            self._statuses.release(person, conversation)
        elif self._statuses.engage(person, conversation, "wrap_up"):
            asyncio.get_running_loop().call_later(WRAP_UP_SECONDS, self._time_is_up, person, conversation)

    def of(self, person: str) -> tuple[str, ...]:
        """Conversations of theirs, oldest first."""
        return tuple(self._open.get(person, ()))

    def done(self, person: str, conversation: str) -> None:
        """They have written it down, or will not."""
        self._open.get(person, {}).pop(conversation, None)
        self._time_is_up(person, conversation)

    def _time_is_up(self, person: str, conversation: str) -> None:
        engaged = self._statuses.engagement(person)
        if engaged is not None and engaged.how == "wrap_up":
            self._statuses.release(person, conversation)
