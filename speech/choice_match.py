"""Which of the expected answers a caller gave, when Whisper's own text is none of them.

A country's name alone, over a telephone, Whisper base writes as "Kvartje" or "Putgal"; asked how well each of four
expected names fits the audio, it points at the right one in three of four. It is never forced: a text that stands
on its own, or answers that all fit badly, stay as they are.
"""

import re
from collections.abc import Sequence

from speech.whisper import Decoding

# Measured in docs/005-how-whisper-is-run.md: with these, 0 of 110 English words said that were no answer became one,
# and 1 of 40 Norwegian ones.
_LEAST_LIKELIHOOD = -3.0
_LEAD = 2.0

LONGEST_SECONDS = 2.5
"""More audio than this is a sentence, and its own words count."""

_DOUBTFUL_LOGPROB = -0.5

MOST_CHOICES = 8
"""Each costs a pass of the decoder."""

_WORD = re.compile(r"[^\W_]+")


def is_worth_asking(decoding: Decoding, choices: Sequence[str]) -> bool:
    """Whether the expected answers should be held against the audio.

    Args:
        decoding: what Whisper wrote by itself.
        choices: the expected answers, in the language of the text.
    """
    if not 2 <= len(choices) <= MOST_CHOICES or decoding.seconds > LONGEST_SECONDS:
        return False
    if decoding.average_logprob > _DOUBTFUL_LOGPROB:
        return False
    words = _plain(decoding.text)
    return not any(f" {said} " in f" {words} " for choice in choices if (said := _plain(choice)))


def fitting(choices: Sequence[str], likelihoods: Sequence[float]) -> str | None:
    """The answer that fits the audio, and better than all others; or None.

    Args:
        choices: the expected answers, two or more.
        likelihoods: average log probability per token of each, from `Whisper.likelihoods`.
    """
    ranked = sorted(zip(likelihoods, choices, strict=True), reverse=True)
    (best, choice), (second, _) = ranked[0], ranked[1]
    return choice if best >= _LEAST_LIKELIHOOD and best - second >= _LEAD else None


def _plain(text: str) -> str:
    return " ".join(_WORD.findall(text.lower()))
