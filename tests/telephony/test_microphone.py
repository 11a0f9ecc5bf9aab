"""The microphone line: exact accounting without devices, plain words for what is missing, and a real sound server."""

import asyncio
import sys
import textwrap
import types
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony import sound_devices
from telephony.audio_exchange import AudioExchange
from telephony.call import (
    CallEnded,
    CallEvent,
    Caption,
    EndReason,
    FrameReceived,
    KeyPressed,
    LineKind,
    MarkCleared,
    MarkPlayed,
    Pcm16,
    TextTyped,
    TransferTarget,
)
from telephony.errors import LineClosed
from telephony.microphone import MicrophoneCall, MicrophoneSettings, open_microphone
from telephony.sound_devices import FRAME_SAMPLES, RATE_HZ, Hear, SoundUnavailable, Speak, check_devices, list_devices
from tests.pulse import missing, null_devices

QUIET = np.zeros(FRAME_SAMPLES, dtype=np.int16)


def ramp(frames: int) -> Pcm16:
    """Audio in which every frame is another one."""
    return np.repeat(np.arange(1, frames + 1, dtype=np.int16), FRAME_SAMPLES)


class PaperScreen:
    def __init__(self) -> None:
        self.captions: list[Caption] = []

    def show(self, caption: Caption) -> None:
        self.captions.append(caption)


class FakeSound:
    """A sound card whose clock is turned by hand."""

    def __init__(self, latency_seconds: float = 0.0) -> None:
        self.latency_seconds = latency_seconds
        self.hear: Hear | None = None
        self.speak: Speak | None = None
        self.closed = False

    def open(self, hear: Hear, speak: Speak, input_device: str | None, output_device: str | None) -> "FakeSound":
        self.hear, self.speak = hear, speak
        return self

    def start(self) -> None:
        pass

    def close(self) -> None:
        self.closed = True

    async def run(self, *heard: Pcm16) -> list[Pcm16]:
        """20 ms for each frame heard, from a thread as a sound card does; what was played."""
        played = await asyncio.to_thread(lambda: [self._tick(frame) for frame in heard])
        await asyncio.sleep(0)  # let the loop take the wake-up in
        return played

    def _tick(self, heard: Pcm16) -> Pcm16:
        assert self.hear is not None
        assert self.speak is not None
        played = self.speak(self.latency_seconds)
        self.hear(heard)
        return played


@asynccontextmanager
async def fake_call(
    latency_seconds: float = 0.0, headset: bool = True
) -> AsyncIterator[tuple[MicrophoneCall, FakeSound, PaperScreen]]:
    sound, screen = FakeSound(latency_seconds), PaperScreen()
    async with open_microphone(MicrophoneSettings(headset=headset, language="nn"), screen, sound.open) as call:
        yield call, sound, screen
    assert sound.closed


async def rest(call: MicrophoneCall) -> list[CallEvent]:
    """All events but frames, after ending the call."""
    call.end(EndReason.CALLER_HUNG_UP)
    return [event async for event in call.events() if not isinstance(event, FrameReceived)]


async def test_what_is_heard_arrives_and_what_is_played_is_counted() -> None:
    async with fake_call() as (call, sound, _):
        assert call.caller.line is LineKind.MICROPHONE
        assert call.caller.language == "nn"
        await call.play(ramp(2)[:-100], "first")
        await call.play(ramp(1), "second")
        played = await sound.run(QUIET, QUIET, QUIET, ramp(1), QUIET)
        assert [frame[0] for frame in played] == [1, 2, 1, 0, 0]
        assert not played[1][-100:].any()
        call.end(EndReason.CALLER_HUNG_UP)
        events = [event async for event in call.events()]
    kinds = [event for event in events if not isinstance(event, FrameReceived)]
    assert kinds == [MarkPlayed("first"), MarkPlayed("second"), CallEnded(EndReason.CALLER_HUNG_UP)]
    # A mark follows the frame in which its last sample was played.
    assert events.index(MarkPlayed("first")) == 3
    frames = [event.pcm for event in events if isinstance(event, FrameReceived)]
    assert np.array_equal(frames[3], ramp(1))


async def test_a_mark_waits_for_the_sound_cards_own_delay() -> None:
    async with fake_call(latency_seconds=0.06) as (call, sound, _):
        await call.play(ramp(1), "greeting")
        await sound.run(*[QUIET] * 4)
        assert await rest(call) == [CallEnded(EndReason.CALLER_HUNG_UP)]
    async with fake_call(latency_seconds=0.06) as (call, sound, _):
        await call.play(ramp(1), "greeting")
        await sound.run(*[QUIET] * 5)
        assert (await rest(call))[0] == MarkPlayed("greeting")


async def test_clear_drops_at_once_and_says_what_was_not_heard() -> None:
    async with fake_call(latency_seconds=0.04) as (call, sound, _):
        await call.play(ramp(1), "under way")
        await call.play(ramp(10), "half played")
        await call.play(ramp(1), "waiting")
        await sound.run(QUIET, QUIET)
        await call.clear()
        assert not np.concatenate(await sound.run(QUIET, QUIET, QUIET, QUIET)).any()
        await call.play(ramp(1), "after")
        await sound.run(*[QUIET] * 5)
        assert (await rest(call))[:-1] == [
            MarkCleared("under way"),
            MarkCleared("half played"),
            MarkCleared("waiting"),
            MarkPlayed("after"),
        ]


async def test_play_waits_for_room_and_a_clear_takes_what_waits_with_it() -> None:
    async with fake_call() as (call, sound, _):
        await call.play(ramp(1501), "long")
        waiting = asyncio.create_task(call.play(ramp(1), "behind"))
        await sound.run(QUIET)
        await sound.run(QUIET)
        await waiting  # two frames have gone: there is room
        stuck = [asyncio.create_task(call.play(ramp(1501), f"stuck {i}")) for i in range(2)]
        await sound.run(QUIET)
        await call.clear()
        await asyncio.gather(*stuck)
        cleared = await rest(call)
    assert {MarkCleared("long"), MarkCleared("behind"), MarkCleared("stuck 1")} <= set(cleared)


async def test_keys_text_and_the_end() -> None:
    async with fake_call() as (call, sound, screen):
        call.press("4")
        call.type("hei")
        await call.transfer(TransferTarget("+442079460101", "kundeservice"))
        for refused in (call.hang_up(), call.clear(), call.play(ramp(1), "late")):
            with pytest.raises(LineClosed):
                await refused
        await call.show(Caption("ended", ""))
        events = [event async for event in call.events()]
    assert events == [KeyPressed("4"), TextTyped("hei"), CallEnded(EndReason.TRANSFERRED)]
    assert screen.captions[0] == Caption("transfer", "kundeservice", {"number": "+442079460101"})


async def test_bad_echo_is_told_once_and_good_echo_is_not() -> None:
    rng = np.random.default_rng(3)

    async def advice(hears_itself_cleanly: bool) -> list[str]:
        async with fake_call(headset=False) as (call, sound, screen):
            await call.play((rng.normal(0, 3000, 25 * RATE_HZ)).astype(np.int16), "long")
            last = QUIET
            for _ in range(25):
                for _ in range(50):
                    # Either the loudspeaker's own sound one frame later, or that sound torn to pieces.
                    heard = last if hears_itself_cleanly else (np.sign(last) * rng.integers(0, 6000, FRAME_SAMPLES))
                    (last,) = await sound.run(heard.astype(np.int16))
            return [caption.kind for caption in screen.captions]

    assert await advice(hears_itself_cleanly=True) == []
    assert await advice(hears_itself_cleanly=False) == ["advice"]


def test_a_loop_that_does_not_read_loses_the_oldest_sound_and_no_mark() -> None:
    exchange = AudioExchange()
    exchange.put(ramp(1), "early")
    for number in range(200):
        exchange.speak(0.0)
        exchange.hear(np.full(FRAME_SAMPLES, number, dtype=np.int16))
    read = exchange.read()
    assert exchange.dropped == 50
    assert [tick.heard[0] for tick in read] == list(range(50, 200))
    assert [mark for tick in read for mark in tick.marks] == ["early"]


@given(st.lists(st.one_of(st.integers(0, 3), st.just("clear")), max_size=30), st.integers(0, 4))
def test_every_mark_comes_back_exactly_once(script: list[int | str], latency_frames: int) -> None:
    """Whatever is played, cleared and heard: a mark is heard or cleared, never both, never neither."""
    exchange = AudioExchange()
    put: list[str] = []
    back: list[str] = []
    for step, action in enumerate(script):
        if action == "clear":
            back += exchange.clear()
        else:
            put.append(f"m{step}")
            exchange.put(ramp(int(action)), put[-1])
        exchange.speak(latency_frames * 0.02)
        if step % 3:
            exchange.hear(QUIET)
    for _ in range(150):
        exchange.speak(latency_frames * 0.02)
        exchange.hear(QUIET)
        back += [mark for tick in exchange.read() for mark in tick.marks]
    assert sorted(back) == sorted(put)


def test_the_echo_canceller_is_given_the_newest_frames() -> None:
    """The loudspeaker's buffer is filled before the microphone's first frame arrives."""
    exchange = AudioExchange()
    exchange.put(ramp(12), "tone")
    for _ in range(10):
        exchange.speak(0.2)
    exchange.hear(QUIET)
    exchange.speak(0.2)
    exchange.hear(QUIET)
    newest = [int(tick.played[0]) for tick in exchange.read()]
    assert newest[1] - newest[0] == 1
    assert newest[0] > 10 - 5


# --- what is missing, in words ---


class FakePortAudioError(Exception):
    pass


def fake_library(devices: list[dict[str, Any]]) -> types.ModuleType:
    """A sounddevice whose machine has these devices, none of which can be opened."""
    library = types.ModuleType("sounddevice")

    def refuse(*_args: Any, **_kwargs: Any) -> None:
        raise FakePortAudioError("Error querying device -1")

    vars(library).update(
        PortAudioError=FakePortAudioError,
        query_devices=lambda: devices,
        check_input_settings=refuse,
        OutputStream=refuse,
        default=types.SimpleNamespace(device=(0, 1)),
    )
    return library


def test_a_missing_library_names_its_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(SoundUnavailable, match=r"pip install 'voicebot\[mic\]'"):
        list_devices()


def test_a_missing_portaudio_names_its_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    def import_module(name: str) -> types.ModuleType:
        raise OSError("PortAudio library not found")

    monkeypatch.setattr("importlib.import_module", import_module)
    with pytest.raises(SoundUnavailable, match="apt install libportaudio2"):
        check_devices()


def test_no_device_and_a_wrong_device_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", fake_library([]))
    with pytest.raises(SoundUnavailable, match="no sound device on this machine"):
        check_devices()
    usb = {"name": "USB microphone", "max_input_channels": 1, "max_output_channels": 0}
    monkeypatch.setitem(sys.modules, "sounddevice", fake_library([usb]))
    with pytest.raises(SoundUnavailable, match=r"0  USB microphone \(1 in, 0 out\)"):
        sound_devices.open_stream(lambda heard: None, lambda latency: QUIET, input_device="webcam")
    assert list_devices()[0].is_default == "input"


# --- a real sound library on a real sound server ---

ECHO_PROGRAM = textwrap.dedent(
    """
    import asyncio, sys
    import numpy as np
    from telephony.call import Caption, CallEnded, FrameReceived, MarkPlayed
    from telephony.microphone import MicrophoneSettings, open_microphone

    class Screen:
        def show(self, caption): print(caption.kind, caption.text, flush=True)

    async def main():
        at = np.arange(16000) / 16000
        tone = (np.sin(2 * np.pi * 500 * at) * 8000).astype(np.int16)
        async with open_microphone(MicrophoneSettings(headset=True), Screen()) as call:
            print("open", flush=True)
            loud = quiet = 0
            async for event in call.events():
                match event:
                    case FrameReceived(pcm=pcm):
                        is_loud = np.abs(pcm.astype(int)).max() > 1000
                        loud, quiet = (loud + 1, 0) if is_loud else (loud, quiet + 1)
                        if loud > 20 and quiet == 20:
                            loud = 0
                            await call.show(Caption("caller", "spoke"))
                            await call.play(tone, "answer")
                    case MarkPlayed():
                        await call.hang_up()
                    case CallEnded(reason=reason):
                        print(reason, flush=True)

    asyncio.run(asyncio.wait_for(main(), 40))
    """
)


def write_tone(path: Path, seconds: float, hertz: float) -> Path:
    """A tone and a second of silence."""
    at = np.arange(round(48_000 * seconds)) / 48_000
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 48_000, 0, "NONE", ""))
        file.writeframes((np.sin(2 * np.pi * hertz * at) * 8000).astype("<i2").tobytes() + bytes(48_000 * 2))
    return path


@pytest.mark.skipif(missing() is not None, reason=missing() or "")
async def test_a_spoken_turn_on_null_devices(tmp_path: Path) -> None:
    question, heard = write_tone(tmp_path / "question.wav", 1.0, 300), tmp_path / "heard.wav"
    async with null_devices() as devices, devices.speaker_recorded(heard):
        running = asyncio.create_task(devices.run(sys.executable, "-c", ECHO_PROGRAM))
        async with asyncio.timeout(60):
            while not running.done():
                await devices.say(question)
        status, written = await running
    assert status == 0, written
    assert "caller spoke" in written
    assert "we_hung_up" in written
    with wave.open(str(heard)) as file:
        sound = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(float)
        rate_hz = file.getframerate()
    loud = np.abs(sound) > 500
    assert 0.9 < loud.sum() / rate_hz / 0.96 < 1.1  # a sine of this height is above 500 for 96 % of the time
    spectrum = np.abs(np.fft.rfft(sound))
    assert np.fft.rfftfreq(len(sound), 1 / rate_hz)[np.argmax(spectrum)] == pytest.approx(500, abs=2)
