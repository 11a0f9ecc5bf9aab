"""A warm transfer as a state machine: `step(transfer, happening, now) -> (transfer, orders)`. No I/O, no waiting.

    RINGING ──key 1──▶ BRIEFING ──heard──▶ BRIDGING ──both in the room──▶ CONNECTED ──one leaves──▶ OVER
       │  ▲                │                   │
       │  └─ next people ◀─┴── the person went ┘
       └─ nobody left, or the caller went or stays ──▶ OVER        PARTING: the person has left the room, and the
                                                                    caller's own line is on its way back

The caller stays with the bot until somebody has heard the brief; only then are they moved. Every phase has a deadline
(`Transfer.deadline`), so that a `Tick` always gets it further. What a carrier says may come late, twice or in another
order: it only proposes, and what has been decided stays. Source: twilio.md, section 4, variant A2.
"""

from dataclasses import replace
from typing import assert_never

from telephony.transfer.happenings import (
    FINAL,
    AgentJoined,
    Attempted,
    BriefHeard,
    CallerBack,
    CallerGone,
    CallerJoined,
    CallerStays,
    Declined,
    EndLeg,
    Finished,
    Happening,
    KeyPressed,
    LegMade,
    LegRefused,
    LegReported,
    LegStatus,
    MoveCaller,
    Order,
    Person,
    ReturnCaller,
    Ring,
    Taken,
    TellCaller,
    Tick,
)
from telephony.transfer.states import Attempt, CallerPlace, LegState, Patience, Phase, Transfer

ACCEPT = "1"


def begin(
    transfer_id: str, rounds: tuple[tuple[Person, ...], ...], patience: Patience, now: float
) -> tuple[Transfer, tuple[Order, ...]]:
    """A transfer, and what is to be done first.

    Args:
        transfer_id: random, free of anything personal: it names the room, and stands in addresses.
        rounds: who is rung: those of a round at once, one round after the other.
        patience: how long each wait may take.
        now: seconds on a clock that goes on over a restart.
    """
    work = _Work(Transfer(transfer_id, tuple(people for people in rounds if people), patience, now), now)
    work.next_round()
    return work.transfer, tuple(work.orders)


def step(transfer: Transfer, happening: Happening, now: float) -> tuple[Transfer, tuple[Order, ...]]:
    """What a happening makes of a transfer, and what is to be done."""
    work = _Work(transfer, now)
    work.take(happening)
    return work.transfer, tuple(work.orders)


class _Work:
    """One step: the transfer as it becomes, and the orders so far."""

    def __init__(self, transfer: Transfer, now: float) -> None:
        self.transfer = transfer
        self.orders: list[Order] = []
        self._now = now

    def take(self, happening: Happening) -> None:
        match happening:
            case LegMade(number, leg):
                self._learn_leg(number, leg)
            case LegRefused(number):
                self._change(number, ended=True)
                self._close(number, "failed")
            case LegReported():
                self._leg_reported(happening)
            case KeyPressed(number, key):
                self._key(number, key)
            case Taken(number):
                self._taken(number)
            case Declined(number, reason):
                if number != self.transfer.winner:
                    self._close(number, f"declined:{reason}")
            case BriefHeard(number):
                if number == self.transfer.winner and self.transfer.phase is Phase.BRIEFING:
                    self._bridge()
            case AgentJoined(number):
                self._agent_joined(number)
            case CallerJoined():
                self._caller_joined()
            case CallerGone():
                self._caller_gone()
            case CallerStays():
                if self.transfer.phase in (Phase.RINGING, Phase.BRIEFING):
                    self._finish("caller_stayed")
            case CallerBack():
                self._caller_back()
            case Tick():
                self._tick()
            case _:
                assert_never(happening)

    # People are rung.

    def next_round(self) -> None:
        transfer = self.transfer
        if transfer.round >= len(transfer.rounds):
            self._finish(self._unreached())
            return
        first = len(transfer.attempts) + 1
        given_up = self._now + transfer.patience.ring + transfer.patience.answer
        attempts = tuple(
            Attempt(number, person, LegState.DIALLING, given_up)
            for number, person in enumerate(transfer.rounds[transfer.round], first)
        )
        self._set(attempts=(*transfer.attempts, *attempts), round=transfer.round + 1)
        self.orders += [Ring(attempt.number, attempt.person, transfer.patience.ring) for attempt in attempts]

    def _unreached(self) -> str:
        outcomes = {attempt.outcome.partition(":")[0] for attempt in self.transfer.attempts}
        if not outcomes:
            return "nobody_there"
        return outcomes.pop() if len(outcomes) == 1 else "no_answer"

    def _learn_leg(self, number: int, leg: str) -> None:
        attempt = self.transfer.attempt(number)
        if attempt is None or attempt.leg:
            return
        self._change(number, leg=leg)
        if attempt.state is LegState.OVER and not attempt.ended:
            self.orders.append(EndLeg(number, leg, attempt.outcome))

    def _leg_reported(self, report: LegReported) -> None:
        self._learn_leg(report.attempt, report.leg)
        attempt = self.transfer.attempt(report.attempt)
        if attempt is None or attempt.leg != report.leg or attempt.ended:
            return
        if report.status in FINAL:
            self._change(report.attempt, ended=True)
            self._leg_ended(attempt, report.status)
            return
        if report.sequence <= attempt.sequence:
            return
        self._change(report.attempt, sequence=report.sequence)
        if report.status is LegStatus.RINGING and attempt.state is LegState.DIALLING:
            self._change(report.attempt, state=LegState.RINGING)
        elif report.status is LegStatus.ANSWERED and attempt.state in (LegState.DIALLING, LegState.RINGING):
            self._change(report.attempt, state=LegState.WHISPERING, deadline=self._now + self.transfer.patience.whisper)
            if attempt.taken:
                self._accept(report.attempt)

    def _leg_ended(self, attempt: Attempt, status: LegStatus) -> None:
        if attempt.number == self.transfer.winner:
            self._winner_left()
            return
        answered = attempt.state is LegState.WHISPERING or status is LegStatus.COMPLETED
        outcome = "no_key" if answered else {LegStatus.NO_ANSWER: "no_answer"}.get(status, str(status))
        self._close(attempt.number, outcome)

    def _key(self, number: int, key: str) -> None:
        if number == self.transfer.winner:
            return
        if key == ACCEPT:
            self._accept(number)
        else:
            self._close(number, "declined" if key else "no_key")

    def _taken(self, number: int) -> None:
        attempt = self.transfer.attempt(number)
        if attempt is None or attempt.state is LegState.OVER or self.transfer.winner:
            return
        self._change(number, taken=True)
        self._close_others(number)
        if attempt.state is LegState.WHISPERING:
            self._accept(number)

    def _accept(self, number: int) -> None:
        attempt = self.transfer.attempt(number)
        if attempt is None or attempt.state is LegState.OVER or self.transfer.phase is not Phase.RINGING:
            return
        self._change(number, state=LegState.ACCEPTED)
        self._set(winner=number, phase=Phase.BRIEFING, phase_deadline=self._now + self.transfer.patience.brief)
        self._close_others(number)
        self.orders.append(TellCaller())

    def _close_others(self, number: int) -> None:
        for other in self.transfer.open_attempts:
            if other.number != number:
                self._close(other.number, "another_took_it")

    # The caller and the person come together.

    def _bridge(self) -> None:
        self._set(
            phase=Phase.BRIDGING,
            phase_deadline=self._now + self.transfer.patience.bridge,
            caller=CallerPlace.MOVING if self.transfer.caller is CallerPlace.WITH_BOT else self.transfer.caller,
        )
        self.orders.append(MoveCaller())

    def _agent_joined(self, number: int) -> None:
        if number != self.transfer.winner:
            return
        self._change(number, joined=True)
        if self.transfer.phase is Phase.BRIEFING:
            self._bridge()
        self._connect()

    def _caller_joined(self) -> None:
        if self.transfer.caller is CallerPlace.GONE:
            return
        self._set(caller=CallerPlace.IN_ROOM)
        if self.transfer.phase is Phase.OVER:
            self.orders.append(ReturnCaller(self.transfer.outcome, moved=True))
        else:
            self._connect()

    def _connect(self) -> None:
        winner = self.transfer.attempt(self.transfer.winner)
        both = winner is not None and winner.joined and self.transfer.caller is CallerPlace.IN_ROOM
        if both and self.transfer.phase is Phase.BRIDGING:
            talk_ends = self._now + self.transfer.patience.talk
            self._set(phase=Phase.CONNECTED, phase_deadline=talk_ends, human_at=self._now)

    # Somebody goes.

    def _winner_left(self) -> None:
        match self.transfer.phase:
            case Phase.BRIEFING:
                self._close(self.transfer.winner, "left_in_brief")
            case Phase.BRIDGING:
                self._finish("agent_left")
            case Phase.CONNECTED:
                self._part()
            case Phase.RINGING | Phase.PARTING | Phase.OVER:
                pass
            case _:
                assert_never(self.transfer.phase)

    def _part(self) -> None:
        """The room ends with the person's leaving; the caller's line is expected back."""
        self._set(phase=Phase.PARTING, phase_deadline=self._now + self.transfer.patience.part)

    def _caller_gone(self) -> None:
        if self.transfer.caller is CallerPlace.GONE:
            return
        self._set(caller=CallerPlace.GONE)
        if self.transfer.phase is not Phase.OVER:
            self._finish("connected" if self.transfer.human_at is not None else "caller_gone")

    def _caller_back(self) -> None:
        if self.transfer.caller is CallerPlace.GONE:
            return
        self._set(caller=CallerPlace.WITH_BOT)
        if self.transfer.phase in (Phase.BRIDGING, Phase.CONNECTED, Phase.PARTING):
            self._finish("connected" if self.transfer.human_at is not None else "agent_left")

    # Time.

    def _tick(self) -> None:
        transfer = self.transfer
        match transfer.phase:
            case Phase.RINGING:
                for attempt in transfer.open_attempts:
                    if attempt.deadline <= self._now:
                        self._close(attempt.number, _LATE[attempt.state])
                between = self.transfer.phase is Phase.RINGING and not self.transfer.open_attempts
                if between and self.transfer.phase_deadline <= self._now:
                    self.next_round()
            case Phase.BRIEFING if transfer.phase_deadline <= self._now:
                self._close(transfer.winner, "brief_too_long")
            case Phase.BRIDGING if transfer.phase_deadline <= self._now:
                self._finish("not_bridged")
            case Phase.CONNECTED | Phase.PARTING if transfer.phase_deadline <= self._now:
                self._finish("connected")
            case _:
                pass

    # Bookkeeping.

    def _close(self, number: int, outcome: str) -> None:
        """Nothing more will come of an attempt; when it was the last one open, the next people are rung."""
        attempt = self.transfer.attempt(number)
        if attempt is None or attempt.state is LegState.OVER:
            return
        self._change(number, state=LegState.OVER, outcome=outcome)
        self.orders.append(Attempted(number, attempt.person.id, outcome))
        closed = self.transfer.attempt(number)
        if closed is not None and closed.leg and not closed.ended:
            self.orders.append(EndLeg(number, closed.leg, outcome))
        if number == self.transfer.winner and self.transfer.phase is not Phase.OVER:
            self._set(winner=0, phase=Phase.RINGING)
        if self.transfer.phase is Phase.RINGING and not self.transfer.open_attempts:
            self._set(phase_deadline=self._now + self.transfer.patience.pause)
            if self.transfer.round >= len(self.transfer.rounds):
                self._finish(self._unreached())

    def _finish(self, outcome: str) -> None:
        """The transfer is over: every leg is ended, and the caller is with somebody, or has gone."""
        if self.transfer.phase is Phase.OVER:
            return
        reached = self.transfer.human_at
        self._set(phase=Phase.OVER, outcome=outcome)
        for attempt in self.transfer.open_attempts:
            self._close(attempt.number, outcome)
        seconds = None if reached is None else reached - self.transfer.asked_at
        self.orders.append(Finished(outcome, seconds))
        left_alone = self.transfer.caller in (CallerPlace.MOVING, CallerPlace.IN_ROOM)
        if left_alone or (self.transfer.caller is CallerPlace.WITH_BOT and reached is None):
            self.orders.append(ReturnCaller(outcome, moved=left_alone))

    def _set(self, **changes: object) -> None:
        self.transfer = replace(self.transfer, **changes)  # type: ignore[arg-type]  # fields of Transfer, by name

    def _change(self, number: int, **changes: object) -> None:
        attempts = tuple(
            replace(attempt, **changes) if attempt.number == number else attempt  # type: ignore[arg-type]  # likewise
            for attempt in self.transfer.attempts
        )
        self._set(attempts=attempts)


_LATE = {
    LegState.DIALLING: "failed",
    LegState.RINGING: "no_answer",
    LegState.WHISPERING: "no_key",
    LegState.ACCEPTED: "brief_too_long",
}
"""What is made of an attempt whose time is up."""
