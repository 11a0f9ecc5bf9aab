"""Text for eyes becomes text for a voice: numbers, amounts, dates and the like, written out in words.

`docs/spoken-forms.md` says how things are read and why; `tests/speech/golden` holds the examples.
"""

from speech.spoken_forms.display import display
from speech.spoken_forms.spelling import spell_out

__all__ = ["display", "spell_out"]
