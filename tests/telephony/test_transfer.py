"""The warm transfer: each way it can go, and what holds whatever happens."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
from telephony.transfer.states import CallerPlace, Patience, Phase, Transfer
from telephony.transfer.transfer import begin, step

ADA, BO, KIM = (Person(name, f"+47210000{place:02}", "service") for place, name in enumerate(("ada", "bo", "kim")))
ONE_BY_ONE = ((ADA,), (BO,))
AT_ONCE = ((ADA, BO),)


class Story:
    """A transfer told one happening after the other."""

    def __init__(self, rounds: tuple[tuple[Person, ...], ...] = ONE_BY_ONE) -> None:
        self.now = 1_000.0
        self.transfer, orders = begin("t1", rounds, Patience(), self.now)
        self.orders: list[Order] = list(orders)

    def tell(self, *happenings: Happening, after: float = 0.5) -> list[Order]:
        told: list[Order] = []
        for happening in happenings:
            self.now += after
            self.transfer, orders = step(self.transfer, happening, self.now)
            told += orders
        self.orders += told
        return told

    def answers(self, attempt: int) -> None:
        self.tell(LegMade(attempt, f"leg{attempt}"))
        for sequence, status in enumerate((LegStatus.INITIATED, LegStatus.RINGING, LegStatus.ANSWERED)):
            self.tell(LegReported(attempt, f"leg{attempt}", status, sequence))

    def connects(self, attempt: int = 1) -> None:
        self.answers(attempt)
        self.tell(KeyPressed(attempt, "1"), BriefHeard(attempt), AgentJoined(attempt), CallerJoined())

    def waits(self) -> list[Order]:
        """Until the next deadline."""
        self.now = max(self.now, self.transfer.deadline)
        return self.tell(Tick(), after=0.0)

    def of(self, kind: type[Order]) -> list[Order]:
        return [order for order in self.orders if isinstance(order, kind)]


def ended(status: LegStatus, attempt: int = 1) -> LegReported:
    return LegReported(attempt, f"leg{attempt}", status, 9)


def test_a_person_takes_the_key_hears_the_brief_and_then_the_caller_comes() -> None:
    story = Story()
    assert story.orders == [Ring(1, ADA, 18)]
    story.answers(1)
    assert story.tell(KeyPressed(1, "1")) == [TellCaller()]
    assert story.tell(BriefHeard(1)) == [MoveCaller()]
    story.tell(AgentJoined(1), CallerJoined())
    assert story.transfer.phase is Phase.CONNECTED
    story.tell(ended(LegStatus.COMPLETED))
    assert story.tell(CallerBack()) == [Attempted(1, "ada", "connected"), Finished("connected", 4.0)]


def test_the_caller_is_not_moved_before_the_brief_is_heard() -> None:
    story = Story()
    story.answers(1)
    story.tell(KeyPressed(1, "1"))
    assert story.of(MoveCaller) == []
    assert story.transfer.caller is CallerPlace.WITH_BOT


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (LegStatus.BUSY, "busy"),
        (LegStatus.NO_ANSWER, "no_answer"),
        (LegStatus.FAILED, "failed"),
        (LegStatus.CANCELED, "canceled"),
    ],
)
def test_whoever_cannot_be_reached_makes_way_for_the_next(status: LegStatus, outcome: str) -> None:
    story = Story()
    story.tell(LegMade(1, "leg1"))
    assert story.tell(ended(status)) == [Attempted(1, "ada", outcome)]
    assert story.waits() == [Ring(2, BO, 18)]
    story.connects(2)
    assert story.transfer.phase is Phase.CONNECTED


@pytest.mark.parametrize(("key", "outcome"), [("2", "declined"), ("", "no_key"), ("7", "declined")])
def test_only_the_key_takes_a_caller(key: str, outcome: str) -> None:
    story = Story(((ADA,),))
    story.answers(1)
    told = story.tell(KeyPressed(1, key))
    assert Attempted(1, "ada", outcome) in told
    assert ReturnCaller(outcome, moved=False) in told


def test_a_voicemail_that_answers_and_presses_nothing_is_ended() -> None:
    story = Story(((ADA,),))
    story.answers(1)
    assert EndLeg(1, "leg1", "no_key") in story.waits()


def test_of_two_who_press_at_once_one_gets_the_caller_and_the_other_is_told() -> None:
    story = Story(AT_ONCE)
    story.answers(1)
    story.answers(2)
    told = story.tell(KeyPressed(2, "1"), KeyPressed(1, "1"), KeyPressed(2, "1"), after=0.0)
    assert told == [Attempted(1, "ada", "another_took_it"), EndLeg(1, "leg1", "another_took_it"), TellCaller()]
    assert story.transfer.winner == 2


def test_taking_it_in_the_console_needs_no_key() -> None:
    story = Story(AT_ONCE)
    story.tell(Taken(2), Taken(1))
    assert [order.person for order in story.of(Attempted) if isinstance(order, Attempted)] == ["ada"]
    story.answers(2)
    assert story.transfer.phase is Phase.BRIEFING


def test_a_person_who_leaves_during_the_brief_makes_way_for_the_next() -> None:
    story = Story()
    story.answers(1)
    story.tell(KeyPressed(1, "1"))
    assert story.tell(ended(LegStatus.COMPLETED)) == [Attempted(1, "ada", "left_in_brief")]
    assert story.waits() == [Ring(2, BO, 18)]


def test_a_person_who_leaves_while_the_caller_is_on_the_way_gives_the_caller_back() -> None:
    story = Story()
    story.answers(1)
    story.tell(KeyPressed(1, "1"), BriefHeard(1))
    assert ReturnCaller("agent_left", moved=True) in story.tell(ended(LegStatus.COMPLETED))


@pytest.mark.parametrize("told_before", [0, 1, 2])
def test_a_caller_who_goes_ends_every_leg(told_before: int) -> None:
    story = Story(AT_ONCE)
    story.answers(1)
    story.tell(*(KeyPressed(1, "1"), BriefHeard(1))[:told_before])
    told = story.tell(CallerGone(), LegMade(2, "leg2"))
    assert {order.leg for order in story.of(EndLeg) if isinstance(order, EndLeg)} == {"leg1", "leg2"}
    assert Finished("caller_gone", None) in told


def test_a_caller_who_would_rather_stay_is_not_moved_any_more() -> None:
    story = Story()
    story.answers(1)
    told = story.tell(CallerStays(), KeyPressed(1, "1"))
    assert ReturnCaller("caller_stayed", moved=False) in told
    assert story.transfer.phase is Phase.OVER
    assert story.of(MoveCaller) == []


def test_a_room_that_does_not_fill_gives_the_caller_back() -> None:
    story = Story()
    story.answers(1)
    story.tell(KeyPressed(1, "1"), BriefHeard(1))
    assert ReturnCaller("not_bridged", moved=True) in story.waits()


def test_a_talk_whose_callers_line_does_not_come_back_is_fetched() -> None:
    story = Story()
    story.connects()
    story.tell(ended(LegStatus.COMPLETED))
    assert story.transfer.phase is Phase.PARTING
    assert ReturnCaller("connected", moved=True) in story.waits()


def test_reports_that_come_late_or_twice_change_nothing() -> None:
    story = Story()
    story.connects()
    before = story.transfer
    assert story.tell(*(LegReported(1, "leg1", status, 1) for status in LegStatus if status not in FINAL)) == []
    assert story.transfer == before


def test_nobody_to_ring_gives_the_caller_back_at_once() -> None:
    assert Story(()).orders == [Finished("nobody_there", None), ReturnCaller("nobody_there", moved=False)]


ATTEMPTS = st.integers(0, 4)
HAPPENINGS: st.SearchStrategy[Happening] = st.one_of(
    ATTEMPTS.map(lambda number: LegMade(number, f"leg{number}")),
    ATTEMPTS.map(LegRefused),
    st.builds(
        lambda number, status, sequence: LegReported(number, f"leg{number}", status, sequence),
        ATTEMPTS,
        st.sampled_from(LegStatus),
        st.integers(0, 4),
    ),
    st.builds(KeyPressed, ATTEMPTS, st.sampled_from(["1", "1", "2", ""])),
    ATTEMPTS.map(Taken),
    ATTEMPTS.map(lambda number: Declined(number, "busy")),
    ATTEMPTS.map(BriefHeard),
    ATTEMPTS.map(AgentJoined),
    st.just(CallerJoined()),
    st.just(CallerGone()),
    st.just(CallerStays()),
    st.just(CallerBack()),
    st.just(Tick()),
)
ROUNDS = st.sampled_from([((ADA,), (BO,), (KIM,)), ((ADA, BO), (KIM,)), ((ADA, BO, KIM),), ((), (ADA,))])


def known_legs(happenings: Sequence[Happening], transfer: Transfer) -> set[str]:
    """Legs that the carrier has told us of and has not told us the end of."""
    alive = {attempt.leg for attempt in transfer.attempts if attempt.leg}
    dead = {attempt.leg for attempt in transfer.attempts if attempt.ended}
    told = {happening.leg for happening in happenings if isinstance(happening, LegMade | LegReported)}
    return (alive & told) - dead


@given(ROUNDS, st.lists(st.tuples(HAPPENINGS, st.floats(0, 40)), max_size=40))
@settings(max_examples=400, deadline=None)
def test_whatever_happens_it_ends_and_leaves_no_leg_ringing_and_no_caller_alone(
    rounds: tuple[tuple[Person, ...], ...], happenings: list[tuple[Happening, float]]
) -> None:
    story = Story(rounds)
    for happening, after in happenings:
        story.tell(happening, after=after)
    for _ in range(12):
        if story.transfer.phase is Phase.OVER:
            break
        story.waits()
    assert story.transfer.phase is Phase.OVER

    told = [happening for happening, _ in happenings]
    ended_legs = {order.leg for order in story.orders if isinstance(order, EndLeg)}
    assert known_legs(told, story.transfer) <= ended_legs
    assert len(story.of(Finished)) == 1
    attempts = [order.attempt for order in story.orders if isinstance(order, Attempted)]
    assert sorted(attempts) == [attempt.number for attempt in story.transfer.attempts]

    back = story.of(ReturnCaller)
    gone = story.transfer.caller is CallerPlace.GONE
    came_back_alone = story.transfer.caller is CallerPlace.WITH_BOT and bool(story.of(MoveCaller))
    assert gone or back or came_back_alone
