"""May the caller's voice stop the bot, and was what they said meant to? Pure, clocked by audio; turns.md, section 4."""

import re
from collections import deque

import numpy as np

from dialog.events import Manner
from speech.audio import Pcm16, Samples
from speech.ear import level_dbfs
from speech.resampling import to_samples

FRAME_SECONDS = 0.02

QUIETEST_DBFS = -42.0
"""Below this nobody is speaking to us."""

BELOW_CALLER_DB = 8.0
"""People behind the caller are at least this much quieter than the caller."""

ABOVE_ECHO_DB = 6.0
"""Our own voice that comes back is never so much louder than it has been."""

FIRST_CALLER_DBFS = -31.0
FIRST_RETURN_DB = -18.0
"""Before anything is known: a caller at the usual level of the network, and a loudspeaker near the microphone."""

LEAST_LOUDER_FRAMES = 5
"""An utterance with less than 100 ms above our own echo is our own echo, whatever Whisper reads in it."""

CERTAIN_RETURN_DB = -34.0
"""Half of what comes in while we speak is at least this loud against us: then it is our voice, not the line's noise."""

PASSING_FRAMES = 15
"""So long after something louder than our echo everything is let through: weak sounds inside the caller's words."""

LONGEST_ECHO_SECONDS = 0.5
LEARNT_FRAMES = 150
LEAST_LEARNT_FRAMES = 50
AUDIBLE_DBFS = -45.0

FALSE_STOPS = 2
"""After so many in one reply, only words stop the bot."""

LONGEST_BACKCHANNEL_SECONDS = 1.3
"""Of audio, with some 0.4 s of quiet around the word: a longer one means more than that somebody listens."""

BACKCHANNELS = {
    "nb": "mm mhm hm ja jo jada ok okei ok greit akkurat nettopp riktig skjønner aha å ja javel jaha fint bra",
    "nn": "mm mhm hm ja jo jada ok okei greitt akkurat nettopp rett skjønar aha å ja vel jaha fint bra",
    "en": "mm mhm mm-hm mmhm hm uh-huh yeah yes yep ok okay right sure i see aha oh great good",
    "uk": "мм угу ага так добре ок гаразд зрозуміло ясно",
}

STOPS = frozenset(
    "stop stopp stans nei no vent wait hold on hei hallo hello listen hør høyr her shut up stille slutt enough nok"
    " стоп ні чекайте зачекайте досить тихо".split()
)
"""Words, alone or together, with which people make somebody stop talking."""

_WORDS = {
    language: frozenset(words.split()) | {"i see", "å ja", "javel", "ja vel"}
    for language, words in BACKCHANNELS.items()
}


class BargeIn:
    """How easily the bot is interrupted in one call.

    What comes in is weighed against three things: how loud this caller is when they speak, how loud our own voice
    comes back, and a least level. The return of our voice is learnt from what comes in while we speak, against the
    loudest we were within the longest echo: an echo never exceeds that, so a high quantile of it is a bound.
    """

    def __init__(self) -> None:
        self.false_stops = 0
        self._barge_ins = 0
        self._louder_frames = 0
        self._passing = 0
        self._caller_dbfs: float | None = None
        self._spoken: deque[tuple[float, float]] = deque()  # until when a frame of ours sounds, and how loud
        self._returns: deque[float] = deque(maxlen=LEARNT_FRAMES)
        self._powers: deque[float] = deque(maxlen=3)  # of the last 60 ms that came in

    def speaks(self, pcm: Pcm16, rate_hz: int, now: float) -> None:
        """The bot's next piece of audio, to be heard behind what was given before.

        Args:
            pcm: int16, shape (n,), mono.
            rate_hz: its rate.
            now: seconds of the call.
        """
        until = max(now, self._spoken[-1][0] if self._spoken else now)
        size = round(rate_hz * FRAME_SECONDS)
        for start in range(0, len(pcm), size):
            until += FRAME_SECONDS
            self._spoken.append((until, level_dbfs(to_samples(pcm[start : start + size]))))

    def falls_silent(self, now: float) -> None:
        """The line was cleared: what was given and not yet heard will not sound."""
        while self._spoken and self._spoken[-1][0] > now:
            self._spoken.pop()

    def hears(self, pcm: Pcm16, now: float) -> Pcm16:
        """The next frame from the caller's side, without our own voice when that is all it holds.

        Args:
            pcm: int16, 20 ms, mono.
            now: seconds of the call.
        Returns:
            the frame, 30 dB softer when an echo of ours has been learnt and nothing in the frame is louder than it.
        """
        level = level_dbfs(to_samples(pcm))
        self._powers.append(10 ** (level / 10))
        own = self._own_dbfs(now)
        if own <= AUDIBLE_DBFS:
            self._louder_frames += 1
            return pcm
        echo = self._echo_dbfs(own)
        louder = self._level_dbfs > echo + ABOVE_ECHO_DB
        self._louder_frames += louder
        self._passing = PASSING_FRAMES if louder else max(0, self._passing - 1)
        self._returns.append(level - own)
        return pcm if self._passing or not self._has_echo else np.asarray(pcm >> 5, np.int16)

    def utterance_began(self) -> None:
        """The caller, or an echo of us, begins to speak."""
        self._louder_frames = 0

    @property
    def louder_than_echo(self) -> bool:
        """Whether something in the utterance was louder than our own voice comes back."""
        return self._louder_frames >= LEAST_LOUDER_FRAMES

    def manner(self, samples: Samples) -> Manner:
        """How something was said, against how this caller usually speaks: float32, shape (n,), 16 kHz mono."""
        louder = 0.0 if self._caller_dbfs is None else loudness_dbfs(samples) - self._caller_dbfs
        return Manner(float(round(louder)), self._barge_ins)

    def caller_spoke(self, samples: Samples, over_bot: bool) -> None:
        """Words of the caller, to learn how loud they are: float32, shape (n,), 16 kHz mono."""
        self._barge_ins += over_bot
        level = loudness_dbfs(samples)
        self._caller_dbfs = level if self._caller_dbfs is None else 0.7 * self._caller_dbfs + 0.3 * level

    def stops(self, now: float) -> bool:
        """Whether the voice that comes in now stops the bot before anybody knows what it says."""
        if self.false_stops >= FALSE_STOPS or not self._powers:
            return False
        caller = FIRST_CALLER_DBFS if self._caller_dbfs is None else self._caller_dbfs
        echo = self._echo_dbfs(self._own_dbfs(now))
        return self._level_dbfs > max(QUIETEST_DBFS, caller - BELOW_CALLER_DB, echo + ABOVE_ECHO_DB)

    @property
    def _has_echo(self) -> bool:
        return len(self._returns) >= LEAST_LEARNT_FRAMES and float(np.median(self._returns)) > CERTAIN_RETURN_DB

    @property
    def _level_dbfs(self) -> float:
        """Of the last 60 ms."""
        return 10 * float(np.log10(max(sum(self._powers) / len(self._powers), 1e-10)))

    def sounds(self, now: float) -> bool:
        """Whether our own voice may be coming back now."""
        return self._own_dbfs(now) > AUDIBLE_DBFS

    def _own_dbfs(self, now: float) -> float:
        """The loudest we were within the longest echo."""
        while self._spoken and self._spoken[0][0] < now - LONGEST_ECHO_SECONDS:
            self._spoken.popleft()
        sounding = [level for until, level in self._spoken if until - FRAME_SECONDS <= now]
        return max(sounding, default=-96.0)

    def _echo_dbfs(self, own_dbfs: float) -> float:
        known = len(self._returns) >= LEAST_LEARNT_FRAMES
        gain = float(np.quantile(self._returns, 0.8)) if known else FIRST_RETURN_DB
        return own_dbfs + gain


def loudness_dbfs(samples: Samples) -> float:
    """How loud speech is: the power of its windows within 25 dB of the loudest; float32, shape (n,), 16 kHz."""
    windows = samples[: len(samples) - len(samples) % 512].reshape(-1, 512)
    powers = np.mean(np.square(windows), axis=1) if len(windows) else np.zeros(1)
    loud = powers[powers >= max(float(powers.max()) * 10 ** (-25 / 10), 1e-10)]
    return 10 * float(np.log10(max(float(np.mean(loud)) if len(loud) else 0.0, 1e-10)))


def is_backchannel(text: str, language: str, audio_seconds: float) -> bool:
    """Whether a caller who said this over the bot only showed that they listen.

    Args:
        text: the transcript.
        language: its language; words of English and of the Norwegian written forms count in all.
        audio_seconds: length of the utterance, silence around it included.
    """
    if audio_seconds > LONGEST_BACKCHANNEL_SECONDS:
        return False
    words = re.sub(r"[^\w\s-]", " ", text.lower()).split()
    if not words or len(words) > 3:
        return False
    known = _WORDS.get(language, frozenset()) | _WORDS["en"] | _WORDS["nb"]
    return " ".join(words) in known or all(word in known for word in words)


def is_stop(text: str) -> bool:
    """Whether a caller who said this over the bot wants it to stop, and nothing more yet."""
    words = re.sub(r"[^\w\s]", " ", text.lower()).split()
    return 0 < len(words) <= 4 and all(word in STOPS or word == "a" for word in words)
