"""Whoever has taken the caller hears the brief, both come into the room, talk, and part."""

from telephony.transfer.orders import MoveCaller, ReturnCaller
from telephony.transfer.states import CallerPlace, Phase
from telephony.transfer.work import Work


def brief_heard(work: Work, number: int) -> None:
    """The person knows what it is about, and is on the way into the room: now the caller is let go there."""
    if number == work.transfer.winner and work.transfer.phase is Phase.BRIEFING:
        _bridge(work)


def agent_joined(work: Work, number: int) -> None:
    """The person is in the room."""
    if number != work.transfer.winner or not number:
        return
    work.change(number, joined=True)
    if work.transfer.phase is Phase.BRIEFING:
        _bridge(work)
    _connect(work)


def caller_joined(work: Work) -> None:
    """The caller is in the room."""
    if work.transfer.caller is CallerPlace.GONE:
        return
    work.set(caller=CallerPlace.IN_ROOM)
    if work.transfer.phase is Phase.OVER:
        work.orders.append(ReturnCaller(work.transfer.outcome, moved=True))
    else:
        _connect(work)


def winner_left(work: Work) -> None:
    """The person who took the caller has hung up."""
    match work.transfer.phase:
        case Phase.BRIEFING:
            work.close(work.transfer.winner, "left_in_brief")
        case Phase.BRIDGING:
            work.finish("agent_left")
        case Phase.CONNECTED if _hardly_talked(work):
            work.set(human_at=None)
            work.finish("agent_left")
        case Phase.CONNECTED:
            # The room ends with them; the caller's line is expected back.
            work.set(phase=Phase.PARTING, phase_deadline=work.now + work.transfer.patience.part)
        case _:
            pass


def caller_gone(work: Work) -> None:
    """The caller has hung up."""
    if work.transfer.caller is CallerPlace.GONE:
        return
    work.set(caller=CallerPlace.GONE)
    work.finish("connected" if work.transfer.human_at is not None else "caller_gone")


def caller_stays(work: Work) -> None:
    """The caller would rather go on with the bot."""
    if work.transfer.phase in (Phase.RINGING, Phase.BRIEFING):
        work.finish("caller_stayed")


def caller_back(work: Work) -> None:
    """The caller's line is out of the room."""
    if work.transfer.caller is CallerPlace.GONE:
        return
    work.set(caller=CallerPlace.WITH_BOT)
    if work.transfer.phase is Phase.CONNECTED and _hardly_talked(work):
        work.set(human_at=None)
    if work.transfer.phase in (Phase.BRIDGING, Phase.CONNECTED, Phase.PARTING):
        work.finish("connected" if work.transfer.human_at is not None else "agent_left")


def time_passed(work: Work) -> None:
    """Give up what has had its time."""
    if work.transfer.phase_deadline > work.now:
        return
    match work.transfer.phase:
        case Phase.BRIEFING:
            work.close(work.transfer.winner, "brief_too_long")
        case Phase.BRIDGING:
            work.finish("not_bridged")
        case Phase.CONNECTED | Phase.PARTING:
            work.finish("connected")
        case _:
            pass


def _hardly_talked(work: Work) -> bool:
    began = work.transfer.human_at
    return began is not None and work.now - began < work.transfer.patience.least_talk


def _bridge(work: Work) -> None:
    with_bot = work.transfer.caller is CallerPlace.WITH_BOT
    work.set(
        phase=Phase.BRIDGING,
        phase_deadline=work.now + work.transfer.patience.bridge,
        caller=CallerPlace.MOVING if with_bot else work.transfer.caller,
    )
    work.orders.append(MoveCaller())


def _connect(work: Work) -> None:
    winner = work.transfer.attempt(work.transfer.winner)
    both = winner is not None and winner.joined and work.transfer.caller is CallerPlace.IN_ROOM
    if both and work.transfer.phase is Phase.BRIDGING:
        talk_ends = work.now + work.transfer.patience.talk
        work.set(phase=Phase.CONNECTED, phase_deadline=talk_ends, human_at=work.now)
