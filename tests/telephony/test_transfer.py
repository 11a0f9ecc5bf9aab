"""The warm transfer: each way it can go, and what holds whatever happens."""

import json

import pytest

from telephony.transfer.happenings import (
    FINAL,
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
    LegReported,
    LegStatus,
    Person,
    ReasonGiven,
    Taken,
    Tick,
)
from telephony.transfer.orders import (
    Attempted,
    EndLeg,
    Finished,
    MoveCaller,
    Order,
    ReturnCaller,
    Ring,
    TellCaller,
    Times,
)
from telephony.transfer.serial import from_values, to_values
from telephony.transfer.states import CallerPlace, Patience, Phase
from telephony.transfer.transfer import begin, resume, step

ADA, BO, KIM = (Person(name, f"+47210000{place:02}", "service") for place, name in enumerate(("ada", "bo", "kim")))
ONE_BY_ONE = ((ADA,), (BO,))
AT_ONCE = ((ADA, BO),)


class Story:
    """A transfer told one happening after the other."""

    def __init__(self, rounds: tuple[tuple[Person, ...], ...] = ONE_BY_ONE, taken_by: str = "") -> None:
        self.now = 1_000.0
        self.transfer, orders = begin("t1", rounds, Patience(), self.now, taken_by)
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

    def connects(self, attempt: int = 1, talk: float = 10.0) -> None:
        self.answers(attempt)
        self.tell(KeyPressed(attempt, "1"), BriefHeard(attempt), AgentJoined(attempt), CallerJoined())
        self.now += talk

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
    story.now += 10
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
    assert ReturnCaller(outcome, moved=False) in story.tell(KeyPressed(1, key))
    story.waits()
    assert story.of(Attempted) == [Attempted(1, "ada", outcome)]


def test_whoever_declines_is_asked_why_while_the_next_is_rung_already() -> None:
    story = Story()
    story.answers(1)
    story.tell(KeyPressed(1, "2"))
    assert story.waits() == [Ring(2, BO, 18)]
    story.tell(ReasonGiven(1, "not_mine"))
    assert story.tell(ended(LegStatus.COMPLETED)) == [Attempted(1, "ada", "declined:not_mine")]


def test_whoever_declines_and_never_says_why_is_ended_even_when_the_transfer_is_over() -> None:
    story = Story(((ADA,),))
    story.answers(1)
    story.tell(KeyPressed(1, "2"))
    assert story.transfer.phase is Phase.OVER and not story.transfer.all_over
    assert story.waits() == [Attempted(1, "ada", "declined"), EndLeg(1, "leg1", "declined")]
    assert story.transfer.all_over


def test_a_voicemail_that_answers_and_presses_nothing_is_ended() -> None:
    story = Story(((ADA,),))
    story.answers(1)
    assert EndLeg(1, "leg1", "no_key") in story.waits()


def test_of_two_who_press_at_once_one_gets_the_caller_and_the_other_is_told() -> None:
    story = Story(AT_ONCE)
    story.answers(1)
    story.answers(2)
    told = story.tell(KeyPressed(2, "1"), KeyPressed(1, "1"), KeyPressed(2, "1"), after=0.0)
    sorry = EndLeg(1, "leg1", "another_took_it", tell=True)
    assert told == [Attempted(1, "ada", "another_took_it"), sorry, TellCaller()]
    assert story.transfer.winner == 2


def test_taking_it_in_the_console_needs_no_key() -> None:
    story = Story(AT_ONCE)
    assert story.tell(Taken("bo"), Taken("ada")) == [Attempted(1, "ada", "another_took_it")]
    story.answers(2)
    assert story.transfer.phase is Phase.BRIEFING


def test_whoever_hears_the_question_already_still_has_to_press_the_key() -> None:
    story = Story(AT_ONCE)
    story.answers(1)
    story.tell(Taken("ada"))
    assert story.transfer.phase is Phase.RINGING, "it may be their voicemail that listens"
    assert story.tell(KeyPressed(1, "1")) == [TellCaller()]


def test_whoever_takes_it_before_their_turn_is_rung_at_once_and_alone() -> None:
    story = Story()
    story.tell(LegMade(1, "leg1"))
    told = story.tell(Taken("bo"))
    assert told == [Ring(2, BO, 18), Attempted(1, "ada", "another_took_it"), EndLeg(1, "leg1", "another_took_it")]
    assert story.tell(Taken("stranger"), Taken("ada")) == []


def test_when_whoever_took_it_does_not_come_those_who_were_stopped_are_rung_again() -> None:
    story = Story()
    story.tell(Taken("bo"), LegMade(2, "leg2"), ended(LegStatus.BUSY, 2))
    assert story.waits() == [Ring(3, ADA, 18)]
    story.tell(LegMade(3, "leg3"))
    assert Finished("busy", None) in story.tell(ended(LegStatus.BUSY, 3))


def test_a_transfer_that_somebody_took_before_it_began_rings_only_them() -> None:
    story = Story(AT_ONCE, taken_by="bo")
    assert story.orders == [Ring(1, BO, 18)]
    story.tell(LegAnswered(1, "leg1"))
    assert story.transfer.winner == 1


@pytest.mark.parametrize("answered", [False, True])
def test_declining_in_the_console_stops_the_phone_and_rings_the_next(answered: bool) -> None:
    story = Story()
    if answered:
        story.answers(1)
    told = story.tell(LegMade(1, "leg1"), Declined("ada", "later"))[-2:]
    assert told == [Attempted(1, "ada", "declined:later"), EndLeg(1, "leg1", "declined:later")]
    assert story.waits() == [Ring(2, BO, 18)]


def test_whoever_declines_before_their_turn_is_not_rung() -> None:
    story = Story()
    assert story.tell(Declined("bo", "busy")) == [Attempted(2, "bo", "declined:busy")]
    story.tell(LegMade(1, "leg1"))
    assert Finished("no_answer", None) in story.tell(ended(LegStatus.NO_ANSWER))


def test_an_attempt_tells_when_it_began_rang_was_answered_and_ended() -> None:
    story = Story(((ADA,),))
    story.answers(1)
    story.tell(ended(LegStatus.COMPLETED))
    (attempted,) = story.of(Attempted)
    assert isinstance(attempted, Attempted)
    assert attempted.times == Times(1_000.0, 1_001.5, 1_002.0, 1_002.5)


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
    assert EndLeg(1, "leg1", "caller_stayed", tell=True) in told


@pytest.mark.parametrize("first", [ended(LegStatus.COMPLETED), CallerBack()])
def test_a_person_who_hangs_up_as_soon_as_the_caller_comes_gives_the_caller_back(first: Happening) -> None:
    story = Story()
    story.connects(talk=0.0)
    assert Finished("agent_left", None) in story.tell(first)


def test_whoever_still_hears_that_it_was_too_late_is_rung_again_only_when_they_have_hung_up() -> None:
    story = Story(AT_ONCE)
    story.answers(1)
    story.answers(2)
    story.tell(KeyPressed(1, "1"), ended(LegStatus.COMPLETED))
    assert story.waits() == []
    story.tell(ended(LegStatus.COMPLETED, 2))
    assert story.waits() == [Ring(3, BO, 18)]


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


def test_a_person_whose_leaving_only_the_room_reports_has_left_all_the_same() -> None:
    story = Story()
    story.connects()
    story.tell(AgentLeft(1))
    assert story.transfer.phase is Phase.PARTING


def test_after_a_restart_what_was_due_meanwhile_gets_some_more_seconds() -> None:
    story = Story()
    story.answers(1)
    story.now += 60
    story.transfer = resume(from_values(json.loads(json.dumps(to_values(story.transfer)))), story.now)
    assert story.tell(Tick(), after=1.0) == []
    assert story.tell(KeyPressed(1, "1")) == [TellCaller()]


def test_reports_that_come_late_or_twice_change_nothing() -> None:
    story = Story()
    story.connects()
    before = story.transfer
    assert story.tell(*(LegReported(1, "leg1", status, 1) for status in LegStatus if status not in FINAL)) == []
    assert story.transfer == before


def test_nobody_to_ring_gives_the_caller_back_at_once() -> None:
    assert Story(()).orders == [Finished("nobody_there", None), ReturnCaller("nobody_there", moved=False)]
