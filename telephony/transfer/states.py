"""Where a warm transfer stands: plain values, kept as they are in the store."""

from dataclasses import dataclass
from enum import StrEnum

from telephony.transfer.happenings import Person

ANOTHER = "another_took_it"
"""The outcome of whoever was only not quick enough: they may be asked again."""

_NEVER = float("inf")


class Phase(StrEnum):
    """Where a transfer stands."""

    RINGING = "ringing"
    BRIEFING = "briefing"
    BRIDGING = "bridging"
    CONNECTED = "connected"
    PARTING = "parting"
    OVER = "over"


class LegState(StrEnum):
    """Where one attempt stands."""

    DIALLING = "dialling"
    RINGING = "ringing"
    WHISPERING = "whispering"
    ACCEPTED = "accepted"
    DECLINING = "declining"
    OVER = "over"


_CLOSED = (LegState.DECLINING, LegState.OVER)


class CallerPlace(StrEnum):
    """Where the caller is."""

    WITH_BOT = "with_bot"
    MOVING = "moving"
    IN_ROOM = "in_room"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Patience:
    """How long each wait may take, in seconds.

    Args:
        ring: a person's phone rings.
        answer: beyond that, until the carrier has told us how it went. Twilio rings up to 5 s longer than it is told.
        whisper: whoever answered decides, or says why they have declined.
        brief: the brief is heard.
        bridge: both come into the room.
        talk: they talk.
        least_talk: whoever has hung up by then has not talked with the caller, who goes on with the bot.
        part: the caller's line comes back by itself when the room ends.
        pause: between one person and the next.
    """

    ring: int = 18
    answer: float = 8.0
    whisper: float = 15.0
    brief: float = 25.0
    bridge: float = 10.0
    talk: float = 3_600.0
    least_talk: float = 1.5
    part: float = 5.0
    pause: float = 1.0


@dataclass(frozen=True, slots=True)
class Attempt:
    """One person's phone.

    Args:
        number: of the attempt, from 1.
        person: whose.
        state: where it stands.
        deadline: when it is given up; when it is over, until when the phone may still be in use.
        began: when the carrier was asked to ring them.
        leg: the carrier's id; "" until it is known.
        sequence: of the last report that was believed.
        ended: the carrier has said that the leg is over, or never made it.
        taken: accepted in the console before anybody answered: no key is asked for.
        outcome: what came of it; "" while it is open.
        joined: the person is in the room.
        rang: when the phone began to ring, or None.
        answered: when it was answered, by somebody or something, or None.
    """

    number: int
    person: Person
    state: LegState
    deadline: float
    began: float
    leg: str = ""
    sequence: int = -1
    ended: bool = False
    taken: bool = False
    outcome: str = ""
    joined: bool = False
    rang: float | None = None
    answered: float | None = None


@dataclass(frozen=True, slots=True)
class Transfer:
    """One transfer.

    Args:
        id: random; the room is named after it.
        rounds: who is rung: those of a round at once, one round after the other.
        patience: how long each wait may take.
        asked_at: when it was asked for, seconds on a clock that goes on over a restart.
        phase: where it stands.
        phase_deadline: when the phase is given up; for RINGING between two rounds, when the next one begins.
        round: how many rounds have begun; 0 again when somebody took the caller and did not come.
        attempts: so far.
        winner: number of the attempt whose person took the caller; 0 for nobody.
        caller: where the caller is.
        outcome: how it ended; "" until then.
        human_at: when both were in the room.
    """

    id: str
    rounds: tuple[tuple[Person, ...], ...]
    patience: Patience
    asked_at: float
    phase: Phase = Phase.RINGING
    phase_deadline: float = 0.0
    round: int = 0
    attempts: tuple[Attempt, ...] = ()
    winner: int = 0
    caller: CallerPlace = CallerPlace.WITH_BOT
    outcome: str = ""
    human_at: float | None = None

    @property
    def deadline(self) -> float:
        """When a `Tick` is due; infinity once all is over."""
        declining = min((one.deadline for one in self.attempts if one.state is LegState.DECLINING), default=_NEVER)
        if self.phase is Phase.OVER:
            return declining
        if self.phase is Phase.RINGING and self.open_attempts:
            return min(declining, *(attempt.deadline for attempt in self.open_attempts))
        return min(declining, self.phase_deadline)

    def attempt(self, number: int) -> Attempt | None:
        """The attempt of a number, or None."""
        return self.attempts[number - 1] if 0 < number <= len(self.attempts) else None

    @property
    def open_attempts(self) -> tuple[Attempt, ...]:
        """Attempts whose person may still take the caller, or has."""
        return tuple(attempt for attempt in self.attempts if attempt.state not in _CLOSED)

    @property
    def all_over(self) -> bool:
        """Nothing more will come of the transfer, and nobody is being asked anything."""
        return self.phase is Phase.OVER and self.deadline == _NEVER

    def open_attempt_of(self, person: str) -> Attempt | None:
        """The attempt to reach somebody that is open, or None."""
        return next((attempt for attempt in self.open_attempts if attempt.person.id == person), None)

    def on_the_phone(self, person: str, now: float) -> bool:
        """Whether somebody may still hear the end of an attempt that is over."""
        mine = [one for one in self.attempts if one.person.id == person and one.state is LegState.OVER]
        return any(one.leg and not one.ended and now < one.deadline for one in mine)

    def named(self, person: str) -> Person | None:
        """The person of an id, if they are among those who may be rung."""
        return next((one for people in self.rounds for one in people if one.id == person), None)

    def untried(self, people: tuple[Person, ...]) -> tuple[Person, ...]:
        """Those of a round who have not been tried, or were only stopped because somebody else was quicker."""
        tried = {attempt.person.id for attempt in self.attempts if attempt.outcome != ANOTHER}
        return tuple(person for person in people if person.id not in tried)
