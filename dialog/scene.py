"""What a reply may depend on, what it consists of, and the small pieces all replies share."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from dialog.bot import Bot
from dialog.events import Action, Listen, Prompt
from dialog.identity import Proof
from dialog.state import Frame, NothingOpen, OpenQuestion, State, Topic
from dialog.wording import Wording

FIRST_WAIT_SECONDS = 7.0
LONGEST_WAIT_SECONDS = 12.0
TOPICS_NAMED = 3
NOTHING_OPEN = NothingOpen()


@dataclass(frozen=True, slots=True)
class Scene:
    """All that a reply may depend on.

    Args:
        bot: as its folder describes it.
        wording: built-in texts under the bot's own.
        state: of the conversation before this reply, its language already decided.
        now: timezone-aware.
    """

    bot: Bot
    wording: Wording
    state: State
    now: datetime

    @property
    def language(self) -> str:
        """The language of the reply."""
        return self.state.language

    def say(self, key: str, **values: str) -> Prompt:
        """A prompt from the wording; texts of the same key are used in turn."""
        return Prompt(self.wording.say(key, self.language, self.state.turn, **values), self.language)

    def department(self, department_id: str) -> str:
        """A department's name in the language of the reply."""
        for department in self.bot.departments:
            if department.id == department_id:
                return department.names.get(self.language) or next(iter(department.names.values()), department.id)
        return department_id

    def title(self, topic: Topic) -> str:
        """A topic's title in the language of the reply, or in one the caller may understand."""
        titles = self.bot.flow(topic.flow).titles if topic.flow else self.bot.article(topic.article).titles
        return in_language(self.bot, titles, self.language)[1]

    def with_frames(self, frames: tuple[Frame, ...]) -> "Scene":
        """The same moment with other flows under way."""
        return replace(self, state=replace(self.state, frames=frames))

    def wait_seconds(self) -> float:
        """Silence before the next reprompt: all waits together stay below the bot's limit."""
        if self.state.silences == 0:
            return FIRST_WAIT_SECONDS
        if self.bot.limits.no_input == 0:
            return LONGEST_WAIT_SECONDS
        rest = (self.bot.limits.idle_seconds - FIRST_WAIT_SECONDS) / max(1, self.bot.limits.no_input - 1)
        return max(1.0, min(LONGEST_WAIT_SECONDS, rest))


@dataclass(frozen=True, slots=True)
class Draft:
    """A reply before it is entered in the state.

    Args:
        prompts: to be said.
        action: to be done then.
        rule: what decided.
        question: the bot's open question after it.
        article: id of the article quoted.
        score: of the winner.
        details: for the decision record.
        silences: of the caller in a row after it; `misses` and `unknowns` likewise.
        repeatable: True when "repeat" after it means this reply.
        frames: flows under way after it; None leaves them as they are. `later` and `tickets` likewise.
        asked: the words that the quoted article was asked for with.
        ended: the flow that this reply ends, as it stood; None when it ends none.
        proof: of identity, when this reply follows it; None leaves what was proven before.
        recording: whether the call is recorded from now on (`State.recording`); None leaves it as it is.
        written: by a person in the bot's place: remembered, and not said.
    """

    prompts: tuple[Prompt, ...]
    action: Action
    rule: str
    question: OpenQuestion = NOTHING_OPEN
    article: str | None = None
    score: float | None = None
    details: dict[str, Any] = field(default_factory=dict)
    silences: int = 0
    misses: int = 0
    unknowns: int = 0
    repeatable: bool = True
    frames: tuple[Frame, ...] | None = None
    later: tuple[Topic, ...] | None = None
    tickets: int | None = None
    asked: tuple[str, ...] = ()
    ended: Frame | None = None
    proof: Proof | None = None
    recording: str | None = None
    written: str = ""


def in_language(bot: Bot, texts: Mapping[str, str], language: str) -> tuple[str, str]:
    """(language, text) for a language, or for one a caller of it may understand; "" when there is no text at all."""
    chosen = nearest_language(bot, texts, language)
    return chosen, texts.get(chosen, "")


def nearest_language(bot: Bot, languages: Collection[str], language: str) -> str:
    """The language itself when it is among `languages`, else one that a caller of it may understand."""
    neighbours = {"nb": ("nn",), "nn": ("nb",)}.get(language, ())
    return next((one for one in (language, *neighbours, *bot.languages) if one in languages), language)


def open_ears(scene: Scene) -> Listen:
    """Wait for anything."""
    return Listen("open", scene.wait_seconds())


def choice_ears(scene: Scene, offered: tuple[Topic, ...]) -> Listen:
    """Wait for one of the titles, or yes or no."""
    titles = tuple(scene.title(topic) for topic in offered)
    return Listen("yes_no" if len(offered) == 1 else "choice", scene.wait_seconds(), titles)


def topics(scene: Scene) -> str:
    """What the bot can help with, as words in a sentence; "" when it has no articles."""
    own = scene.bot.topics.get(scene.language)
    if own:
        return own
    titles = [text for text in (article.titles.get(scene.language) for article in scene.bot.articles) if text]
    return listed(scene, titles[:TOPICS_NAMED])


def listed(scene: Scene, names: Sequence[str]) -> str:
    """ "a, b and c" in the language of the reply."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {scene.wording.say_raw('and', scene.language)} {names[-1]}"
