"""Where a conversation stands: one immutable value, replaced turn by turn."""

from dataclasses import dataclass
from typing import TypeAlias

from dialog.events import Listen, Prompt
from dialog.language import LanguageSense


@dataclass(frozen=True, slots=True)
class NothingOpen:
    """No question of the bot is open."""


@dataclass(frozen=True, slots=True)
class AnythingElse:
    """The bot asked whether there is anything else."""


@dataclass(frozen=True, slots=True)
class WhichArticle:
    """The bot asked which of these articles was meant; a single one is a yes-or-no question."""

    articles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PersonOffered:
    """The bot asked whether the caller wants to talk to a person."""

    department: str


OpenQuestion: TypeAlias = NothingOpen | AnythingElse | WhichArticle | PersonOffered


@dataclass(frozen=True, slots=True)
class State:
    """A conversation, between two turns.

    Args:
        languages: of the bot, its default first.
        sense: what is known of the caller's language.
        finished: the call has been ended; nothing changes it any more.
        turn: replies given so far.
        question: the bot's open question.
        silences: silences of the caller in a row.
        misses: utterances without usable words in a row.
        unknowns: questions in a row that the bot could not answer.
        slower: the caller asked for slower speech.
        disclosed: languages in which the caller has been told that this is a bot.
        last: what the bot said last, for "repeat".
        listened: how it waited then.
    """

    languages: tuple[str, ...]
    sense: LanguageSense
    finished: bool = False
    turn: int = 0
    question: OpenQuestion = NothingOpen()
    silences: int = 0
    misses: int = 0
    unknowns: int = 0
    slower: bool = False
    disclosed: frozenset[str] = frozenset()
    last: tuple[Prompt, ...] = ()
    listened: Listen = Listen()

    @property
    def language(self) -> str:
        """The language of the call now."""
        return self.sense.current

    @property
    def caller_languages(self) -> tuple[str, ...]:
        """Languages the caller may speak next, the likeliest first."""
        others = tuple(language for language in self.languages if language != self.language)
        return (self.language, *others)
