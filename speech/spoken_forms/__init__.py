"""Text for eyes becomes text for a voice: numbers, amounts, dates and the like, written out in words."""

import re

_MARK = re.compile(r"\{([^{}|]*)\|([^{}|]*)\}")


def spell_out(text: str, language: str) -> str:
    """Write out what a voice cannot read right."""
    return _MARK.sub(r"\1", text)


def display(text: str, language: str) -> str:
    """The same text for eyes."""
    return _MARK.sub(r"\1", text)
