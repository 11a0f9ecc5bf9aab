"""Lines and callers as bad as they get, with the real models: each gets an answer or is asked again, and never silence.

The calls are placed a few at a time, so that the service has its breath and the file takes two minutes.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pytest
import pytest_asyncio

from speech.models import ModelStore
from telephony.call import Pcm16
from telephony.simulator import CallReport, Happening, Mischief, PhoneNetwork, Script
from telephony.simulator.feed import FeedEntry
from telephony.simulator.handset import Handset
from telephony.simulator.network import Speak
from telephony.simulator.playout import RATE_HZ
from telephony.simulator.script import Expectation, Keys, Loudspeaker, PutDown, Sentence, Turn
from tests.serving import Service, serving, test_config
from voicebot.commands.call import caller_voice
from voicebot.commands.call_screen import faults

pytestmark = [pytest.mark.models, pytest.mark.asyncio(loop_scope="module")]

CALLS_AT_ONCE = 6
LONGEST_QUIET_SECONDS = 10
LONGEST_CALL_SECONDS = 150
WITHOUT_END_SECONDS = 35

DELIVERY = Sentence("How long does delivery take?", "en")
HOURS = Sentence("What are your opening hours?", "en")
RAMBLE = Sentence(
    "I was at my sister's house on Sunday, and she told me that her neighbour has bought a new bicycle from you, and"
    " it was green, and the weather was fine, so we went down to the lake and looked at the boats, and then it began"
    " to rain, and we had to run all the way back to the car, and the dog was wet, and nobody had brought a towel,"
    " which made my mother laugh, because she had told us in the morning that it would rain, but my brother never"
    " listens to her, he only listens to the radio, where a man had promised sunshine for the whole week, and now he"
    " wants to write a letter to that man, although nobody writes letters any more, and stamps have become so expensive"
    " that my uncle collects the new ones instead of the old ones, and keeps them in a box under the bed, together with"
    " his coins and a photograph of a horse that he once rode when he was a soldier in the north,"
    " where it is dark all winter, and where the trains are always late, and the coffee is too thin",
    "en",
)


def int16(sound: npt.NDArray[np.floating]) -> Pcm16:
    pcm: Pcm16 = np.rint(sound).clip(-32768, 32767).astype(np.int16)
    return pcm


def as_it_is(pcm: Pcm16) -> Pcm16:
    return pcm


def quietly(pcm: Pcm16) -> Pcm16:
    """25 dB down: far from the phone, or afraid to wake somebody."""
    return int16(pcm * 10 ** (-25 / 20))


def whispered(pcm: Pcm16) -> Pcm16:
    """Without a voice: noise with the spectral envelope of what was said, weak in the bass, 12 dB down."""
    size, hop, coefficients = 256, 64, 24
    window = np.hanning(size)
    dice = np.random.default_rng(1)
    frames = np.lib.stride_tricks.sliding_window_view(np.pad(pcm.astype(np.float64), size), size)[::hop]
    cepstra = np.fft.irfft(np.log(np.abs(np.fft.rfft(frames * window)) + 1e-3))
    cepstra[:, coefficients : size - coefficients] = 0  # the pitch is in these
    envelope = np.exp(np.fft.rfft(cepstra).real) * np.clip(np.fft.rfftfreq(size, 1 / RATE_HZ) / 1000, 0.05, 1)
    noise = np.fft.irfft(envelope * np.exp(2j * np.pi * dice.random(envelope.shape)))
    sound = np.zeros(len(frames) * hop + size)
    for index, frame in enumerate(noise * window):
        sound[index * hop : index * hop + size] += frame
    sound = sound[size : size + len(pcm)]
    loudness = np.sqrt(np.mean(pcm.astype(np.float64) ** 2) / np.mean(sound**2))
    return int16(sound * loudness * 10 ** (-12 / 20))


def without_end(pcm: Pcm16) -> Pcm16:
    """No pause at all."""
    frames = pcm[: len(pcm) - len(pcm) % 160].reshape(-1, 160)
    loud = np.sqrt(np.mean(frames.astype(np.float64) ** 2, axis=1)) > 200
    return np.resize(frames[loud], WITHOUT_END_SECONDS * RATE_HZ)


@dataclass(frozen=True, slots=True)
class Case:
    """A call on a bad line, or by a difficult caller."""

    turns: tuple[Turn, ...]
    mischief: Mischief = Mischief()
    sounds: Callable[[Pcm16], Pcm16] = as_it_is
    loudspeaker: Loudspeaker | None = None

    def script(self, name: str) -> Script:
        """The turns, and then the caller has heard enough."""
        passed_on = self.turns[-1].expect.transfer is not None
        turns = self.turns if passed_on else (*self.turns, Turn(PutDown(), 1.0))
        return Script(name, turns, loudspeaker=self.loudspeaker)


ANSWERED = (
    Turn(DELIVERY, expect=Expectation(article="delivery-time")),
    Turn(HOURS, expect=Expectation(article="opening-hours")),
)
ANSWERED_OR_ASKED = (Turn(DELIVERY), Turn(HOURS))

CASES = {
    "who never stops talking": Case(
        (Turn(RAMBLE), Turn(Keys("0"), expect=Expectation(transfer="customer_service"))), sounds=without_end
    ),
    "a clock that jumps": Case(ANSWERED, Mischief(timestamp_jumps_ms=(-5000, 8000))),
    "bursts of late frames": Case(ANSWERED, Mischief(stall_ms=700)),
    "lost frames": Case(ANSWERED, Mischief(lost_share=0.04)),
    "a hole in every sentence": Case(ANSWERED_OR_ASKED, Mischief(hole_ms=400)),
    "frames in the wrong order": Case(ANSWERED, Mischief(swapped_share=0.1)),
    "who speaks quietly": Case(ANSWERED, sounds=quietly),
    "who whispers": Case(ANSWERED_OR_ASKED, sounds=whispered),
    "on a loudspeaker": Case(ANSWERED, loudspeaker=Loudspeaker(db=-15, delay_ms=80)),
    "who presses keys while speaking": Case(
        (
            Turn(DELIVERY, pressing="5", expect=Expectation(rule="unknown_key", article="delivery-time")),
            Turn(HOURS, pressing="0", expect=Expectation(transfer="customer_service")),
        )
    ),
    "English with Norwegian words": Case(
        (Turn(Sentence("How long does levering take for my pakke?", "en")), ANSWERED[1])
    ),
    "Norwegian with English words": Case(
        (
            Turn(Sentence("Når kommer pakken min, please?", "nb")),
            Turn(Sentence("Når er opening hours på lørdag?", "nb")),
        )
    ),
}


@dataclass(frozen=True, slots=True)
class Placed:
    """A call that has been made."""

    report: CallReport
    handset: Handset
    entries: list[FeedEntry]

    @property
    def words(self) -> list[str]:
        """What was taken for the caller's words, turn by turn."""
        return [entry.text for entry in self.entries if entry.kind == "caller"]

    @property
    def languages(self) -> list[str]:
        """The language of each decision about words."""
        return [str(entry.details["language"]) for entry in self.entries if "language_before" in entry.details]

    @property
    def longest_quiet_seconds(self) -> float:
        """In which neither the caller nor the bot was heard, from the first sound to the end of the call."""
        handset = self.handset
        sounds = [(run.start, run.end) for run in handset.heard.runs]
        sounds = sorted([*sounds, *((one.start, one.end) for one in handset.spoken)])
        quiet, until = 0, sounds[0][0]
        for start, end in [*sounds, (handset.now, handset.now)]:
            quiet, until = max(quiet, start - until), max(until, end)
        return quiet / RATE_HZ


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What is left of all of them."""

    calls: Mapping[str, Placed]
    left: Mapping[str, object]


async def place(service: Service, name: str, voice: Speak) -> Placed:
    case = CASES[name]
    entries: list[FeedEntry] = []

    async def speak(text: str, language: str) -> Pcm16:
        return case.sounds(await voice(text, language))

    def keep(happening: Happening) -> None:
        if happening.entry is not None:
            entries.append(happening.entry)

    # A network of its own, so that bad luck strikes at the same places whichever call comes first.
    async with PhoneNetwork(service.network, case.mischief) as phones:
        report, handset = await phones.place(
            case.script(name),
            speak,
            on_happening=keep,
            patience_seconds=LONGEST_QUIET_SECONDS,
            limit_seconds=LONGEST_CALL_SECONDS,
        )
    return Placed(report, handset, entries)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def aftermath(models: ModelStore) -> Aftermath:
    before = asyncio.all_tasks()
    room = asyncio.Semaphore(CALLS_AT_ONCE)
    async with serving(test_config(max_calls=CALLS_AT_ONCE)) as service:
        voice = caller_voice(service.house.mouth)

        async def one(name: str) -> Placed:
            async with room:
                return await place(service, name, voice)

        placed = await asyncio.gather(*(one(name) for name in CASES))
        await service.line.close("the test is over", grace_seconds=LONGEST_QUIET_SECONDS)
        counters = service.line.counters
        left: dict[str, object] = {
            "conversations": service.house.calls,
            "streams": service.line.calls,
            "failed": counters.failed_conversations,
            "stuck": counters.stuck_conversations,
        }
    left["tasks"] = sorted(str(task.get_coro()) for task in asyncio.all_tasks() - before)
    return Aftermath(dict(zip(CASES, placed, strict=True)), left)


@pytest.mark.parametrize("name", CASES)
async def test_it_goes_as_it_should_and_keeps_to_the_protocol(aftermath: Aftermath, name: str) -> None:
    report = aftermath.calls[name].report
    assert faults(report) == []
    assert report.outcome == "the caller hung up" or report.transferred_to


@pytest.mark.parametrize("name", CASES)
async def test_every_sentence_is_answered_or_asked_for_again(aftermath: Aftermath, name: str) -> None:
    turns = aftermath.calls[name].report.turns
    assert [turn.did for turn in turns if not (turn.said or turn.did == "[hangs up]")] == []


@pytest.mark.parametrize("name", CASES)
async def test_nobody_waits_in_silence(aftermath: Aftermath, name: str) -> None:
    assert aftermath.calls[name].longest_quiet_seconds <= LONGEST_QUIET_SECONDS


async def test_the_bot_does_not_answer_itself(aftermath: Aftermath) -> None:
    words = aftermath.calls["on a loudspeaker"].words
    assert len(words) == len(ANSWERED), words


@pytest.mark.parametrize(
    ("name", "language"), [("English with Norwegian words", "en"), ("Norwegian with English words", "nb")]
)
async def test_words_of_another_language_do_not_change_the_language(
    aftermath: Aftermath, name: str, language: str
) -> None:
    assert set(aftermath.calls[name].languages) <= {language}


async def test_nothing_is_left_of_it(aftermath: Aftermath) -> None:
    assert aftermath.left == {"conversations": 0, "streams": 0, "failed": 0, "stuck": 0, "tasks": []}
