"""People, callbacks and a carrier's API that behave badly at random, the same way for the same chance."""

import random

from telephony.call import Pcm16
from telephony.simulator.people import Person, declines, hangs_up, meets, presses, says, voicemail
from telephony.simulator.post import CALL, DOCUMENT, ROOM, Fate
from telephony.simulator.rest import RestTrouble
from telephony.simulator.ringing import Ringing

_FOR_EVER = 600.0
_QUESTIONS = r"/\d+/(whisper|key|reason|briefed|left)$"
_CREATE, _ALL = r"POST .*/Calls\.json", "POST "
_REFUSALS = ((429, 20429), (500, 20500), (503, 20503))


def chaos_phone(chance: random.Random, voice: Pcm16) -> Ringing:
    """A phone that is answered by anybody or anything, or is not.

    Args:
        chance: decides everything.
        voice: what is said, by people and machines: int16, 8 kHz mono.
    """
    result = chance.choice(("answered",) * 7 + ("busy", "no-answer", "failed"))
    rings_seconds = _FOR_EVER if chance.random() < 0.2 else round(chance.uniform(0.0, 1.2), 2)
    return Ringing(result, rings_seconds, _person(chance, voice))


def _person(chance: random.Random, voice: Pcm16) -> Person | None:
    def soon() -> float:
        return round(chance.uniform(0.0, 0.8), 2)

    talks = meets(says(voice, then=hangs_up(after_seconds=round(chance.uniform(0.0, 3.0), 2))))
    gone_in_brief = hangs_up(after_seconds=soon())
    takes = presses("1", after_seconds=soon(), then=chance.choice((talks, talks, talks, gone_in_brief)))
    others = (
        declines(chance.choice("123"), after_seconds=soon()),
        declines(),
        presses("5", after_seconds=soon(), then=takes),
        hangs_up(after_seconds=soon()),
        voicemail(voice, records_seconds=4.0),
        None,
    )
    return takes if chance.random() < 0.6 else chance.choice(others)


def chaos_fates(chance: random.Random) -> list[Fate]:
    """What befalls up to three kinds of requests about the people who are rung; those about the caller arrive."""
    kinds = (
        {"kind": CALL, "path": r"/\d+/status$"},
        {"kind": CALL, "path": r"/\d+/status$", "event": chance.choice(("ringing", "in-progress", "completed"))},
        {"kind": ROOM},
        {"kind": ROOM, "event": chance.choice(("participant-join", "participant-leave"))},
        {"kind": DOCUMENT, "path": _QUESTIONS},
    )
    return [_fate(chance, **chance.choice(kinds)) for _ in range(chance.randrange(4))]


def _fate(chance: random.Random, kind: str, path: str = "", event: str = "") -> Fate:
    # A question for a document that takes long, or is asked in vain, has somebody wait on the phone: once is enough.
    times = 1 if kind == DOCUMENT else chance.choice((1, 3, None))
    return Fate(
        kind,
        event,
        path,
        copies=chance.choice((0, 1, 1, 2)),
        delay_seconds=chance.choice((0.0, 0.05, 0.7)),
        overtaken=kind != DOCUMENT and chance.random() < 0.3,
        times=times,
    )


def chaos_trouble(chance: random.Random, trouble: RestTrouble) -> None:
    """Let the API be slow, refuse, or lose a request or an answer, now and then."""
    trouble.only = chance.choice((_CREATE, _CREATE, _ALL))
    trouble.latency_seconds = chance.choice((0.0, 0.0, 0.0, 0.4))
    match chance.randrange(6):
        case 0:
            trouble.failures.extend(chance.choices(_REFUSALS, k=chance.randint(1, 3)))
        case 1:
            trouble.lost_requests = 1
        case 2:
            trouble.lost_answers = 1
