"""Calls to customers, as a machine: each way out by name, and from any order of events an end with no leg left."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from telephony.transfer.happenings import FINAL, LegStatus
from telephony.twilio.callback_machine import SHORT_SECONDS, begin, step
from telephony.twilio.callback_state import (
    AgentAnswered,
    AgentReported,
    BriefOver,
    CallbackCall,
    CallbackPatience,
    CustomerPickedUp,
    DialOver,
    Happening,
    LegMade,
    LegRefused,
    Outcome,
    Pressed,
    Stage,
    Tick,
    Told,
)

SEQUENCES = 400
LEG, OTHER = "CA1", "CA2"
RINGS: list[Happening] = [LegMade(LEG), AgentReported(LEG, LegStatus.RINGING, 1)]
PICKS_UP: list[Happening] = [*RINGS, AgentAnswered(LEG), AgentReported(LEG, LegStatus.ANSWERED, 2)]
CALLS: list[Happening] = [*PICKS_UP, Pressed("1"), BriefOver()]
GONE = AgentReported(LEG, LegStatus.COMPLETED, 3)
LONG = SHORT_SECONDS + 1


def after(*events: Happening | float) -> CallbackCall:
    """What these events make of a new call; a number is seconds that pass."""
    now = 100.0
    call = begin(CallbackPatience(), now)
    for event in events:
        if isinstance(event, float | int):
            now += event
        else:
            call, _ = step(call, event, now)
    return call


def test_every_way_out_has_its_name() -> None:
    talks: list[Happening] = [*CALLS, CustomerPickedUp()]
    ways: list[tuple[Outcome, list[Any]]] = [
        (Outcome.TALKED, [*talks, LONG, DialOver("completed", True, 21.0, True), Told("")]),
        (Outcome.TALKED, [*talks, LONG, GONE, DialOver("completed", True, 21.0, False)]),
        (Outcome.TALKED, [*talks, 3, DialOver("completed", True, 3.0, True), Told("1")]),
        (Outcome.SHORT, [*talks, 3, GONE]),
        (Outcome.SHORT, [*talks, 3, DialOver("completed", True, 3.0, True), GONE]),
        (Outcome.VOICEMAIL, [*talks, 9, DialOver("completed", True, 9.0, True), Told("2")]),
        (Outcome.BUSY, [*CALLS, DialOver("busy", None, 0.0, True)]),
        (Outcome.NO_ANSWER, [*CALLS, DialOver("no-answer", False, 0.0, True)]),
        (Outcome.FAILED, [*CALLS, DialOver("failed", None, 0.0, True)]),
        (Outcome.DECLINED, [*PICKS_UP, Pressed("2")]),
        (Outcome.DECLINED, [*PICKS_UP, Pressed("1"), Pressed("2")]),
        (Outcome.AGENT_AWAY, [LegRefused()]),
        (Outcome.AGENT_AWAY, [*RINGS, AgentReported(LEG, LegStatus.NO_ANSWER, 2)]),
        (Outcome.AGENT_AWAY, [*PICKS_UP, Pressed("")]),
        (Outcome.AGENT_AWAY, [*PICKS_UP, GONE]),
        (Outcome.AGENT_LEFT, [*PICKS_UP, Pressed("1"), GONE]),
        (Outcome.AGENT_LEFT, [*CALLS, GONE, DialOver("canceled", False, 0.0, False)]),
    ]
    for outcome, events in ways:
        assert after(*events).outcome == outcome, events


def test_completed_is_not_talked_when_nobody_was_connected() -> None:
    assert after(*CALLS, DialOver("completed", False, 30.0, True)).outcome == Outcome.NO_ANSWER
    assert after(*CALLS, DialOver("completed", None, 30.0, True)).outcome == Outcome.NO_ANSWER


def test_the_carriers_duration_tells_when_the_picking_up_was_not_told() -> None:
    assert after(*CALLS, DialOver("completed", True, LONG, False)).outcome == Outcome.TALKED


def test_that_the_customer_picked_up_may_come_after_the_agent_has_gone() -> None:
    call = after(*CALLS, GONE)
    assert call.stage is Stage.PARTING
    call, _ = step(call, CustomerPickedUp(), 101.0)
    call, _ = step(call, Tick(), call.deadline)
    assert call.outcome == Outcome.SHORT


def test_another_leg_and_an_older_report_change_nothing() -> None:
    before = after(*CALLS)
    assert after(*CALLS, AgentReported(OTHER, LegStatus.COMPLETED, 9), LegMade(OTHER)) == before
    assert after(*CALLS, AgentReported(LEG, LegStatus.COMPLETED, 1)) == before


def test_a_leg_of_which_we_learn_too_late_is_ended() -> None:
    call = begin(CallbackPatience(), 0.0)
    call, end = step(call, Tick(), call.deadline)
    assert (call.outcome, end) == (Outcome.AGENT_AWAY, False)
    call, end = step(call, LegMade(LEG), 99.0)
    assert end
    _, again = step(call, LegMade(LEG), 99.0)
    assert not again


_legs = st.sampled_from([LEG, LEG, LEG, OTHER])
_happenings: st.SearchStrategy[Happening] = st.one_of(
    st.builds(LegMade, _legs),
    st.just(LegRefused()),
    st.builds(AgentReported, _legs, st.sampled_from(LegStatus), st.integers(0, 5)),
    st.builds(AgentAnswered, _legs),
    st.builds(Pressed, st.sampled_from(["", "1", "1", "2", "9"])),
    st.just(BriefOver()),
    st.just(CustomerPickedUp()),
    st.builds(
        DialOver,
        st.sampled_from(["completed", "busy", "no-answer", "failed", "canceled", "answered", "?"]),
        st.sampled_from([True, False, None]),
        st.sampled_from([0.0, 30.0]),
        st.booleans(),
    ),
    st.builds(Told, st.sampled_from(["", "1", "2", "9"])),
    st.just(Tick()),
)


_FORWARD: dict[Stage, Happening] = {
    Stage.RINGING: AgentAnswered(LEG),
    Stage.WHISPERING: Pressed("1"),
    Stage.BRIEFING: BriefOver(),
    Stage.CALLING: CustomerPickedUp(),
    Stage.TALKING: DialOver("completed", True, 30.0, True),
    Stage.PARTING: DialOver("completed", None, 0.0, False),
    Stage.ASKING: Told("1"),
    Stage.OVER: Tick(),
}
"""What brings a call further: without it random events hardly ever reach two who talk."""

_SECONDS = st.floats(0, 2) | st.sampled_from([0.0, 0.0, 21.0, 40.0])
_STEPS: st.SearchStrategy[Happening | str] = st.integers(0, 9).flatmap(
    lambda number: st.just("forward") if number < 6 else _happenings
)
EVENTS = st.lists(st.tuples(_STEPS, _SECONDS), min_size=3, max_size=25)
"""What may happen to a call, and how many seconds after what came before."""


def holds(events: list[tuple[Happening | str, float]]) -> None:
    """Whatever happens, a call ends with one outcome, and no leg is left ringing or talking."""
    now, call, ended_by_us, said_goodbye = 0.0, begin(CallbackPatience(), 0.0), False, False
    outcomes: set[str] = set()
    for happening, seconds in events:
        now += seconds
        before = call
        event = _FORWARD[call.stage] if isinstance(happening, str) else happening
        call, end = step(call, event, now)
        ended_by_us |= end
        if call.stage is Stage.OVER and before.stage is not Stage.OVER:
            # These are answered with a document that hangs up; with these the leg is over, or the carrier has told so.
            said_goodbye = isinstance(event, Pressed | DialOver | Told | LegRefused)
        outcomes |= {call.outcome} - {""}
        assert (call.stage is Stage.OVER) == bool(call.outcome)
        assert (
            call.ended
            or not isinstance(event, AgentReported)
            or event.status not in FINAL
            or not _believed(before, event)
        )
    for _ in range(8):
        if call.stage is Stage.OVER:
            break
        now = max(now, call.deadline)
        call, end = step(call, Tick(), now)
        ended_by_us |= end
        outcomes |= {call.outcome} - {""}
    assert call.stage is Stage.OVER
    assert len(outcomes) == 1
    assert call.ended or ended_by_us or said_goodbye or not call.leg


@settings(max_examples=SEQUENCES)
@given(EVENTS)
def test_any_order_of_events_ends_with_one_outcome_and_no_leg_left(events: list[tuple[Happening | str, float]]) -> None:
    holds(events)


def _believed(call: CallbackCall, event: AgentReported) -> bool:
    return call.stage is not Stage.OVER and event.leg in (call.leg or event.leg,) and event.sequence > call.sequence
