"""Which rules speak which language."""

from speech.spoken_forms.english import English
from speech.spoken_forms.norwegian import Norwegian
from speech.spoken_forms.rules import Rules
from speech.spoken_forms.ukrainian import Ukrainian

_RULES: dict[str, Rules] = {
    "nb": Norwegian("nb"),
    "nn": Norwegian("nn"),
    "en": English(),
    "uk": Ukrainian(),
}
LANGUAGES = tuple(_RULES)


def rules_for(language: str) -> Rules:
    """The rules of a language; one that we do not know is read by the rules of English."""
    return _RULES.get(language, _RULES["en"])
