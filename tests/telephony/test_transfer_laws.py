"""What holds of every warm transfer, whatever happens in whatever order."""

import json
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from telephony.transfer.happenings import (
    AgentJoined,
    AgentLeft,
    BriefHeard,
    CallerBack,
    CallerGone,
    CallerJoined,
    CallerStays,
    Declined,
    Happening,
    KeyPressed,
    LegAnswered,
    LegMade,
    LegRefused,
    LegReported,
    LegStatus,
    Person,
    ReasonGiven,
    Taken,
    Tick,
)
from telephony.transfer.orders import Attempted, EndLeg, Finished, MoveCaller, Order, ReturnCaller, Ring, TellCaller
from telephony.transfer.outcomes import ATTEMPT_OUTCOMES, TRANSFER_OUTCOMES
from telephony.transfer.serial import from_values, to_values
from telephony.transfer.states import CallerPlace, LegState, Patience, Phase, Transfer
from telephony.transfer.transfer import begin, resume, step

EXAMPLES = 400
"""How many stories a run of the tests tells; `python -m benchmarks.transfer_laws` tells as many as wanted."""

ADA, BO, KIM = (Person(name, f"+47210000{place:02}", "service") for place, name in enumerate(("ada", "bo", "kim")))
RESTART = "restart"
PEOPLE = ("ada", "bo", "kim", "stranger")


def about(number: int) -> dict[str, tuple[Happening, ...]]:
    """What may happen to one attempt, alone or as things usually come together."""
    leg = f"leg{number}"
    made, answered, one = LegMade(number, leg), LegAnswered(number, leg), KeyPressed(number, "1")
    heard, joined = BriefHeard(number), AgentJoined(number)
    return {
        "made": (made,),
        "refused": (LegRefused(number),),
        "answered": (answered,),
        "one": (one,),
        "two": (KeyPressed(number, "2"),),
        "no key": (KeyPressed(number, ""),),
        "reason": (ReasonGiven(number, "later"),),
        "heard": (heard,),
        "joined": (joined,),
        "left": (AgentLeft(number),),
        "accepts": (made, answered, one),
        "declines": (made, answered, KeyPressed(number, "2"), ReasonGiven(number, "busy")),
        "meets": (heard, joined, CallerJoined()),
        "meets in another order": (CallerJoined(), joined, heard),
        **{
            f"{status} {sequence}": (LegReported(number, leg, status, sequence),)
            for status in LegStatus
            for sequence in (0, 2, 4)
        },
    }


OTHERS: dict[str, tuple[Happening, ...]] = {
    "caller joined": (CallerJoined(),),
    "caller gone": (CallerGone(),),
    "caller stays": (CallerStays(),),
    "caller back": (CallerBack(),),
    "time": (Tick(),),
    RESTART: (),
    **{f"{person} takes": (Taken(person),) for person in PEOPLE},
    **{f"{person} declines": (Declined(person, "not_mine"),) for person in PEOPLE},
}
OFTEN = ("accepts", "accepts", "meets", "meets in another order", "declines", "joined", "one", "heard")
STEPS = st.one_of(
    st.tuples(st.sampled_from([*about(0), *OFTEN * 3]), st.integers(0, 7)),
    st.tuples(st.sampled_from([*OTHERS, "time", "time", "caller joined", "caller back"]), st.just(0)),
)
ROUNDS = st.sampled_from(
    [((ADA,), (BO,), (KIM,)), ((ADA, BO), (KIM,)), ((ADA, BO, KIM),), ((), (ADA,)), ((ADA,), (ADA, BO))]
)
STORIES = {
    "rounds": ROUNDS,
    "taken_by": st.sampled_from(["", "", "bo", "stranger"]),
    "steps": st.lists(st.tuples(STEPS, st.sampled_from([0.0, 0.0, 0.5, 0.5, 2.0, 7.0, 30.0])), max_size=40),
}


class Telling:
    """A transfer told one happening after the other; every step is looked at."""

    def __init__(self, rounds: tuple[tuple[Person, ...], ...], taken_by: str) -> None:
        self.now = 1_000.0
        self.transfer, orders = begin("t1", rounds, Patience(), self.now, taken_by)
        self.orders: list[Order] = list(orders)
        self.told: list[Happening] = []

    def take(self, name: str, which: int, after: float) -> None:
        """One step. which: below 4 of the attempts that are open, 4 the one whose person has the caller, else any."""
        self.now += after
        if name == RESTART:
            kept = json.loads(json.dumps(to_values(self.transfer)))
            assert from_values(kept) == self.transfer
            self.transfer = resume(self.transfer, self.now)
        numbers = [one.number for one in self.transfer.open_attempts]
        usual = numbers[which % len(numbers)] if which < 4 and numbers else which - 4
        number = self.transfer.winner if which == 4 else usual
        for happening in OTHERS[name] if name in OTHERS else about(number)[name]:
            self.tell(happening)

    def tell(self, happening: Happening) -> None:
        self.told.append(happening)
        before = self.transfer
        self.transfer, orders = step(before, happening, self.now)
        self.orders += orders
        self._look(before, orders)

    def _look(self, before: Transfer, orders: Sequence[Order]) -> None:
        holding = [one for one in self.transfer.attempts if one.state is LegState.ACCEPTED]
        assert [one.number for one in holding] == [self.transfer.winner] * (self.transfer.winner > 0 and bool(holding))
        assert len(holding) <= 1, "at most one has the caller"
        assert self.transfer.phase is not Phase.RINGING or not holding
        assert before.phase is not Phase.OVER or self.transfer.phase is Phase.OVER, "what is over stays over"
        assert before.phase is not Phase.OVER or not any(isinstance(one, Ring | TellCaller) for one in orders)
        if any(isinstance(order, MoveCaller) for order in orders):
            assert self.transfer.winner, "nobody is moved to nobody"
        taken = {one.number for one in self.transfer.attempts if one.taken}
        again = [one for one in orders if isinstance(one, Ring) and one.attempt not in taken]
        assert not any(before.on_the_phone(one.person.id, self.now) for one in again), "their phone is in use"
        ringing = [one.person.id for one in self.transfer.open_attempts]
        assert len(ringing) == len(set(ringing)), "nobody's phone rings twice"

    def end(self) -> None:
        """Let time pass until nothing is due any more."""
        for _ in range(200):
            if self.transfer.all_over:
                return
            self.now = max(self.now, self.transfer.deadline)
            self.tell(Tick())
        raise AssertionError("it does not end")


def holds(rounds: tuple[tuple[Person, ...], ...], taken_by: str, steps: list[tuple[tuple[str, int], float]]) -> str:
    """Tell a story to its end, and check it; how it ended."""
    story = Telling(rounds, taken_by)
    for (name, which), after in steps:
        story.take(name, which, after)
    story.end()
    transfer, orders = story.transfer, story.orders

    told = {one.leg for one in story.told if isinstance(one, LegMade | LegReported | LegAnswered)}
    alive = {one.leg for one in transfer.attempts if one.leg in told and not one.ended}
    assert alive <= {order.leg for order in orders if isinstance(order, EndLeg)}, "a leg goes on ringing"

    finished = [order for order in orders if isinstance(order, Finished)]
    assert [one.outcome in TRANSFER_OUTCOMES for one in finished] == [True], "one end, and it has a name"
    assert (finished[0].seconds_to_human is not None) == (finished[0].outcome == "connected")
    attempted = [order for order in orders if isinstance(order, Attempted)]
    assert sorted(order.attempt for order in attempted) == [one.number for one in transfer.attempts]
    assert all(order.outcome in ATTEMPT_OUTCOMES for order in attempted)
    for order in attempted:
        assert order.times is not None
        marks = [order.times.began, order.times.rang, order.times.answered, order.times.ended]
        passed = [mark for mark in marks if mark is not None]
        assert passed == sorted(passed)

    gone = transfer.caller is CallerPlace.GONE
    back = any(isinstance(order, ReturnCaller) for order in orders)
    came_back_alone = transfer.caller is CallerPlace.WITH_BOT and any(isinstance(one, MoveCaller) for one in orders)
    assert gone or back or came_back_alone, "the caller is with nobody"
    return transfer.outcome


@given(**STORIES)
@settings(max_examples=EXAMPLES, deadline=None)
def test_whatever_happens_it_ends_and_leaves_no_leg_ringing_and_no_caller_alone(
    rounds: tuple[tuple[Person, ...], ...], taken_by: str, steps: list[tuple[tuple[str, int], float]]
) -> None:
    holds(rounds, taken_by, steps)
