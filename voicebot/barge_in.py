"""May the caller's voice stop the bot, and was what they said meant to? Pure; numbers from turns.md, section 4."""

import re
from dataclasses import dataclass

QUIETEST_DBFS = -42.0
"""Below this our own echo comes back."""

BELOW_CALLER_DB = 8.0
"""People behind the caller are at least this much quieter than the caller."""

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

_WORDS = {
    language: frozenset(words.split()) | {"i see", "å ja", "javel", "ja vel"}
    for language, words in BACKCHANNELS.items()
}


@dataclass(slots=True)
class BargeIn:
    """How easily one reply of the bot is interrupted.

    Args:
        false_stops: times that something which was no interruption has stopped this reply.
    """

    false_stops: int = 0

    def stops(self, level_dbfs: float, caller_dbfs: float) -> bool:
        """Whether a voice of this level stops the bot before anybody knows what it says.

        Args:
            level_dbfs: of the voice now.
            caller_dbfs: of this caller, as tracked.
        """
        if self.false_stops >= FALSE_STOPS:
            return False
        return level_dbfs > max(QUIETEST_DBFS, caller_dbfs - BELOW_CALLER_DB)


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
