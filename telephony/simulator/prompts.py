"""What the network itself lets a phone hear: its own voice, recordings that it fetches, and silence."""

import asyncio
import time
from collections.abc import Callable
from typing import assert_never

from telephony.g711 import encode_ulaw
from telephony.simulator.handset import FRAME_SAMPLES, Handset
from telephony.simulator.playout import RATE_HZ, Played, Progress
from telephony.simulator.sound import SoundUnreadable, wav_from_bytes
from telephony.simulator.verbs import Pause, Play, Say
from telephony.simulator.webhooks import WebhookFailed, Webhooks

_SPEECH_SECONDS_PER_CHARACTER = 0.06


class Prompts:
    """Gives one phone the network's prompts.

    Args:
        handset: the phone.
        webhooks: fetches recordings.
        pace: how long prompts take, 1 as on the phone, 0 no time at all.
        clock: samples since the call was answered.
        warnings: told of recordings that could not be played.
    """

    def __init__(
        self, handset: Handset, webhooks: Webhooks, pace: float, clock: Callable[[], int], warnings: list[str]
    ) -> None:
        self._handset = handset
        self._webhooks = webhooks
        self._pace = pace
        self._clock = clock
        self._warnings = warnings

    async def give(self, verb: Say | Play | Pause, enough: Callable[[], bool] = lambda: False) -> None:
        """One prompt, to its end or until it is enough."""
        match verb:
            case Say(text, _):
                seconds = len(text) * _SPEECH_SECONDS_PER_CHARACTER
                self._handset.hear_network(text, seconds * self._pace)
                await self._unless(enough, seconds)
            case Play(url):
                await self._play(url, enough)
            case Pause(seconds):
                await self._unless(enough, seconds)
            case other:
                assert_never(other)

    async def pass_time(self, seconds: float) -> None:
        """So much of the call's time, at the pace of this network."""
        await asyncio.sleep(seconds * self._pace)

    async def _unless(self, enough: Callable[[], bool], seconds: float) -> None:
        began, most = time.monotonic(), seconds * self._pace
        for frame in range(1, 1 + round(most * RATE_HZ / FRAME_SAMPLES)):
            if enough():
                return
            await asyncio.sleep(max(0.0, began + frame * FRAME_SAMPLES / RATE_HZ - time.monotonic()))

    async def _play(self, url: str, enough: Callable[[], bool]) -> None:
        self._handset.hear_network(f"[recording {url}]")
        try:
            response = await self._webhooks.request(url, "GET", ())
            pcm = wav_from_bytes(response.content)
        except (WebhookFailed, SoundUnreadable) as failure:
            self._warnings.append(f"a recording could not be played ({failure})")
            return
        began = self._clock()
        for start in range(0, len(pcm), FRAME_SAMPLES):
            if enough():
                return
            await self.pass_time(max(0, began + start - self._clock()) / RATE_HZ)
            piece = Played(began + start, encode_ulaw(pcm[start : start + FRAME_SAMPLES]))
            self._handset.hear(Progress((piece,)), 0, 0)
