"""One conversation's place on the board: what it tells of itself, and how the board reaches it."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from dialog.brief import Brief
from dialog.events import HandOff
from voicebot.agents.live_call import URGENT, Line, LiveCall, SignedAgent, Speaker, TransferView, What

MOST_LINES = 400
"""Lines of one conversation kept for the console; a long one loses its beginning there, not in the records."""


class Reach(Protocol):
    """A conversation, as far as the board may act on it. Nothing here waits."""

    def person_takes(self, agent: SignedAgent) -> bool:
        """ "accept": theirs is the call; False when nothing is asked any more."""
        ...

    def person_declines(self, person: str, reason: str) -> bool:
        """They cannot take it; False when they are not asked any more."""
        ...

    def take_over(self, agent: SignedAgent) -> bool:
        """They want this caller now, whatever the bot is doing; False when the line cannot."""
        ...

    def tell_caller(self, text: str, agent: SignedAgent) -> None:
        """The bot says something for them, when it is its turn."""
        ...

    def agent_typed(self, text: str, agent: SignedAgent) -> None:
        """They write to a caller who types."""
        ...

    def agent_leaves(self, agent: SignedAgent, outcome: str) -> None:
        """They give a typed conversation back to the bot."""
        ...

    async def brief(self, language: str) -> Brief | None:
        """What it is about, as things stand; made away from the event loop."""
        ...


@dataclass(slots=True)
class Waiting:
    """A caller on the way to a person, as the board keeps it.

    Args:
        person: whom the dialog wants.
        since: when it was decided.
        asked: the people who are, or will be, rung; empty before that is known.
        ringing: whose phones ring.
        taken_by: who has taken the call.
        transfer: its id in the records and on the line; "" before anybody is asked.
    """

    person: HandOff
    since: datetime
    asked: tuple[str, ...] = ()
    ringing: dict[str, None] = field(default_factory=dict)
    taken_by: str | None = None
    transfer: str = ""

    @property
    def urgent(self) -> bool:
        """Whether it goes ahead of others."""
        return self.person.reason in URGENT


class Seat:
    """What is known of one conversation that is going on. It changes on the event loop only, and nothing waits.

    Args:
        conversation: its id in the records.
        call_id: the line's.
        line: "twilio", "browser" or "microphone".
        language: the caller's, to begin with.
        now: the time.
        changed: told what is different now.
    """

    def __init__(
        self,
        conversation: str,
        call_id: str,
        line: str,
        language: str,
        now: Callable[[], datetime],
        changed: Callable[[What, str], None],
    ) -> None:
        self.conversation = conversation
        self.call_id = call_id
        self.line = line
        self.language = language
        self.began_at = now()
        self.reach: Reach
        """The conversation, once it has taken the seat."""
        self.typed = False
        """The caller types: somebody at the console may answer in writing."""
        self.waiting: Waiting | None = None
        self.with_person: str | None = None
        self.here = False
        """The conversation goes on with us; a caller who talks with a person is on the board, and not here."""
        self._now = now
        self._changed = changed
        self._mood: tuple[float, tuple[str, ...]] = (0.0, ())
        self._lines: deque[Line] = deque(maxlen=MOST_LINES)

    def said(self, who: Speaker, text: str, *, partial: bool = False) -> None:
        """Somebody said something; the caller's whole words take the place of the first of them."""
        if self._lines and self._lines[-1].partial and who == "caller":
            self._lines.pop()
        self._lines.append(Line(self._now(), who, text, partial))
        self._changed("words", self.conversation)

    def unsaid(self) -> None:
        """What was heard so far was no words of the caller's."""
        if self._lines and self._lines[-1].partial:
            self._lines.pop()
            self._changed("words", self.conversation)

    def stands(self, language: str, mood: float, reasons: Sequence[str]) -> None:
        """A turn has been decided: what it makes of the caller; see `LiveCall`."""
        now = (language, (mood, tuple(dict.fromkeys(reasons))))
        if now != (self.language, self._mood):
            self.language, self._mood = now
            self._changed("call", self.conversation)

    def writes(self, typed: bool) -> None:
        """The caller has typed a line, or has said one."""
        if typed != self.typed:
            self.typed = typed
            self._changed("call", self.conversation)

    def goes_on(self, before: "Seat") -> None:
        """The same conversation, whose caller was away, or with a person."""
        self.began_at, self.typed = before.began_at, before.typed
        self.waiting, self.with_person = before.waiting, before.with_person
        self._mood = before._mood
        self._lines.extend(before._lines)

    def view(self, position: int, may_take: tuple[str, ...], names: Mapping[str, Mapping[str, str]]) -> LiveCall:
        """As a page may show it.

        Args:
            position: of a caller who waits; 0 for everybody else.
            may_take: people who may press "accept".
            names: of departments, by language.
        """
        waiting = self.waiting
        transfer = None
        if waiting is not None:
            person = waiting.person
            transfer = TransferView(
                person.department,
                names.get(person.department) or {self.language: person.name},
                person.reason,
                waiting.since,
                "high" if waiting.urgent else "normal",
                position,
                tuple(waiting.ringing),
                waiting.taken_by,
                may_take,
            )
        return LiveCall(
            self.conversation,
            self.call_id,
            self.line,
            self.typed,
            self.language,
            self.began_at,
            transfer,
            self.with_person,
            *self._mood,
            tuple(self._lines),
        )
