"""The way of a text from marks and figures to plain words."""

import re

from speech.spoken_forms.languages import rules_for
from speech.spoken_forms.marks import MARK, speak_mark
from speech.spoken_forms.patterns import context_of, speak_patterns
from speech.spoken_forms.values import plain_signs

_SPACES = re.compile(r"\s+")
_SPACE_BEFORE_STOP = re.compile(r"\s+(?=[,.!?;:…](?:\s|$))")


def spell_out(text: str, language: str) -> str:
    """Write out everything a voice cannot read right.

    Args:
        text: as written for eyes, perhaps with marks such as `{499.50|nok}`; see `speech.spoken_forms.marks`.
        language: nb, nn, en or uk.
    Returns:
        the same sentence with no digit, mark, abbreviation or unit sign left; white space made single. Plain words
        come back as they were.
    """
    rules = rules_for(language)

    def speak(mark: re.Match[str]) -> str:
        spoken = speak_mark(mark["value"], mark["kind"], rules, context_of(mark))
        return mark["value"] if spoken is None else spoken

    spoken = speak_patterns(MARK.sub(speak, plain_signs(text)), rules)
    tidy = _SPACES.sub(" ", rules.finish(spoken)).strip()
    return _SPACE_BEFORE_STOP.sub("", tidy)
