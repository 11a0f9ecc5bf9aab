"""What a bot folder says, once it has been read and found right: immutable values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from dialog.actions import ActionSpec
from dialog.callback_rules import CallbackRules
from dialog.flows.flow import Flow
from dialog.hours import Hours
from dialog.identity import IdentityRules
from dialog.own_words import Words
from dialog.people import Callee
from dialog.records_rules import RecordsRules

LANGUAGES = ("nb", "nn", "en", "uk")
"""The languages the mind speaks; a bot names one or more of them."""

NORWEGIAN = ("nb", "nn")
"""Two written forms of one spoken language: a caller of one understands the other."""


@dataclass(frozen=True, slots=True)
class Department:
    """Where a caller can be passed on to.

    Args:
        id: its key in bot.yaml.
        names: what it is called, per language.
        number: E.164 or SIP URI.
        default: True for the one that "a person, please" goes to.
        words: per language, words that ask for this department.
        hours: when it answers; None is always.
        out_of_hours: E.164 or SIP URI that answers outside the hours, or None.
        people: who is rung one by one and briefed before the caller comes; nobody means that `number` is dialled.
        ring_all: they are rung at once, not in order.
        then: ids of departments whose people are rung when none of these came.
    """

    id: str
    names: Mapping[str, str]
    number: str
    default: bool
    words: Mapping[str, tuple[str, ...]]
    hours: Hours | None
    out_of_hours: str | None = None
    people: tuple[Callee, ...] = ()
    ring_all: bool = False
    then: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Article:
    """One approved answer.

    Args:
        id: the file name without `.md`.
        titles: per language.
        questions: per language, how callers ask.
        answers: per language, words to be spoken; values are marked `{value|kind}`.
        owner: who answers for it, or "".
        review: the day it must be read again, or None.
        link: a page to read more, or None.
    """

    id: str
    titles: Mapping[str, str]
    questions: Mapping[str, tuple[str, ...]]
    answers: Mapping[str, str]
    owner: str = ""
    review: date | None = None
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a call may take, and how often it may go wrong.

    Args:
        call_seconds: hard cap.
        idle_seconds: silence from the caller, all reprompts included, before a polite end.
        no_match: utterances in a row that could not be used or answered before the caller is passed on to a person;
            0 asks again for ever.
        no_input: silences in a row before a polite end; 0 asks again for ever.
    """

    call_seconds: float = 900.0
    idle_seconds: float = 45.0
    no_match: int = 3
    no_input: int = 3


@dataclass(frozen=True, slots=True)
class Thresholds:
    """How sure the mind must be, 0..1.

    Args:
        answer: from here an article is quoted.
        choice: from here "did you mean A or B?" is asked; below it the bot says that it does not know.
    """

    answer: float = 0.5
    choice: float = 0.25


@dataclass(frozen=True, slots=True)
class Bot:
    """A bot, as its folder describes it.

    Args:
        name: of the company or service.
        languages: the first is the default.
        voices: a model id per language; a language without one gets the program's default voice.
        greetings: per language; `disclosures` (that this is a bot) and `privacy` likewise.
        topics: per language, what the bot can help with, as words that fit "I can help with ..."; may be empty.
        hours: of the company, or None.
        departments: in the order of bot.yaml.
        articles: by id, sorted.
        wording: own wording of built-in prompts: key, language, variants.
        content_version: hash of everything in the folder that was read; 16 hexadecimal digits.
        flows: by id, sorted.
        actions: what the flows may do, by name.
        sms: True when links may be offered as a text message.
        words: of words.yaml: names, pronunciations, anger, sensitive topics.
        records: what is kept of its calls, and for how long.
        identity: how callers prove who they are.
        callbacks: what callers are offered when no person can be reached; None offers nothing.
        rating: callers who have talked with a person are asked how it was.
    """

    name: str
    languages: tuple[str, ...]
    voices: Mapping[str, str]
    greetings: Mapping[str, str]
    disclosures: Mapping[str, str]
    privacy: Mapping[str, str]
    topics: Mapping[str, str]
    hours: Hours | None
    departments: tuple[Department, ...]
    articles: tuple[Article, ...]
    limits: Limits
    thresholds: Thresholds
    wording: Mapping[str, Mapping[str, tuple[str, ...]]]
    content_version: str
    flows: tuple[Flow, ...] = ()
    actions: Mapping[str, ActionSpec] = field(default_factory=dict)
    sms: bool = False
    words: Words = Words()
    records: RecordsRules = field(default_factory=RecordsRules)
    identity: IdentityRules = IdentityRules()
    callbacks: CallbackRules | None = None
    rating: bool = False

    @property
    def default_department(self) -> Department | None:
        """Where "a person, please" goes; None when the bot has no departments."""
        marked = (department for department in self.departments if department.default)
        return next(marked, self.departments[0] if self.departments else None)

    def department(self, department_id: str) -> Department | None:
        """The department with this id; None when there is none."""
        return next((found for found in self.departments if found.id == department_id), None)

    def article(self, article_id: str) -> Article:
        """The article with this id; raises KeyError."""
        for article in self.articles:
            if article.id == article_id:
                return article
        raise KeyError(article_id)

    def flow(self, flow_id: str) -> Flow:
        """The flow with this id; raises KeyError."""
        for flow in self.flows:
            if flow.id == flow_id:
                return flow
        raise KeyError(flow_id)

    @property
    def own_flows(self) -> tuple[Flow, ...]:
        """Flows of the folder: what its owners can change and try in scripts."""
        return tuple(flow for flow in self.flows if not flow.built_in)

    def titles(self, article_id: str, flow_id: str) -> tuple[str, ...]:
        """What a flow, or else an article, is called in every language it has a name in."""
        named = self.flow(flow_id).titles if flow_id else self.article(article_id).titles
        return tuple(named.values())
