"""Scripts by voice: Piper says the caller's words, a telephone line carries them, and the bot's own ears hear them."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import numpy as np

from dialog import Bot, State
from dialog.events import CallerSaid, Event, Listen, NotUnderstood
from dialog.language import LanguageIdentifier, language_of
from dialog.text import words
from speech.audio import Pcm16
from speech.ear import Ear
from speech.endpointing import UtteranceComplete
from speech.mouth import Mouth
from speech.recogniser import Recogniser
from speech.transcript import Transcript, Utterance
from speech.vad import Vad, open_vads
from telephony.g711 import decode_ulaw, encode_ulaw
from voicebot.config import Config
from voicebot.house import PHONE_RATE_HZ, mouth_settings, open_store, recogniser_settings
from voicebot.rooms import Hearing, Speaking
from voicebot.script_runner import Ears

FRAME_SAMPLES = 160
"""20 ms, as a carrier sends it."""

BETWEEN_SECONDS, AFTER_SECONDS = 0.25, 6.0
"""Quiet between two sentences of a caller, and after the last one: longer than the ears ever wait for its end."""

LINE_NOISE = 10.0
"""Standard deviation, of 32,768, of a quiet telephone line: none is quite silent."""


class Telephone:
    """Says a caller's words into a telephone line, and gives what the bot's ears make of them.

    Args:
        bot: in whose languages callers speak.
        speaking: the caller's voice.
        hearing: the bot's recogniser.
        new_vad: makes a detector per turn.
    """

    def __init__(self, bot: Bot, speaking: Speaking, hearing: Hearing, new_vad: Callable[[], Vad]) -> None:
        self._bot = bot
        self._speaking = speaking
        self._hearing = hearing
        self._new_vad = new_vad
        self._identifier = LanguageIdentifier()

    async def __call__(self, text: str, state: State) -> Event:
        """What reaches the mind of these words, said while the bot waits as the state says.

        Raises:
            SpeechError: the voice or the recogniser failed.
        """
        audio = await self._spoken(text, self._language(text, state))
        utterances = await asyncio.to_thread(self._heard, audio, state.listened)
        transcripts = [await self._read(utterance, state) for utterance in utterances]
        usable = [transcript for transcript in transcripts if transcript.rejected is None and transcript.text.strip()]
        if not usable:
            return NotUnderstood(next((found.rejected for found in transcripts if found.rejected), "no_speech"))
        said = " ".join(transcript.text.strip() for transcript in usable)
        return CallerSaid(said, usable[-1].language, min(transcript.confidence for transcript in usable))

    def _language(self, text: str, state: State) -> str:
        """The voice that fits the words: a caller may change the language."""
        family = self._identifier.evidence(words(text), None).family
        return language_of(family, self._bot.languages, state.sense) or state.language

    async def _spoken(self, text: str, language: str) -> Pcm16:
        """As it arrives: int16 at 8 kHz mono, after G.711, with quiet around it."""
        pieces: list[Pcm16] = [_quiet(BETWEEN_SECONDS)]
        for sentence in self._speaking.sentences(text, language):
            chunks = self._speaking.stream(sentence, language, rate_hz=PHONE_RATE_HZ)
            pieces += [chunk.pcm async for chunk in chunks]
            pieces.append(_quiet(BETWEEN_SECONDS))
        return decode_ulaw(encode_ulaw(np.concatenate([*pieces, _quiet(AFTER_SECONDS)])))

    def _heard(self, audio: Pcm16, listen: Listen) -> list[Utterance]:
        ear = Ear(self._new_vad(), PHONE_RATE_HZ)
        ear.expect(listen.expects, listen.length, listen.choices)
        frames: Sequence[Pcm16] = np.split(audio, range(FRAME_SAMPLES, len(audio), FRAME_SAMPLES))
        events = (event for frame in frames for event in ear.hear(frame))
        return [event.utterance for event in events if isinstance(event, UtteranceComplete)]

    async def _read(self, utterance: Utterance, state: State) -> Transcript:
        listen = state.listened
        return await self._hearing.transcribe(
            utterance,
            state.caller_languages,
            expects=listen.expects,
            choices=listen.choices,
            deadline_seconds=utterance.duration_seconds + 60,
        )


def _quiet(seconds: float) -> Pcm16:
    noise = np.random.default_rng(1).normal(0, LINE_NOISE, round(seconds * PHONE_RATE_HZ))
    return noise.astype(np.int16)


@asynccontextmanager
async def open_telephone(config: Config, bot: Bot) -> AsyncIterator[Ears]:
    """A telephone with the models of the configuration; closed at the end.

    Raises:
        SpeechError: a model is missing or cannot be used.
    """
    store = open_store(config)
    mouth, recogniser = Mouth(store, mouth_settings(config, bot)), Recogniser(store, recogniser_settings(config))
    try:
        await mouth.start(bot.languages)
        await recogniser.start()
        yield Telephone(bot, mouth, recogniser, await asyncio.to_thread(open_vads, store))
    finally:
        await recogniser.close()
        await mouth.close()
