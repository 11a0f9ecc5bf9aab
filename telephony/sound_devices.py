"""The one door to PortAudio: finding devices and opening a stream, with every fault in words that name the cure."""

import importlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np

from telephony.call import Pcm16
from telephony.errors import TelephonyError

RATE_HZ: Final = 16_000
FRAME_SAMPLES: Final = RATE_HZ // 50

Hear = Callable[[Pcm16], None]
"""Called in the microphone's thread with every 20 ms heard: int16, shape (320,), 16 kHz, mono."""

Speak = Callable[[float], Pcm16]
"""Called in the loudspeaker's thread for every 20 ms to play (as `Hear`); told in how many seconds it will be heard."""


class SoundUnavailable(TelephonyError):
    """No microphone or loudspeaker to be had; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class SoundDevice:
    """One device as PortAudio sees it.

    Args:
        index: what `--input` and `--output` may name it by, beside a part of its name.
        name: its name.
        inputs: channels it can record; 0 for a loudspeaker.
        outputs: channels it can play; 0 for a microphone.
        is_default: "input", "output", "input and output", or "".
    """

    index: int
    name: str
    inputs: int
    outputs: int
    is_default: str


class SoundStream(Protocol):
    """A microphone and a loudspeaker that run together."""

    def start(self) -> None:
        """Begin to hear and to speak."""
        ...

    def close(self) -> None:
        """Stop at once; nothing is called after this returns."""
        ...


def list_devices() -> list[SoundDevice]:
    """All devices there are.

    Raises:
        SoundUnavailable: no library.
    """
    sound = _sounddevice()
    default_input, default_output = sound.default.device
    return [
        SoundDevice(
            index=index,
            name=device["name"],
            inputs=device["max_input_channels"],
            outputs=device["max_output_channels"],
            is_default=" and ".join(
                word
                for word, is_it in (("input", index == default_input), ("output", index == default_output))
                if is_it
            ),
        )
        for index, device in enumerate(sound.query_devices())
    ]


def open_stream(
    hear: Hear, speak: Speak, input_device: str | None = None, output_device: str | None = None
) -> SoundStream:
    """Open a microphone and a loudspeaker, not yet started.

    Args:
        hear: see `Hear`.
        speak: see `Speak`.
        input_device: index or part of a name; None takes the system's default.
        output_device: likewise.
    Raises:
        SoundUnavailable: no library, no such device, or the device does not do 16 kHz.
    """
    sound = _sounddevice()
    devices = (_device(input_device), _device(output_device))
    with _faults_in_words(sound):
        return _PortAudioStream(sound, hear, speak, devices)


def check_devices(input_device: str | None = None, output_device: str | None = None) -> None:
    """Find out whether `open_stream` would succeed, without opening anything.

    Raises:
        SoundUnavailable: as `open_stream` would.
    """
    sound = _sounddevice()
    with _faults_in_words(sound):
        sound.check_input_settings(_device(input_device), channels=1, dtype="int16", samplerate=RATE_HZ)
        sound.check_output_settings(_device(output_device), channels=1, dtype="int16", samplerate=RATE_HZ)


def _sounddevice() -> Any:  # the library ships no types
    try:
        return importlib.import_module("sounddevice")
    except ModuleNotFoundError:
        raise SoundUnavailable(
            "the microphone line needs the library sounddevice -> pip install 'voicebot[mic]'"
        ) from None
    except OSError as error:
        raise SoundUnavailable(
            "the library PortAudio is missing -> apt install libportaudio2 libasound2-plugins"
        ) from error


@contextmanager
def _faults_in_words(sound: Any) -> Iterator[None]:
    try:
        yield
    except (sound.PortAudioError, ValueError) as error:
        raise SoundUnavailable(f"the sound device cannot be used: {error}\n{_what_there_is()}") from error


def _device(name: str | None) -> int | str | None:
    return int(name) if name is not None and name.isdecimal() else name


def _what_there_is() -> str:
    devices = list_devices()
    if not devices:
        return "there is no sound device on this machine -> connect one, or start PulseAudio or PipeWire"
    lines = [f"  {device.index}  {device.name} ({device.inputs} in, {device.outputs} out)" for device in devices]
    return "devices that can be named with --input and --output:\n" + "\n".join(lines)


class _PortAudioStream:
    """Two streams, not one for both ways: PortAudio's two-way stream stops for good after a missed deadline when ALSA
    passes it on to PulseAudio (seen with PortAudio 19.6 and libasound2-plugins 1.2.7 on a busy machine)."""

    def __init__(
        self, sound: Any, hear: Hear, speak: Speak, devices: tuple[int | str | None, int | str | None]
    ) -> None:
        def on_input(heard: Any, _frames: int, _times: Any, _flags: Any) -> None:
            hear(np.array(heard[:, 0], dtype=np.int16))

        def on_output(played: Any, _frames: int, times: Any, _flags: Any) -> None:
            played[:, 0] = speak(times.outputBufferDacTime - times.currentTime or self._output.latency)

        common = {"samplerate": RATE_HZ, "blocksize": FRAME_SAMPLES, "channels": 1, "dtype": "int16", "latency": "low"}
        self._output = sound.OutputStream(device=devices[1], callback=on_output, **common)
        try:
            self._input = sound.InputStream(device=devices[0], callback=on_input, **common)
        except BaseException:
            self._output.close()
            raise

    def start(self) -> None:
        self._output.start()
        self._input.start()

    def close(self) -> None:
        for stream in (self._input, self._output):
            stream.abort()
            stream.close()
