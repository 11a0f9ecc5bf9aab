"""What of the bot's reply has been queued, heard or cut off, kept from marks alone."""

import asyncio
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a reply on its way to the caller's ear.

    Args:
        mark: its name on the line, unique in the call.
        text: as the dialog gave it, with marked values.
        language: nb, nn, en or uk.
        article: id of the article it quotes, or None.
        interruptible: False for what must be heard to the end.
        slower: to be spoken slower.
    """

    mark: str
    text: str
    language: str
    article: str | None = None
    interruptible: bool = True
    slower: bool = False


class Playback:
    """The sentences of one reply, and which of them the caller has heard.

    A mark that comes back after we cleared the line was not heard, so `cut` closes the books first.
    """

    def __init__(self, sentences: tuple[Sentence, ...]) -> None:
        self.sentences = sentences
        self.queued_seconds = 0.0
        self.all_heard = asyncio.Event()
        self._heard: set[str] = set()
        self._cut = False
        if not sentences:
            self.all_heard.set()

    def played(self, mark: str) -> None:
        """A mark came back from the line."""
        if self._cut or all(sentence.mark != mark for sentence in self.sentences):
            return
        self._heard.add(mark)
        if not self.unheard:
            self.all_heard.set()

    def cut(self) -> None:
        """Nothing more of this reply will be heard."""
        self._cut = True

    @property
    def heard(self) -> tuple[Sentence, ...]:
        """Sentences that were played to their end."""
        return tuple(sentence for sentence in self.sentences if sentence.mark in self._heard)

    @property
    def unheard(self) -> tuple[Sentence, ...]:
        """Sentences that were not, in order."""
        return tuple(sentence for sentence in self.sentences if sentence.mark not in self._heard)

    @property
    def interruptible(self) -> bool:
        """Whether everything that must be heard has been heard."""
        return all(sentence.interruptible for sentence in self.unheard)
