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
PEOPLE = st.sampled_from(["ada", "bo", "kim", "stranger"])
RESTART = "restart"

ATTEMPTS = st.integers(0, 5)
HAPPENINGS: st.SearchStrategy[Happening | str] = st.one_of(
    ATTEMPTS.map(lambda number: LegMade(number, f"leg{number}")),
    ATTEMPTS.map(LegRefused),
    st.builds(
        lambda number, status, sequence: LegReported(number, f"leg{number}", status, sequence),
        ATTEMPTS,
        st.sampled_from(LegStatus),
        st.integers(0, 4),
    ),
    ATTEMPTS.map(lambda number: LegAnswered(number, f"leg{number}")),
    st.builds(KeyPressed, ATTEMPTS, st.sampled_from(["1", "1", "2", ""])),
    st.builds(ReasonGiven, ATTEMPTS, st.sampled_from(["busy", "later", ""])),
    PEOPLE.map(Taken),
    st.builds(Declined, PEOPLE, st.sampled_from(["busy", "not_mine", ""])),
    ATTEMPTS.map(BriefHeard),
    ATTEMPTS.map(AgentJoined),
    ATTEMPTS.map(AgentLeft),
    st.just(CallerJoined()),
    st.just(CallerGone()),
    st.just(CallerStays()),
    st.just(CallerBack()),
    st.just(Tick()),
    st.just(RESTART),
)
ROUNDS = st.sampled_from(
    [((ADA,), (BO,), (KIM,)), ((ADA, BO), (KIM,)), ((ADA, BO, KIM),), ((), (ADA,)), ((ADA,), (ADA, BO))]
)
STORIES = {
    "rounds": ROUNDS,
    "taken_by": st.sampled_from(["", "", "bo", "stranger"]),
    "happenings": st.lists(st.tuples(HAPPENINGS, st.floats(0, 40)), max_size=40),
}


class Telling:
    """A transfer told one happening after the other; every step is looked at."""

    def __init__(self, rounds: tuple[tuple[Person, ...], ...], taken_by: str) -> None:
        self.now = 1_000.0
        self.transfer, orders = begin("t1", rounds, Patience(), self.now, taken_by)
        self.orders: list[Order] = list(orders)
        self.told: list[Happening] = []

    def tell(self, happening: Happening | str, after: float) -> None:
        self.now += after
        if isinstance(happening, str):
            kept = json.loads(json.dumps(to_values(self.transfer)))
            assert from_values(kept) == self.transfer
            self.transfer = resume(self.transfer, self.now)
            return
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
        ringing = [one.person.id for one in self.transfer.open_attempts]
        assert len(ringing) == len(set(ringing)), "nobody's phone rings twice"

    def end(self) -> None:
        """Let time pass until nothing is due any more."""
        for _ in range(200):
            if self.transfer.all_over:
                return
            self.tell(Tick(), max(0.0, self.transfer.deadline - self.now))
        raise AssertionError("it does not end")


def holds(
    rounds: tuple[tuple[Person, ...], ...], taken_by: str, happenings: list[tuple[Happening | str, float]]
) -> None:
    """Tell a story to its end, and check it."""
    story = Telling(rounds, taken_by)
    for happening, after in happenings:
        story.tell(happening, after)
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


@given(**STORIES)
@settings(max_examples=EXAMPLES, deadline=None)
def test_whatever_happens_it_ends_and_leaves_no_leg_ringing_and_no_caller_alone(
    rounds: tuple[tuple[Person, ...], ...], taken_by: str, happenings: list[tuple[Happening | str, float]]
) -> None:
    holds(rounds, taken_by, happenings)
