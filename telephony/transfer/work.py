"""One step of a transfer: how it becomes, what is wanted so far, and the bookkeeping that all steps share."""

from dataclasses import replace

from telephony.transfer.orders import Attempted, EndLeg, Finished, Order, ReturnCaller, Times
from telephony.transfer.states import ANOTHER, Attempt, CallerPlace, LegState, Phase, Transfer

_TOLD = frozenset({ANOTHER, "caller_gone", "caller_stayed", "not_bridged"})
"""Outcomes after which a person who has answered waits for a caller who will not come."""


class Work:
    """One step: the transfer as it becomes, and the orders so far.

    Args:
        transfer: as it was.
        now: seconds on the transfer's clock.
    """

    def __init__(self, transfer: Transfer, now: float) -> None:
        self.transfer = transfer
        self.orders: list[Order] = []
        self.now = now

    def set(self, **changes: object) -> None:
        """Change fields of the transfer, by name."""
        self.transfer = replace(self.transfer, **changes)  # type: ignore[arg-type]  # fields of Transfer, by name

    def change(self, number: int, **changes: object) -> None:
        """Change fields of an attempt, by name."""
        attempts = tuple(
            replace(attempt, **changes) if attempt.number == number else attempt  # type: ignore[arg-type]  # likewise
            for attempt in self.transfer.attempts
        )
        self.set(attempts=attempts)

    def close(self, number: int, outcome: str) -> None:
        """Nothing more will come of an open attempt; when it was the last one, the next people are rung soon."""
        attempt = self.transfer.attempt(number)
        if attempt is None or attempt not in self.transfer.open_attempts:
            return
        self.settle(attempt, outcome)
        self.make_way(attempt)

    def settle(self, attempt: Attempt, outcome: str) -> None:
        """Write down what came of an attempt, and end its leg."""
        free_at = self.now + self.transfer.patience.answer
        self.change(attempt.number, state=LegState.OVER, outcome=outcome, deadline=free_at)
        times = Times(attempt.began, attempt.rang, attempt.answered, self.now)
        self.orders.append(Attempted(attempt.number, attempt.person.id, outcome, attempt.person.department, times))
        if attempt.leg and not attempt.ended:
            listens = attempt.state in (LegState.WHISPERING, LegState.ACCEPTED)
            self.orders.append(EndLeg(attempt.number, attempt.leg, outcome, listens and outcome in _TOLD))

    def make_way(self, attempt: Attempt) -> None:
        """Somebody does not take the caller: the next people are rung soon, when nobody else rings."""
        if self.transfer.phase is Phase.OVER:
            return
        if attempt.number == self.transfer.winner:
            self.set(winner=0, phase=Phase.RINGING, round=0)
        elif attempt.taken:
            self.set(round=0)
        if self.transfer.phase is Phase.RINGING and not self.transfer.open_attempts:
            self.set(phase_deadline=self.now + self.transfer.patience.pause)
            if not self.anybody_left():
                self.finish(self.unreached())

    def anybody_left(self) -> bool:
        """Whether there is somebody who has not been rung yet."""
        rounds = self.transfer.rounds[self.transfer.round :]
        return any(self.transfer.untried(people) for people in rounds)

    def unreached(self) -> str:
        """The outcome of a transfer that reached nobody."""
        outcomes = {attempt.outcome.partition(":")[0] for attempt in self.transfer.attempts} - {ANOTHER}
        if not outcomes:
            return "nobody_there"
        return outcomes.pop() if len(outcomes) == 1 else "no_answer"

    def finish(self, outcome: str) -> None:
        """The transfer is over: every leg is ended, and the caller is with somebody, or has gone."""
        if self.transfer.phase is Phase.OVER:
            return
        reached = self.transfer.human_at
        self.set(phase=Phase.OVER, outcome=outcome)
        for attempt in self.transfer.open_attempts:
            self.close(attempt.number, outcome)
        seconds = None if reached is None else reached - self.transfer.asked_at
        self.orders.append(Finished(outcome, seconds))
        left_alone = self.transfer.caller in (CallerPlace.MOVING, CallerPlace.IN_ROOM)
        if left_alone or (self.transfer.caller is CallerPlace.WITH_BOT and reached is None):
            self.orders.append(ReturnCaller(outcome, moved=left_alone))
