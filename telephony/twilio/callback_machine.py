"""One call to somebody who asked to be called back, as a state machine: `step(call, happening, now)`. No I/O.

    RINGING ─▶ WHISPERING ──key 1──▶ BRIEFING ─▶ CALLING ──picked up──▶ TALKING ─▶ ASKING ─▶ OVER
    the agent's phone                            the customer's phone              "was it a machine?"
                                                      └──────┴── one of them went: PARTING ──▶ OVER

The agent is rung first, so that nobody picks up to silence. Every stage has a deadline, and what a carrier says late,
twice or in another order only proposes. `completed` does not mean that anybody talked: that takes Twilio's
`DialBridged`, or that we were told of the customer picking up. Source: twilio.md, 4.8 and 4.9.
"""

from dataclasses import replace
from typing import assert_never

from telephony.transfer.happenings import FINAL, LegStatus
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

SHORT_SECONDS = 20.0
"""Whoever meets a machine mostly hangs up by then; whether a talk as short as this was one, only the agent knows."""

_NOT_REACHED = {"busy": Outcome.BUSY, "no-answer": Outcome.NO_ANSWER, "failed": Outcome.FAILED}


def begin(patience: CallbackPatience, now: float, stage: Stage = Stage.RINGING) -> CallbackCall:
    """A call at its beginning, or, after a restart of ours, where the carrier's question shows that it stands."""
    waits = {
        Stage.RINGING: patience.ring + patience.answer,
        Stage.WHISPERING: patience.whisper,
        Stage.BRIEFING: patience.brief,
        Stage.CALLING: patience.customer_ring + patience.answer,
        Stage.ASKING: patience.ask,
    }
    return CallbackCall(patience, stage, now + waits[stage])


def step(call: CallbackCall, happening: Happening, now: float) -> tuple[CallbackCall, bool]:
    """What a happening makes of a call, and whether the agent's leg is to be ended by us.

    A leg whose next document says goodbye and hangs up is not ended: the agent is to hear it.
    """
    news = False
    if isinstance(happening, LegMade | AgentReported | AgentAnswered):
        if call.leg and happening.leg != call.leg:
            return call, False
        news = not call.leg
        call = replace(call, leg=happening.leg)
    if call.stage is Stage.OVER:
        call = replace(call, ended=call.ended or _final(happening))
        return call, news and not call.ended  # a leg of which we learn too late still needs us
    match happening:
        case LegMade():
            return call, False
        case LegRefused():
            return _over(replace(call, ended=True), Outcome.AGENT_AWAY), False
        case AgentReported(status=status, sequence=sequence):
            return _agent_reported(call, status, sequence, now), False
        case AgentAnswered():
            return _picked_up(call, now), False
        case Pressed(key):
            return _pressed(call, key, now), False
        case BriefOver():
            if call.stage is Stage.BRIEFING:
                wait = call.patience.customer_ring + call.patience.answer
                return replace(call, stage=Stage.CALLING, deadline=now + wait), False
            return call, False
        case CustomerPickedUp():
            return _customer_there(call, now), False
        case DialOver():
            return _dial_over(call, happening, now), False
        case Told(key):
            if call.stage is not Stage.ASKING:
                return call, False
            return _over(call, {"1": Outcome.TALKED, "2": Outcome.VOICEMAIL}.get(key, _talk(call))), False
        case Tick():
            return _tick(call, now)
        case _:
            assert_never(happening)


def _final(happening: Happening) -> bool:
    return isinstance(happening, AgentReported) and happening.status in FINAL


def _over(call: CallbackCall, outcome: Outcome) -> CallbackCall:
    return replace(call, stage=Stage.OVER, deadline=float("inf"), outcome=outcome)


def _talk(call: CallbackCall) -> Outcome:
    """What a talk was of which the agent has said nothing."""
    return Outcome.TALKED if call.talked_seconds >= SHORT_SECONDS else Outcome.SHORT


def _measured(call: CallbackCall, now: float) -> CallbackCall:
    """The talk has ended."""
    return call if call.talking_at is None else replace(call, talked_seconds=now - call.talking_at)


def _picked_up(call: CallbackCall, now: float) -> CallbackCall:
    if call.stage is not Stage.RINGING:
        return call
    return replace(call, stage=Stage.WHISPERING, deadline=now + call.patience.whisper)


def _pressed(call: CallbackCall, key: str, now: float) -> CallbackCall:
    if call.stage in (Stage.RINGING, Stage.WHISPERING):
        if key == "1":
            return replace(call, stage=Stage.BRIEFING, deadline=now + call.patience.brief)
        return _over(call, Outcome.DECLINED if key else Outcome.AGENT_AWAY)
    if call.stage is Stage.BRIEFING and key == "2":
        return _over(call, Outcome.DECLINED)
    return call


def _agent_reported(call: CallbackCall, status: LegStatus, sequence: int, now: float) -> CallbackCall:
    if sequence <= call.sequence or call.ended:
        return call
    call = replace(call, sequence=sequence)
    if status is LegStatus.ANSWERED:
        return _picked_up(call, now)
    if status not in FINAL:
        return call
    call = replace(call, ended=True)
    match call.stage:
        case Stage.RINGING | Stage.WHISPERING:
            return _over(call, Outcome.AGENT_AWAY)
        case Stage.BRIEFING:
            return _over(call, Outcome.AGENT_LEFT)
        case Stage.CALLING:
            # Whether the customer had picked up may be on its way still.
            return replace(call, stage=Stage.PARTING, deadline=now + call.patience.part)
        case Stage.TALKING:
            call = _measured(call, now)
            return _over(call, _talk(call))
        case Stage.ASKING:
            return _over(call, _talk(call))
        case _:
            return call


def _customer_there(call: CallbackCall, now: float) -> CallbackCall:
    if call.stage is Stage.CALLING:
        return replace(call, stage=Stage.TALKING, deadline=now + call.patience.talk, talking_at=now)
    if call.stage is Stage.PARTING and call.talking_at is None:
        return replace(call, talking_at=now)
    return call


def _dial_over(call: CallbackCall, over: DialOver, now: float) -> CallbackCall:
    if call.stage not in (Stage.CALLING, Stage.TALKING, Stage.PARTING):
        return call
    there = over.agent_there and not call.ended
    bridged = call.talking_at is not None if over.bridged is None else over.bridged
    if not bridged:
        if not there and over.status not in _NOT_REACHED:
            return _over(call, Outcome.AGENT_LEFT)
        return _over(call, _NOT_REACHED.get(over.status, Outcome.NO_ANSWER))
    call = _measured(replace(call, talked_seconds=over.seconds), now)
    if not there:
        return _over(call, _talk(call))
    return replace(call, stage=Stage.ASKING, deadline=now + call.patience.ask)


def _tick(call: CallbackCall, now: float) -> tuple[CallbackCall, bool]:
    if now < call.deadline:
        return call, False
    match call.stage:
        case Stage.RINGING | Stage.WHISPERING:
            outcome = Outcome.AGENT_AWAY
        case Stage.BRIEFING:
            outcome = Outcome.AGENT_LEFT
        case Stage.CALLING:
            outcome = Outcome.NO_ANSWER
        case Stage.PARTING if call.talking_at is None:
            outcome = Outcome.AGENT_LEFT
        case _:
            call = _measured(call, now) if call.stage is Stage.TALKING else call
            outcome = _talk(call)
    return _over(call, outcome), bool(call.leg) and not call.ended
