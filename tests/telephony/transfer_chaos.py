"""One warm transfer in real time in which anything may go wrong, and what must be true all the same."""

import asyncio
import itertools
import math
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from telephony.simulator import Mischief
from telephony.simulator.chaos_people import chaos_fates, chaos_phone, chaos_trouble
from telephony.simulator.phone_call import PhoneCall
from telephony.simulator.post import CALL
from telephony.transfer.happenings import Person
from telephony.transfer.orders import Attempted, Finished
from tests.telephony.tone_bot import tone
from tests.telephony.transfer_scene import ADA, BO, QUICK, Scene, asking, request

HASTY = replace(QUICK, answer=-3.0, whisper=2.0, brief=2.0, bridge=2.0, part=0.5)
"""Two seconds for everything, so that a transfer is over in a few, whatever happens."""

MOST_ALONE_SECONDS = 4.0
"""How long the caller may be in the room and hear the music only: the bridge's deadline, and slow requests."""

_ENDS_SECONDS = 30.0
_LEGS_END_SECONDS = 6.0
_RECORDS_SECONDS = 8.0
_LOOK_SECONDS = 0.05
_VOICE = tone(0.2, 1_100)


async def troubled_transfer(seed: int) -> str:
    """Play one; its outcome.

    Raises:
        AssertionError: a law was broken; it names the seed.
    """
    chance = random.Random(seed)
    ring = {person.number: chaos_phone(chance, _VOICE) for person in (ADA, BO)}
    rounds = chance.choice((((ADA, BO),), ((ADA,), (BO,)), ((ADA,),)))
    mischief = Mischief(
        verb_pace=0.3,
        key_pace=0.2,
        callback_copies=chance.choice((1, 1, 2)),
        shuffle_callbacks=chance.random() < 0.3,
        repeat_webhooks=chance.random() < 0.2,
    )
    async with asking(request(*rounds, patience=HASTY), ring, mischief) as scene:
        scene.phones.post.fates = chaos_fates(chance)
        chaos_trouble(chance, scene.rest.trouble)
        if scene.rest.trouble.lost_answers:
            # A phone that nobody ever told us of cannot be stopped.
            scene.phones.post.fates = [fate for fate in scene.phones.post.fates if fate.kind != CALL or fate.copies]
        try:
            await _play(chance, scene)
        except AssertionError as broken:
            raise AssertionError(f"seed {seed}: {broken}, fates {scene.phones.post.fates}, {scene.noted}") from broken
        return scene.outcome


async def _play(chance: random.Random, scene: Scene) -> None:
    act = chance.choice(("stays", "stays", "stays", "hangs up", "would rather stay"))
    acting = asyncio.create_task(_act(scene, act, chance.uniform(0.3, 3.0)))
    watching = asyncio.create_task(_longest_alone(scene))
    await _until(lambda: any(isinstance(what, Finished) for what in scene.noted), _ENDS_SECONDS)
    acting.cancel()
    assert any(isinstance(what, Finished) for what in scene.noted), "the transfer never ends"
    legs = [call for call in scene.phones.calls.values() if call is not scene.call]
    try:
        async with asyncio.timeout(_LEGS_END_SECONDS):
            for leg in legs:
                await leg.finished.wait()
    except TimeoutError:
        raise AssertionError("a leg is left") from None
    await _until(lambda: not _unrecorded(scene), _RECORDS_SECONDS)
    assert not _unrecorded(scene), "somebody was rung and there is no record of it"
    watching.cancel()
    alone = await asyncio.gather(watching, return_exceptions=True)
    assert not isinstance(alone[0], AssertionError), alone[0]
    _judge(scene, act)


async def _until(true: Callable[[], bool], seconds: float) -> None:
    """Look now and then, whatever becomes of the caller's phone."""
    for _ in range(round(seconds / _LOOK_SECONDS)):
        if true():
            return
        await asyncio.sleep(_LOOK_SECONDS)


def _legs(scene: Scene, person: Person) -> list[PhoneCall]:
    return [one for one in scene.phones.calls.values() if one.facts.called == person.number]


def _unrecorded(scene: Scene) -> list[Person]:
    """Whoever was rung more often than is written down."""
    written = Counter(what.person for what in scene.noted if isinstance(what, Attempted))
    return [person for person in (ADA, BO) if len(_legs(scene, person)) > written[person.id]]


async def _act(scene: Scene, act: str, after_seconds: float) -> None:
    await scene.call.handset.until(lambda: False, after_seconds)
    if act == "hangs up":
        scene.call.handset.hang_up()
    elif act == "would rather stay":
        scene.call.handset.press("9")


async def _longest_alone(scene: Scene) -> None:
    """Nobody leaves the caller alone with the music for long."""
    handset, since = scene.call.handset, None
    while not scene.call.over:
        rooms = [room for room in scene.phones.conferences.all if not room.over]
        waits = any(len(room.members) == 1 and room.members[0].handset is handset for room in rooms)
        since = (handset.now if since is None else since) if waits else None
        assert since is None or handset.now - since < MOST_ALONE_SECONDS * 8_000, "the caller is left alone in the room"
        await asyncio.sleep(_LOOK_SECONDS)


def _judge(scene: Scene, act: str) -> None:
    call = scene.call
    assert len([what for what in scene.noted if isinstance(what, Finished)]) == 1, "it ended more than once"
    people = [room for room in scene.phones.conferences.all if len(room.members) > 2]
    assert not people, "three are in one room"
    for person in (ADA, BO):
        for earlier, later in itertools.pairwise(_legs(scene, person)):
            ended, rang = earlier.ended_at or math.inf, later.rang_at or math.inf
            # Whoever was too late with the key may still hear that they were.
            assert earlier.answered.is_set() or ended <= rang, "somebody was rung while their phone was ringing"
    if call.over and act != "hangs up":
        assert call.handset.company, f"the caller was cut off: {call.outcome}"
    assert not call.violations, call.violations
    assert not scene.phones.privacy.violations, scene.phones.privacy.violations
