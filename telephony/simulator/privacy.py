"""What must not reach the carrier: somebody's number or address, and words that a test has marked.

The carrier keeps addresses, room names, labels and parameters in logs of its own, for longer than a call lasts.
"""

import re
from collections.abc import Iterable
from urllib.parse import unquote_plus

PERSONAL = re.compile(r"(?:\+|%2B|(?<![\w-]))\d{8,15}(?![\w-])|[^\s/@]+@[^\s/@]+")
"""A phone number or an address of somebody."""


class PrivacyPolice:
    """Looks for marked words and numbers, and writes down where it found some. It never repeats the word itself.

    Args:
        words: what no document, address, name, label or parameter may have in it: names, numbers, sentences.
    """

    def __init__(self, words: Iterable[str] = ()) -> None:
        self.words = set(words)
        self.violations: list[str] = []

    def address(self, url: str) -> list[str]:
        """An address that the bot gave: what is wrong with it."""
        path = unquote_plus(url.partition("//")[2].partition("/")[2])
        found = ["an address has somebody's number or address in it"] if PERSONAL.search(path) else []
        return self._noted(found + self._marked(path, "an address"))

    def document(self, text: str) -> list[str]:
        """A document: what marked words are in it, in anything but the number to be called."""
        return self._noted(self._marked(re.sub(r"(?s)<(Number|Sip)\b([^>]*)>[^<]*<", r"<\1\2><", text), "a document"))

    def recording(self, what: str) -> list[str]:
        """Something would record a call."""
        return self._noted([f"{what} records the call"])

    def _marked(self, text: str, what: str) -> list[str]:
        lowered = text.casefold()
        return [f"{what} has a marked word in it" for word in self.words if word and word.casefold() in lowered]

    def _noted(self, found: list[str]) -> list[str]:
        self.violations += found
        return found
