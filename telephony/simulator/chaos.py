"""Callers and networks that behave badly at random, the same way for the same seed."""

import random
from collections.abc import Sequence

from telephony.simulator.options import Mischief
from telephony.simulator.script import (
    GREETING,
    IMMEDIATELY,
    REPLY,
    Act,
    Keys,
    PutDown,
    Script,
    Sentence,
    Silence,
    Turn,
    Wait,
)

_MOST_TURNS = 4


def chaos_call(seed: int, sentences: Sequence[str], language: str) -> tuple[Script, Mischief]:
    """A caller who says, presses, interrupts and hangs up at random, on a network that loses and garbles.

    Args:
        seed: decides everything.
        sentences: what the caller may say.
        language: of the sentences.
    """
    chance = random.Random(seed)
    turns = [_turn(chance, sentences, language, first=True)]
    turns += [_turn(chance, sentences, language) for _ in range(chance.randrange(_MOST_TURNS))]
    if chance.random() < 0.5:
        turns.append(Turn(PutDown(), _moment(chance)))
    mischief = Mischief(
        repeat_webhooks=chance.random() < 0.1,
        callback_copies=chance.choice((1, 1, 2)),
        shuffle_callbacks=chance.random() < 0.5,
        jitter_ms=chance.choice((0, 0, 15, 60)),
        burst_frames=chance.choice((1, 1, 1, 5)),
        timestamp_jumps_ms=chance.choice(((), (), (400,), (-4000, 6000))),
        garbage_every_frames=chance.choice((0, 0, 7, 50)),
        oversized_message_bytes=1_000_000 if chance.random() < 0.05 else 0,
        drop_after_seconds=chance.uniform(0.2, 12.0) if chance.random() < 0.2 else None,
        drop_streams=chance.choice((None, 1, 1)),
        slow_reader_seconds=chance.uniform(0.5, 2.0) if chance.random() < 0.1 else 0.0,
        verb_pace=0.05,
        dial_result=chance.choice(("completed", "completed", "busy", "no-answer", "failed")),
        lost_share=chance.choice((0.0, 0.0, 0.04)),
        swapped_share=chance.choice((0.0, 0.0, 0.1)),
        stall_ms=chance.choice((0, 0, 800)),
        hole_ms=chance.choice((0, 0, 400)),
    )
    return Script(f"chaos {seed}", tuple(turns), language, seed=seed, must_complete=False), mischief


def _turn(chance: random.Random, sentences: Sequence[str], language: str, *, first: bool = False) -> Turn:
    after = GREETING if first and chance.random() < 0.5 else _moment(chance)
    return Turn(_act(chance, sentences, language), after)


def _moment(chance: random.Random) -> str | float:
    return chance.choice((REPLY, IMMEDIATELY, round(chance.uniform(0.0, 2.0), 2)))


def _act(chance: random.Random, sentences: Sequence[str], language: str) -> Act:
    pick = chance.random()
    if pick < 0.5:
        return Sentence(chance.choice(sentences), language)
    if pick < 0.75:
        return Keys("".join(chance.choices("0123456789*#", k=chance.randint(1, 4))))
    if pick < 0.9:
        return Wait(round(chance.uniform(0.1, 2.0), 2))
    return Silence(round(chance.uniform(1.0, 4.0), 2))
