"""espeak-ng, the voice of last resort: robotic, but it speaks every language of the bot and needs no model file.

The library in `espeakng-loader` is another copy than the one inside Piper, with its own state; sentences of both
may be spoken in turn or at once (tests/speech/test_espeak.py does it).
"""

import ctypes
import re
import threading
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import espeakng_loader
import numpy as np

from speech.audio import Samples
from speech.errors import SynthesisFailed

SLOWER = 1.3
"""How much longer a sentence takes when the caller asked for slower speech."""

_WORDS_PER_MINUTE = 150
"""espeak's own 175 is too fast for a telephone line and an unfamiliar voice."""


@dataclass(frozen=True, slots=True)
class _Manner:
    """How a language is spoken.

    Args:
        language: espeak-ng's name of it.
        variant: which of espeak-ng's throats.
        word_gap: pause between words, in 10 ms.
    """

    language: str
    variant: str
    word_gap: int = 0

    @property
    def voice(self) -> str:
        """As espeak-ng wants it."""
        return f"{self.language}+{self.variant}"


_BOKMAL = _Manner("nb", "Diogo", word_gap=2)
_MANNERS = {"nb": _BOKMAL, "nn": _BOKMAL, "en": _Manner("en", "m7"), "uk": _Manner("uk", "m7")}
"""Of 35 variants, those whose telephone speech Whisper base takes down with the fewest wrong letters: Norwegian 43 %
instead of the plain voice's 60 %, English 18 for 22, Ukrainian 53 for 69 (docs/004-first-sound.md). espeak-ng has no
nynorsk voice; bokmål letters to sounds are near enough to be understood."""

_TENS = "tjue|tretti|førti|femti|seksti|sytti|åtti|nitti"
_NORWEGIAN_RESPELLINGS = (
    (re.compile(r"\bog\b"), "å"),
    (re.compile(r"\b([mds])eg\b"), r"\1ei"),
    (re.compile(r"\bkilo"), "qilo"),
    (re.compile(rf"\b({_TENS})(?=(?:en|ei|to|tre|fi|fe|se|sj|åt|ni|fø|an|fj))"), r"\1-"),
)
_RESPELLINGS = {"nb": _NORWEGIAN_RESPELLINGS}
"""Words that espeak-ng itself gets wrong ("uug", "chilo", "tjuefm"). Piper voices were trained on its phonemes with all
their faults and learned the right sounds for them, so these are not for Piper."""

# From espeak-ng's speak_lib.h.
_AUDIO_OUTPUT_SYNCHRONOUS = 2
_RATE_PARAMETER = 1
_WORD_GAP_PARAMETER = 7
_CHARS_UTF8 = 1
_OK = 0

_SynthCallback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


class _Library:
    """The one espeak-ng of this process; its state is global, so every use holds the lock."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self._library = ctypes.CDLL(espeakng_loader.get_library_path())
        self._blocks: list[Samples] = []
        # ctypes frees a callback that nobody holds, while C still calls it.
        self._callback: Callable[..., Any] = _SynthCallback(self._take_block)
        data = espeakng_loader.get_data_path().encode()
        self.rate_hz = int(self._library.espeak_Initialize(_AUDIO_OUTPUT_SYNCHRONOUS, 0, data, 0))
        if self.rate_hz <= 0:
            raise SynthesisFailed("espeak-ng could not be initialised (its data folder is missing or broken)")
        self._library.espeak_SetSynthCallback(self._callback)

    def speak(self, manner: _Manner, spoken: str, words_per_minute: int) -> Samples:
        with self.lock:
            self._blocks = []
            if self._library.espeak_SetVoiceByName(manner.voice.encode()) != _OK:
                raise SynthesisFailed(f"espeak-ng has no voice {manner.voice}")
            self._library.espeak_SetParameter(_RATE_PARAMETER, words_per_minute, 0)
            self._library.espeak_SetParameter(_WORD_GAP_PARAMETER, manner.word_gap, 0)
            text = spoken.replace("\0", " ").encode("utf-8", "replace") + b"\0"
            size = ctypes.c_size_t(len(text))
            status = self._library.espeak_Synth(ctypes.c_char_p(text), size, 0, 0, 0, _CHARS_UTF8, None, None)
            if status != _OK:
                raise SynthesisFailed(f"espeak-ng answered status {status}")
            self._library.espeak_Synchronize()
            blocks, self._blocks = self._blocks, []
        return np.concatenate(blocks) if blocks else np.zeros(0, np.float32)

    def _take_block(self, wave: Any, count: int, _events: Any) -> int:
        if wave and count > 0:
            block = np.ctypeslib.as_array(wave, shape=(count,))
            self._blocks.append(block.astype(np.float32) / 32_768.0)
        return 0


_opening = threading.Lock()
_opened: list[_Library] = []


def _library() -> _Library:
    """Open the library at first use; a second `espeak_Initialize` would pull the ground from under the first."""
    with _opening:
        if not _opened:
            _opened.append(_Library())
        return _opened[0]


class EspeakVoice:
    """espeak-ng set to one language.

    Args:
        language: nb, nn, en or uk.

    Raises:
        SynthesisFailed: espeak-ng cannot be opened, or has no voice for the language.
    """

    def __init__(self, language: str) -> None:
        if language not in _MANNERS:
            raise SynthesisFailed(f"espeak-ng has no voice for language {language!r}")
        self._manner = _MANNERS[language]
        self._library = _library()
        self.name = f"espeak-ng:{self._manner.language}"
        self.rate_hz = self._library.rate_hz
        self._respellings = _RESPELLINGS.get(self._manner.language, ())
        wording = zlib.crc32(repr((self._manner, self._respellings)).encode())
        self.fingerprint = f"espeak-ng-{self._manner.language}-{_WORDS_PER_MINUTE}-x{SLOWER}-{wording:08x}"

    def synthesize(self, spoken: str, slower: bool) -> Samples:
        """Say one sentence, in about 2 ms per second of speech; waits while another thread speaks.

        Args:
            spoken: words only, as `spell_out` leaves them.
            slower: stretch the sentence by `SLOWER`.
        Returns:
            float32 in -1..1, shape (n,), at `rate_hz`, mono; n is 0 when there is nothing to pronounce.
        Raises:
            SynthesisFailed: espeak-ng answered with an error status.
        """
        speed = round(_WORDS_PER_MINUTE / SLOWER) if slower else _WORDS_PER_MINUTE
        for pattern, spelling in self._respellings:
            spoken = pattern.sub(spelling, spoken)
        return self._library.speak(self._manner, spoken, speed)
