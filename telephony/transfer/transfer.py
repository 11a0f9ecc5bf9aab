"""A warm transfer as a state machine: `step(transfer, happening, now) -> (transfer, orders)`. No I/O, no waiting.

    RINGING ──key 1──▶ BRIEFING ──heard──▶ BRIDGING ──both in the room──▶ CONNECTED ──one leaves──▶ OVER
       │  ▲                │                   │
       │  └─ next people ◀─┴── the person went ┘
       └─ nobody left, or the caller went or stays ──▶ OVER        PARTING: the person has left the room, and the
                                                                    caller's own line is on its way back

The caller stays with the bot until somebody has heard the brief; only then are they moved. Every phase has a deadline
(`Transfer.deadline`), so that a `Tick` always gets it further. What a carrier says may come late, twice or in another
order: it only proposes, and what has been decided stays. Whoever declines is asked why while the next people are rung
already, so that an attempt may end after its transfer. Source: twilio.md, section 4, variant A2.
"""

from dataclasses import replace
from typing import assert_never

from telephony.transfer import meeting, ringing
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
    Person,
    ReasonGiven,
    Taken,
    Tick,
)
from telephony.transfer.orders import Order
from telephony.transfer.states import Patience, Phase, Transfer
from telephony.transfer.work import Work


def begin(
    transfer_id: str, rounds: tuple[tuple[Person, ...], ...], patience: Patience, now: float, taken_by: str = ""
) -> tuple[Transfer, tuple[Order, ...]]:
    """A transfer, and what is to be done first.

    Args:
        transfer_id: random, free of anything personal: it names the room, and stands in addresses.
        rounds: who is rung: those of a round at once, one round after the other.
        patience: how long each wait may take.
        now: seconds on a clock that goes on over a restart.
        taken_by: id of one of them who has said already that they take the caller; "" when nobody has.
    """
    work = Work(Transfer(transfer_id, tuple(people for people in rounds if people), patience, now), now)
    taker = work.transfer.named(taken_by)
    if taker is None:
        ringing.next_round(work)
    else:
        ringing.ring(work, taker, taken=True)
    return work.transfer, tuple(work.orders)


def step(transfer: Transfer, happening: Happening, now: float) -> tuple[Transfer, tuple[Order, ...]]:
    """What a happening makes of a transfer, and what is to be done."""
    work = Work(transfer, now)
    _take(work, happening)
    return work.transfer, tuple(work.orders)


def resume(transfer: Transfer, now: float) -> Transfer:
    """A transfer that goes on after nobody has looked after it for a while.

    What was due meanwhile gets some more seconds: whoever pressed a key then may still be heard of.
    """
    soonest = now + transfer.patience.answer
    attempts = tuple(replace(one, deadline=max(one.deadline, soonest)) for one in transfer.attempts)
    between = transfer.phase is Phase.RINGING
    phase_deadline = transfer.phase_deadline if between else max(transfer.phase_deadline, soonest)
    return replace(transfer, attempts=attempts, phase_deadline=phase_deadline)


def _take(work: Work, happening: Happening) -> None:
    match happening:
        case LegMade(number, leg):
            ringing.learn_leg(work, number, leg)
        case LegRefused(number, outcome):
            ringing.leg_refused(work, number, outcome)
        case LegReported():
            ringing.leg_reported(work, happening)
        case LegAnswered(number, leg):
            ringing.leg_answered(work, number, leg)
        case KeyPressed(number, key):
            ringing.key_pressed(work, number, key)
        case ReasonGiven(number, reason):
            ringing.reason_given(work, number, reason)
        case Taken(person):
            ringing.taken(work, person)
        case Declined(person, reason):
            ringing.declined_on_screen(work, person, reason)
        case BriefHeard(number):
            meeting.brief_heard(work, number)
        case AgentJoined(number):
            meeting.agent_joined(work, number)
        case AgentLeft(number):
            if number == work.transfer.winner:
                meeting.winner_left(work)
        case CallerJoined():
            meeting.caller_joined(work)
        case CallerGone():
            meeting.caller_gone(work)
        case CallerStays():
            meeting.caller_stays(work)
        case CallerBack():
            meeting.caller_back(work)
        case Tick():
            ringing.time_passed(work)
            meeting.time_passed(work)
        case _:
            assert_never(happening)
