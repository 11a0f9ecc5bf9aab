"""`<Gather>`: keys and words from a phone while something is said and for a while afterwards."""

import asyncio
import time
from collections.abc import Callable

from telephony.simulator.handset import Handset
from telephony.simulator.prompts import Prompts
from telephony.simulator.verbs import Gather

_TICK_SECONDS = 0.02
_CONFIDENCE = "0.93"


async def gathered(
    gather: Gather, handset: Handset, prompts: Prompts, clock: Callable[[], int], pace: float
) -> dict[str, str]:
    """What was pressed or said, as the fields of the next request; empty when it was nothing.

    What was pressed before is lost, as it is on a real line between two documents.

    Args:
        gather: what is asked for.
        handset: the phone.
        prompts: say what is to be said, until a key is pressed or a word said.
        clock: samples since the call was answered.
        pace: how long the network waits for keys, 1 as on the phone.
    """
    handset.keys.clear()
    handset.words.clear()

    def answering() -> bool:
        return bool((gather.keys and handset.keys) or (gather.speech and handset.words))

    for prompt in gather.prompts:
        if not answering():
            await prompts.give(prompt, answering)
    digits = ""
    deadline = time.monotonic() + gather.timeout_seconds * pace
    while time.monotonic() < deadline and (gather.digits is None or len(digits) < gather.digits):
        if gather.speech and handset.words:
            return {"SpeechResult": handset.words.popleft(), "Confidence": _CONFIDENCE}
        if not (gather.keys and handset.keys):
            await asyncio.sleep(_TICK_SECONDS)
            continue
        key = handset.keys.popleft()
        handset.pressed.append(clock())
        deadline = time.monotonic() + gather.timeout_seconds * pace
        if key == gather.finish_key:
            break
        digits += key
    return {"Digits": digits} if digits else {}
