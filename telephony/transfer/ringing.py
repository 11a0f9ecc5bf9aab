"""People are rung, until one of them has taken the caller."""

from telephony.transfer.happenings import FINAL, LegReported, LegStatus, Person
from telephony.transfer.meeting import winner_left
from telephony.transfer.orders import EndLeg, Ring, TellCaller, TellRinging
from telephony.transfer.outcomes import declined
from telephony.transfer.states import ANOTHER, Attempt, LegState, Phase
from telephony.transfer.work import Work

ACCEPT = "1"

MOST_ATTEMPTS = 50
"""Somebody who takes the caller again and again and never comes ends here."""

HANGING_UP_SECONDS = 0.5
"""How soon it is looked again whether somebody who was not quick enough has hung up, before they are rung once more."""

_ENDED = {LegStatus.NO_ANSWER: "no_answer", LegStatus.COMPLETED: "no_key"}

_LATE = {
    LegState.DIALLING: "failed",
    LegState.RINGING: "no_answer",
    LegState.WHISPERING: "no_key",
    LegState.ACCEPTED: "brief_too_long",
}
"""What is made of an attempt whose time is up."""


def next_round(work: Work) -> None:
    """Ring those of the next round who have not been tried."""
    while work.transfer.round < len(work.transfer.rounds):
        people = work.transfer.untried(work.transfer.rounds[work.transfer.round])
        if any(work.transfer.on_the_phone(person.id, work.now) for person in people):
            work.set(phase_deadline=work.now + HANGING_UP_SECONDS)
            return
        work.set(round=work.transfer.round + 1)
        if people and len(work.transfer.attempts) < MOST_ATTEMPTS:
            for person in people:
                ring(work, person)
            return
    work.finish(work.unreached())


def ring(work: Work, person: Person, taken: bool = False) -> None:
    """Ring somebody. taken: they have said already that they take the caller."""
    patience = work.transfer.patience
    number = len(work.transfer.attempts) + 1
    given_up = work.now + patience.ring + patience.answer
    attempt = Attempt(number, person, LegState.DIALLING, given_up, work.now, taken=taken)
    work.set(attempts=(*work.transfer.attempts, attempt))
    work.orders.append(Ring(number, person, patience.ring))


def learn_leg(work: Work, number: int, leg: str) -> None:
    """The carrier's id of an attempt's leg is known."""
    attempt = work.transfer.attempt(number)
    if attempt is None or attempt.leg:
        return
    work.change(number, leg=leg)
    if attempt.state is LegState.OVER and not attempt.ended:
        work.orders.append(EndLeg(number, leg, attempt.outcome))
    elif attempt.state is not LegState.OVER:
        work.orders.append(TellRinging(attempt.person))


def leg_refused(work: Work, number: int, outcome: str) -> None:
    """The carrier will not ring somebody; unless we have heard of the leg by then, because its answer was an error."""
    attempt = work.transfer.attempt(number)
    if attempt is not None and attempt.state is LegState.DIALLING and not attempt.leg:
        work.change(number, ended=True)
        work.close(number, outcome)


def leg_reported(work: Work, report: LegReported) -> None:
    """The carrier has said how a leg is doing."""
    learn_leg(work, report.attempt, report.leg)
    attempt = work.transfer.attempt(report.attempt)
    if attempt is None or attempt.leg != report.leg or attempt.ended:
        return
    if report.status in FINAL:
        work.change(report.attempt, ended=True)
        _leg_ended(work, attempt, report.status)
        return
    if report.sequence <= attempt.sequence:
        return
    work.change(report.attempt, sequence=report.sequence)
    if report.status is LegStatus.RINGING and attempt.state is LegState.DIALLING:
        work.change(report.attempt, state=LegState.RINGING, rang=work.now)
    elif report.status is LegStatus.ANSWERED:
        leg_answered(work, report.attempt, report.leg)


def leg_answered(work: Work, number: int, leg: str) -> None:
    """Somebody, or something, has answered."""
    learn_leg(work, number, leg)
    attempt = work.transfer.attempt(number)
    if attempt is None or attempt.leg != leg or attempt.state not in (LegState.DIALLING, LegState.RINGING):
        return
    patience = work.transfer.patience.whisper
    work.change(number, state=LegState.WHISPERING, answered=work.now, deadline=work.now + patience)
    if attempt.taken:
        accept(work, number)


def _leg_ended(work: Work, before: Attempt, status: LegStatus) -> None:
    attempt = work.transfer.attempt(before.number)
    assert attempt is not None, "it was there before"
    if attempt.number == work.transfer.winner:
        winner_left(work)
    elif attempt.state is LegState.DECLINING:
        work.settle(attempt, attempt.outcome)
    elif attempt.answered is not None:
        work.close(attempt.number, "no_key")
    else:
        work.close(attempt.number, _ENDED.get(status, str(status)))


def key_pressed(work: Work, number: int, key: str) -> None:
    """Whoever answered has pressed a key, or none in time."""
    attempt = work.transfer.attempt(number)
    if attempt is None or attempt not in work.transfer.open_attempts or number == work.transfer.winner:
        return
    if key == ACCEPT:
        accept(work, number)
    elif not key:
        work.close(number, "no_key")
    else:
        deadline = work.now + work.transfer.patience.whisper
        work.change(number, state=LegState.DECLINING, outcome="declined", deadline=deadline)
        work.make_way(attempt)


def reason_given(work: Work, number: int, reason: str) -> None:
    """Whoever declined has been asked why; their leg ends with a word of thanks."""
    attempt = work.transfer.attempt(number)
    if attempt is not None and attempt.state is LegState.DECLINING:
        work.change(number, outcome=declined(reason))


def accept(work: Work, number: int) -> None:
    """Somebody takes the caller, if nobody has."""
    attempt = work.transfer.attempt(number)
    if attempt not in work.transfer.open_attempts or work.transfer.phase is not Phase.RINGING:
        return
    assert attempt is not None
    answered = work.now if attempt.answered is None else attempt.answered
    work.change(number, state=LegState.ACCEPTED, answered=answered)
    work.set(winner=number, phase=Phase.BRIEFING, phase_deadline=work.now + work.transfer.patience.brief)
    _close_others(work, number)
    work.orders.append(TellCaller())


def taken(work: Work, person: str) -> None:
    """Somebody takes the caller on their screen: their phone rings first, and alone."""
    transfer = work.transfer
    named = transfer.named(person)
    if transfer.phase is not Phase.RINGING or named is None or len(transfer.attempts) >= MOST_ATTEMPTS:
        return
    if any(attempt.taken and attempt.person.id != person for attempt in transfer.open_attempts):
        return
    attempt = transfer.open_attempt_of(person)
    if attempt is None:
        # The new one first: with nobody open the transfer would take itself for over.
        ring(work, named, taken=True)
        _close_others(work, len(work.transfer.attempts))
    else:
        work.change(attempt.number, taken=True)
        _close_others(work, attempt.number)


def declined_on_screen(work: Work, person: str, reason: str) -> None:
    """Somebody says on their screen that they cannot."""
    transfer = work.transfer
    attempt = transfer.open_attempt_of(person)
    named = transfer.named(person)
    if attempt is not None and attempt.number != transfer.winner:
        work.close(attempt.number, declined(reason))
    elif attempt is None and named is not None and transfer.phase is Phase.RINGING and transfer.untried((named,)):
        number = len(transfer.attempts) + 1
        unrung = Attempt(number, named, LegState.DIALLING, work.now, work.now, ended=True)
        work.set(attempts=(*transfer.attempts, unrung))
        work.close(number, declined(reason))


def time_passed(work: Work) -> None:
    """Give up whoever has had their time; ring the next when the pause is over."""
    for attempt in work.transfer.attempts:
        if attempt.state is LegState.DECLINING and attempt.deadline <= work.now:
            work.settle(attempt, attempt.outcome)
    if work.transfer.phase is not Phase.RINGING:
        return
    for attempt in work.transfer.open_attempts:
        if attempt.deadline <= work.now:
            work.close(attempt.number, _LATE[attempt.state])
    between = work.transfer.phase is Phase.RINGING and not work.transfer.open_attempts
    if between and work.transfer.phase_deadline <= work.now:
        next_round(work)


def _close_others(work: Work, number: int) -> None:
    for other in work.transfer.open_attempts:
        if other.number != number:
            work.close(other.number, ANOTHER)
