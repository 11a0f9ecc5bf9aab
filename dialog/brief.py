"""What the person who takes the call is told, made from the state of the conversation without a language model.

The words stand in `dialog/built_in/brief.<language>.yaml`, one file per language of an agent.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

import yaml

from dialog.bot import LANGUAGES, Bot
from dialog.brief_tried import left_open, name_of, sources, tried, words_asked, words_of_subject
from dialog.callbacks import DESK_FIELDS
from dialog.flows.flow import Flow, Slot
from dialog.frustration import STRAIN, reason_text
from dialog.markup import fill, spoken_seconds, unmarked
from dialog.scene import in_language
from dialog.state import Filled, Frame, State

LONGEST_SPOKEN_SECONDS = 12.0

SAID_BY_REASON = {"threat": "threat", "violence": "violence", "abuse": "insult"}
"""What weighed, by the reason of a handoff that says it already."""

REASONS_TOLD = 3
VAGUE = frozenset({"digits", "number", "date", "amount"})
"""Kinds of values of which a flow may ask for several: an order number and a meter number are both digits."""
LONGEST_QUOTE_WORDS = 16
"""Words of the caller that are spoken when nothing else says what it is about; more of them take too long."""

LONGEST_REASON_WORDS = 8
"""A flow's own reason that is longer is for the screen only."""


@dataclass(frozen=True, slots=True)
class Brief:
    """A conversation for the person who takes over.

    Args:
        spoken: two to four sentences, at most twelve seconds, after the person has taken the call; values are marked as
            in `Prompt.text`.
        whisper: what the call is about, in a few words that fit "press 1 to take a call about ...": titles of the bot's
            own texts, never a word of the caller.
        paragraph: everything, for the screen.
        facts: the same as data; JSON-able.
    """

    spoken: str
    whisper: str
    paragraph: str
    facts: Mapping[str, Any]


def brief(bot: Bot, state: State, reason: str = "caller_asked", language: str | None = None) -> Brief:
    """The brief of a conversation as it stands.

    Args:
        bot: whose conversation it is.
        state: after the turn that passes the caller on.
        reason: `HandOff.reason`.
        language: of the person who takes over; None is the bot's first.
    """
    story = _Story(bot, state, reason, language or bot.languages[0])
    return Brief(story.spoken(), story.whisper(), story.paragraph(), story.facts())


@dataclass(frozen=True, slots=True)
class AgentWords:
    """What the person hears who is rung for a caller, in one language.

    Args:
        language: nb, nn, en or uk.
        whisper: said to whoever answers, a voicemail too: nothing in it is the caller's.
        brief: said to the person who has pressed the key; values are marked as in `Prompt.text`.
        no_brief: said in its place when it cannot be spoken.
        too_late: said when the caller has gone, or another person was quicker.
        taken: said to whoever has taken the call on their screen and answers: as the whisper, nothing of the caller's.
        why_not: asks whoever declines for the reason, by key.
        noted: thanks for it.
    """

    language: str
    whisper: str
    brief: str
    no_brief: str
    too_late: str
    taken: str
    why_not: str
    noted: str


def agent_words(bot: Bot, state: State, reason: str, language: str | None = None) -> AgentWords:
    """What the person hears who is rung for a caller; arguments as `brief`."""
    language = language or bot.languages[0]
    told, texts = brief(bot, state, reason, language), _texts(language)
    press_one = fill(texts["press_one"], {"company": bot.name, "subject": told.whisper})
    taken = fill(texts["taken"], {"company": bot.name, "subject": told.whisper})
    no_brief, too_late, why_not, noted = (str(texts[name]) for name in ("no_brief", "too_late", "why_not", "noted"))
    return AgentWords(language, press_one, told.spoken, no_brief, too_late, taken, why_not, noted)


@dataclass(frozen=True, slots=True)
class _Story:
    bot: Bot
    state: State
    reason: str
    language: str

    @property
    def texts(self) -> Mapping[str, Any]:
        return _texts(self.language)

    def whisper(self) -> str:
        return self._subject() or str(self.texts["whisper_nothing"])

    def spoken(self) -> str:
        """Sentences in the order of their weight, as many as fit."""
        about = fill(self.texts["about"], {"subject": self._subject()}) if self._subject() else self._nothing()
        known = [self._reason(short=True), self._speaks(), self._mood(1), *self._values_spoken()]
        wanted = [about, self._said_of_it(), *known]
        told: list[str] = []
        for sentence in wanted:
            if sentence and spoken_seconds(" ".join([*told, sentence])) <= LONGEST_SPOKEN_SECONDS:
                told.append(sentence)
        return " ".join(told)

    def paragraph(self) -> str:
        about = fill(self.texts["about"], {"subject": self._subject()}) if self._subject() else self._nothing()
        told = (
            about,
            self._reason(short=False),
            self._caller(),
            self._speaks(),
            self._proven(),
            self._asked(),
            self._listed("slots", [self._slot_line(filled) for _, filled in self._filled()]),
            self._listed("results", [f"{name}: {value}" for name, value in self._results()]),
            self._told_tried(),
            self._mood(REASONS_TOLD),
        )
        return " ".join(sentence for sentence in told if sentence)

    def facts(self) -> dict[str, Any]:
        frame, proof = self._frame(), self.state.proof
        return {
            "reason": self.reason,
            "reason_text": self._reason(short=False),
            "subject": self._subject(),
            "flow": frame.flow if frame else None,
            "article": self.state.topic or None,
            "language": self.state.language,
            "number": self.state.number or None,
            "name": name_of(self.bot, self.state) or None,
            "asked": words_asked(self.state),
            "identity": {"provider": proof.provider, "level": proof.level} if proof else None,
            "slots": [
                {
                    "flow": flow.id,
                    "slot": filled.slot,
                    "label": self._label(flow.slots[filled.slot]),
                    "value": filled.value,
                    "state": standing(filled),
                }
                for flow, filled in self._filled()
            ],
            "results": dict(self._results()),
            "open": left_open(self.bot, self.state.frames, self.language),
            "sources": sources(self.bot, self.state, self.language),
            "tried": self._tried(),
            "mood": {
                "score": round(self.state.mood.score, 2),
                "reasons": [reason_text(kind, self.language) for kind in self._mood_kinds(REASONS_TOLD)],
            },
            "turns": [
                {"caller": turn.words, "bot": unmarked(turn.reply), "rule": turn.rule} for turn in self.state.turns
            ],
            "content_version": self.bot.content_version,
        }

    def _nothing(self) -> str:
        return str(self.texts["about_nothing"])

    def _frame(self) -> Frame | None:
        return self._frames()[-1] if self._frames() else None

    def _frames(self) -> tuple[Frame, ...]:
        """Flows under way; when none is, the one that was over last."""
        return self.state.frames or self.state.past[-1:]

    def _flow(self, flow_id: str) -> Flow | None:
        return next((flow for flow in self.bot.flows if flow.id == flow_id), None)

    def _subject(self) -> str:
        frame = self._frame()
        flow = self._flow(frame.flow) if frame else None
        if flow is not None:
            return in_language(self.bot, flow.titles, self.language)[1]
        return self._title(self.state.topic)

    def _title(self, article_id: str) -> str:
        titles = next((article.titles for article in self.bot.articles if article.id == article_id), {})
        return in_language(self.bot, titles, self.language)[1]

    def _reason(self, short: bool) -> str:
        known = self.texts["reasons"].get(self.reason)
        if known is not None:
            return str(known)
        if short and len(self.reason.split()) > LONGEST_REASON_WORDS:
            return ""
        return fill(self.texts["reasons"]["other"], {"reason": self.reason.rstrip(".")})

    def _speaks(self) -> str:
        spoken, told = self.state.language, self.texts["languages"]
        if spoken == self.language or {spoken, self.language} <= {"nb", "nn"}:
            return ""
        return fill(self.texts["speaks"], {"language": told[spoken]})

    def _proven(self) -> str:
        """That the bot has checked who calls, so that the person need not ask again."""
        proof = self.state.proof
        return fill(self.texts["proven"], {"level": self.texts["levels"][proof.level]}) if proof else ""

    def _mood_kinds(self, most: int) -> list[str]:
        """What weighed, the weightiest first, each once."""
        points: dict[str, float] = {}
        for reason in self.state.mood.reasons:
            if reason.kind in STRAIN and reason.kind != SAID_BY_REASON.get(self.reason):
                points[reason.kind] = points.get(reason.kind, 0.0) + reason.points
        return sorted(points, key=lambda kind: -points[kind])[:most]

    def _mood(self, most: int) -> str:
        told = [reason_text(kind, self.language) for kind in self._mood_kinds(most)]
        return fill(self.texts["mood"], {"reasons": self._joined(told)}) if told else ""

    def _filled(self) -> Iterator[tuple[Flow, Filled]]:
        """Slots with anything known, those of the flow on top first."""
        for frame in reversed(self._frames()):
            flow = self._flow(frame.flow)
            if flow is not None:
                yield from ((flow, filled) for filled in frame.slots if filled.slot in flow.slots)

    def _values_spoken(self) -> list[str]:
        """One sentence per value that is worth its seconds: numbers, dates, names; not choices and free words."""
        kinds, states, told = self.texts["kinds"], self.texts["states"], []
        for flow, filled in self._filled():
            slot = flow.slots[filled.slot].type
            if filled.value and slot.kind in kinds:
                doubt = "" if filled.confirmed else f", {states[standing(filled)]}"
                name = kinds[slot.kind]
                told.append(f"{name[:1].upper()}{name[1:]} {slot.read_back(filled.value, self.language)}{doubt}.")
        return told

    def _label(self, slot: Slot) -> str:
        """What a value is, for people who do not know the flow: its kind, or the question when that says too little."""
        kind = "" if slot.type.kind in VAGUE else self.texts["kinds"].get(slot.type.kind, "")
        label = kind or unmarked(in_language(self.bot, slot.ask, self.language)[1]) or slot.id
        return label[:1].upper() + label[1:]

    def _slot_line(self, filled: Filled) -> str:
        shown = filled.value or " / ".join(filled.alternatives) or "–"
        return f"{filled.slot} {shown} ({self.texts['states'][standing(filled)]})"

    def _results(self) -> list[tuple[str, str]]:
        found = (pair for frame in reversed(self._frames()) for pair in frame.results)
        return [(name, value) for name, value in found if not name.startswith(DESK_FIELDS)]

    def _asked(self) -> str:
        asked = words_asked(self.state)
        return fill(self.texts["asked"], {"words": asked}) if asked else ""

    def _tried(self) -> list[str]:
        return tried(self.bot, self.state, self.language, self.texts)

    def _told_tried(self) -> str:
        return self._listed("tried", self._tried()) or str(self.texts["tried_nothing"])

    def _caller(self) -> str:
        """Who it is, as far as that is known, for the screen."""
        name, number = name_of(self.bot, self.state), self.state.number
        told = " ".join(part for part in (name, number) if part)
        return fill(self.texts["caller_known"], {"caller": told}) if told else ""

    def _said_of_it(self) -> str:
        """The caller's own words in the spoken brief, when no title says what it is about."""
        asked = words_of_subject(self.state)
        if not asked or self._subject() or len(asked.split()) > LONGEST_QUOTE_WORDS:
            return ""
        return fill(self.texts["asked"], {"words": unmarked(asked)})

    def _listed(self, key: str, items: Sequence[str]) -> str:
        return fill(self.texts[key], {key: self._joined(items)}) if items else ""

    def _joined(self, items: Sequence[str]) -> str:
        if len(items) < 2:
            return "".join(items)
        return f"{', '.join(items[:-1])} {self.texts['and']} {items[-1]}"


def standing(filled: Filled) -> str:
    """How sure a value is: "confirmed", "heard", "doubtful", "choosing" (several readings) or "skipped"."""
    if filled.alternatives:
        return "choosing"
    if not filled.value:
        return "skipped"
    if filled.confirmed:
        return "confirmed"
    return "heard" if filled.sure else "doubtful"


@lru_cache(maxsize=len(LANGUAGES))
def _texts(language: str) -> Mapping[str, Any]:
    file = resources.files("dialog").joinpath("built_in", f"brief.{language}.yaml")
    # The plain loader: to YAML's usual one, `no` is false.
    found: Mapping[str, Any] = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    return found
