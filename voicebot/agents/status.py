"""Who is free: what people have said of themselves, and whom a caller keeps busy."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal, TypeAlias


class Status(StrEnum):
    """Whether somebody may be rung."""

    FREE = "free"
    BUSY = "busy"
    AWAY = "away"


By: TypeAlias = Literal["self", "call", "wrap_up", "default"]
Engaged: TypeAlias = Literal["ringing", "call", "wrap_up"]


@dataclass(frozen=True, slots=True)
class PersonStatus:
    """Whether one person may be rung.

    Args:
        status: as it counts now.
        by: "self" (they said so), "call" (their phone rings for a caller, or they talk with one), "wrap_up" (they
            have not written down yet how it went), "default" (nobody has said anything).
        since: when that began; None for "default".
    """

    status: Status
    by: By = "default"
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Engagement:
    """Somebody is kept busy.

    Args:
        conversation: with whom.
        how: the phone rings, they talk, or they write down how it went.
        since: when that began.
    """

    conversation: str
    how: Engaged
    since: datetime


def _unheard(person: str, status: Status, at: datetime) -> None:
    """Nobody writes it down."""


class Statuses:
    """The status of everybody, on the event loop only.

    Args:
        now: the time.
        note: has what somebody says of themselves written down; must not wait.
        changed: told when somebody's status may be another.
    """

    def __init__(
        self,
        now: Callable[[], datetime],
        note: Callable[[str, Status, datetime], None] = _unheard,
        changed: Callable[[str], None] = lambda person: None,
    ) -> None:
        self._now = now
        self._note = note
        self._changed = changed
        self._said: dict[str, tuple[Status, datetime]] = {}
        self._engaged: dict[str, Engagement] = {}

    def restore(self, said: Mapping[str, tuple[Status, datetime]]) -> None:
        """What people had said before this process began."""
        self._said = {**said, **self._said}

    def of(self, person: str) -> PersonStatus:
        """As it counts now: whoever has a caller is busy, whatever they say."""
        said, since = self._said.get(person, (Status.FREE, None))
        engaged = self._engaged.get(person)
        if engaged is not None and said is not Status.AWAY:
            return PersonStatus(Status.BUSY, "wrap_up" if engaged.how == "wrap_up" else "call", engaged.since)
        return PersonStatus(said, "default" if since is None else "self", since)

    def set(self, person: str, status: Status) -> None:
        """Somebody says that they are free, busy or away; to be free ends their wrap-up."""
        at = self._now()
        self._said[person] = (status, at)
        engaged = self._engaged.get(person)
        if status is Status.FREE and engaged is not None and engaged.how == "wrap_up":
            del self._engaged[person]
        self._note(person, status, at)
        self._changed(person)

    def engagement(self, person: str) -> Engagement | None:
        """Whom they have, or None."""
        return self._engaged.get(person)

    def free_for(self, person: str, conversation: str) -> bool:
        """Whether they may be rung for a conversation: they are free, or kept for it already."""
        engaged = self._engaged.get(person)
        if engaged is not None:
            return engaged.conversation == conversation and engaged.how == "ringing"
        return self.of(person).status is Status.FREE

    def engage(self, person: str, conversation: str, how: Engaged) -> bool:
        """Keep somebody for a conversation; False when another has them. Taking a caller ends a wrap-up."""
        engaged = self._engaged.get(person)
        if engaged is not None and engaged.conversation != conversation and engaged.how != "wrap_up":
            return False
        if engaged is None or (engaged.conversation, engaged.how) != (conversation, how):
            self._engaged[person] = Engagement(conversation, how, self._now())
            self._changed(person)
        return True

    def release(self, person: str, conversation: str) -> None:
        """This conversation needs them no longer; nothing when it does not have them."""
        engaged = self._engaged.get(person)
        if engaged is not None and engaged.conversation == conversation:
            del self._engaged[person]
            self._changed(person)

    def kept_by(self, conversation: str) -> tuple[str, ...]:
        """Whom a conversation keeps."""
        return tuple(person for person, engaged in self._engaged.items() if engaged.conversation == conversation)
