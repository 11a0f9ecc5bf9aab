"""How fed up a caller is: a score with reasons an agent can read, and when a person must take over.

Two parts make the score. `strain` gathers what weighs (a complaint, "I already told you", failures of the bot) and
fades slowly. `unease` is the colour of the last turn (a no, a refusal, a thank you): it orders turns, and never reaches
`LIMIT` by itself. docs/frustration.md says what was measured.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rapidfuzz import fuzz

from dialog.bot import LANGUAGES
from dialog.own_words import Words
from dialog.signs import Signs, built_in_lists, innocent_phrases, signs_of, together
from dialog.text import words

LIMIT = 3.0
"""Score from which a person is offered: two things that weigh in one turn, or one a turn for two or three turns."""

STRAIN_KEPT = 0.7
"""Of the strain, a turn later: three turns after an outburst a third of it is left."""

UNEASE_KEPT = 0.15
"""Of the unease, a turn later. AUROC on USS with 0, 0.1, 0.2, 0.3, 0.5: 0.805, 0.811, 0.811, 0.809, 0.798."""

STRAIN: Mapping[str, float] = {
    "complaint": 2.0,
    "fed_up": 2.0,
    "told_you": 2.0,
    "bot_words": 2.0,
    "insult": 2.0,
    "not_helped": 1.0,
    "waited": 1.0,
    "sounds_angry": 1.0,
    "swearing": 1.0,
    "threat": 2.0,
    "violence": 2.0,
    "repeated": 0.5,
    "no_match": 1.0,
    "failed_collect": 1.0,
    "bot_repeated": 0.5,
    "loud": 1.0,
    "barge_ins": 1.0,
}
"""What weighs, in points. A logistic regression on USS puts the words of anger in this order; a turn that repeats an
earlier one, or follows the same answer again, is hardly rated lower there than any other, hence half a point. The rest
does not occur in USS."""

UNEASE: Mapping[str, float] = {
    "negation": 0.4,
    "begins_no": 0.35,
    "dismay": 0.3,
    "bot_said_no": 0.25,
    "other": 0.2,
    "bot_negation": 0.15,
    "still": 0.1,
    "later": 0.05,
    "agrees_first": -0.1,
    "no": -0.15,
    "done": -0.25,
    "thanks": -0.3,
    "first": -0.5,
}
"""Small points: a quarter of the weights of a logistic regression on 9,981 rated turns of USS (817 dialogues), rounded.
`no` is less than nothing because a turn that begins with it counts as such already. `first`: the first turn of a call
cannot be about the bot."""

MOST_STRAIN_A_TURN = 4.0
RELIEF = 1.0
"""Strain that a thank you takes away."""

MOST_UNEASE = 1.4
"""Below half of `LIMIT`: small signs alone never offer a person."""

SOUNDS_ANGRY_FROM = 0.75
"""Of `Anger.probability`. Of 34 angry sentences without a listed phrase 41 % reach it; of dialect speech 0.7 %, of
neutral sentences in reviews 3.0 %, of orders to an assistant 0.2 %, of questions to a bank 1.4 %."""

LOUD_DB = 6.0
"""Above the caller's own level; it is what a raised voice has over a normal one at the same distance."""

MANY_BARGE_INS = 2
"""Once is impatience with a long greeting; the second time, and every second one after it, counts."""

SAME_WORDS_RATIO = 75.0
"""rapidfuzz token_sort_ratio, 0..100, from which two turns say the same. On USS 19 of 100 turns that are the same by it
are rated low, 16 by token_set_ratio over 80, 14 of all: a part said again ("at six, please") is an answer."""

SAME_WORDS_LEAST = 3
"""Words that a turn must have for being called the same: "yes" twice is no complaint."""

TURNS_COMPARED = 3
REASONS_KEPT = 8
AGENT_READS_POINTS = 0.2


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that weighed.

    Args:
        kind: a key of `STRAIN`, or of `UNEASE`.
        points: what it added.
        turn: 1 for the caller's first turn.
    """

    kind: str
    points: float
    turn: int


@dataclass(frozen=True, slots=True)
class Mood:
    """How fed up a caller is after a turn.

    Args:
        score: strain and unease together; from `LIMIT` on a person is offered. Below zero the caller is content.
        reasons: what weighed, oldest first, the last eight.
        strain: what has gathered, never below zero.
        unease: the colour of the last turn; below zero when it was a friendly one.
        turn: turns of the caller so far.
        insults: turns with an insult so far.
        barge_ins: interruptions of the bot that have been counted.
        offered: a person has been offered because of the mood.
    """

    score: float = 0.0
    reasons: tuple[Reason, ...] = ()
    strain: float = 0.0
    unease: float = 0.0
    turn: int = 0
    insults: int = 0
    barge_ins: int = 0
    offered: bool = False

    @property
    def level(self) -> float:
        """The score as 0..1; 0.5 stands for `LIMIT`."""
        return 1.0 / (1.0 + math.exp(LIMIT - self.score))

    def details(self) -> dict[str, object]:
        """For the decision record; JSON-able."""
        reasons = [{"kind": one.kind, "points": one.points, "turn": one.turn} for one in self.reasons]
        measured = {"score": round(self.score, 3), "level": round(self.level, 3), "limit": LIMIT}
        return {**measured, "turn": self.turn, "reasons": reasons}


@dataclass(frozen=True, slots=True)
class Signals:
    """What one turn of the caller says of the mood.

    Args:
        words: of the caller.
        language: of the call.
        repeated: the caller says what he or she said before; see `says_the_same`.
        no_match: the words could not be used.
        failed_collect: the bot asked for something and did not get it.
        bot_repeated: the bot's last reply was one that it had given before.
        loud_db: loudness above the caller's own level, in decibels.
        barge_ins: times in this call that the caller has talked over the bot.
        bot_words: what the bot said before this turn; "" before the first.
        anger: 0..1, how angry the words sound (`dialog.anger`).
    """

    words: str
    language: str
    repeated: bool = False
    no_match: bool = False
    failed_collect: bool = False
    bot_repeated: bool = False
    loud_db: float = 0.0
    barge_ins: int = 0
    bot_words: str = ""
    anger: float = 0.0


@dataclass(frozen=True, slots=True)
class Trigger:
    """Something must be done because of the mood.

    Args:
        reason: of a handoff: "frustrated", "threat", "violence" or "abuse".
        kind: "offer" a person, or "pass_on" the caller at once.
    """

    reason: str
    kind: str


@dataclass(frozen=True, slots=True)
class MoodSigns:
    """The lists of all languages with a bot's own; make one per bot.

    Args:
        by_language: the signs of one written language.
    """

    by_language: Mapping[str, Signs]

    def find(self, text: str, language: str) -> frozenset[str]:
        """Names of signs in a text of this language; bokmål and nynorsk are tried together."""
        return self.in_words(words(text), language)

    def in_words(self, said: Sequence[str], language: str) -> frozenset[str]:
        """The same for words already taken apart."""
        return frozenset().union(*(self.by_language[one].find(said) for one in together(language)))


def mood_signs(own: Words | None = None) -> MoodSigns:
    """The built-in lists and a bot's own words of anger."""
    own = own or Words()
    by_language = {}
    for language in LANGUAGES:
        lists = {**built_in_lists(language).signs, "bot_words": own.anger.get(language, ())}
        by_language[language] = signs_of(lists, innocent_phrases(language, own.innocent))
    return MoodSigns(by_language)


def says_the_same(text: str, before: Sequence[str]) -> bool:
    """True when a turn repeats one of the last three: of the caller, or of the bot.

    Args:
        text: the turn.
        before: earlier turns of the same speaker, newest last.
    """
    said = words(text)
    if len(said) < SAME_WORDS_LEAST:
        return False
    plain = " ".join(said)
    return any(
        len(earlier) >= SAME_WORDS_LEAST and fuzz.token_sort_ratio(plain, " ".join(earlier)) > SAME_WORDS_RATIO
        for earlier in map(words, before[-TURNS_COMPARED:])
    )


def next_mood(mood: Mood, signals: Signals, signs: MoodSigns) -> Mood:
    """The mood after one more turn of the caller."""
    found = signs.find(signals.words, signals.language)
    turn = mood.turn + 1
    named = sorted(found & set(STRAIN))
    if not named and signals.anger >= SOUNDS_ANGRY_FROM:
        named = ["sounds_angry"]
    failures = _failures(signals, mood, angry=bool(found & set(STRAIN)))
    strain = {name: STRAIN[name] for name in (*named, *failures)}
    first = turn == 1 and not strain
    unease = {name: UNEASE[name] for name in small_signs(signals, signs, first)}
    relief = RELIEF if "thanks" in found and not strain else 0.0
    gathered = max(0.0, STRAIN_KEPT * mood.strain - relief + min(MOST_STRAIN_A_TURN, sum(strain.values())))
    colour = max(-MOST_UNEASE, min(MOST_UNEASE, UNEASE_KEPT * mood.unease + sum(unease.values())))
    worth_reading = {name: points for name, points in unease.items() if points >= AGENT_READS_POINTS}
    reasons = tuple(Reason(name, points, turn) for name, points in {**worth_reading, **strain}.items())
    return replace(
        mood,
        score=gathered + colour,
        reasons=(*mood.reasons, *reasons)[-REASONS_KEPT:],
        strain=gathered,
        unease=colour,
        turn=turn,
        insults=mood.insults + ("insult" in found),
        barge_ins=signals.barge_ins if "barge_ins" in strain else mood.barge_ins,
    )


def small_signs(signals: Signals, signs: MoodSigns, first: bool) -> list[str]:
    """Keys of `UNEASE` that a turn shows; first: the caller's first turn, with nothing in it that weighs."""
    said = words(signals.words)
    small = {name for name in signs.in_words(said, signals.language) if name in UNEASE}
    if "no" in signs.in_words(said[:1], signals.language):
        small.add("begins_no")
    if "agrees" in signs.in_words(said[:2], signals.language):
        small.add("agrees_first")
    bot = signs.find(signals.bot_words, signals.language)
    if "sorry" in bot:
        small.add("bot_said_no")
    if bot & {"negation", "no"}:
        small.add("bot_negation")
    if first:
        small.add("first")
    return sorted(small)


def _failures(signals: Signals, before: Mood, angry: bool) -> list[str]:
    said = {
        "repeated": signals.repeated,
        # That a complaint has no answer is no failure to understand it.
        "no_match": signals.no_match and not angry,
        "failed_collect": signals.failed_collect,
        "bot_repeated": signals.bot_repeated,
        "loud": signals.loud_db >= LOUD_DB,
        "barge_ins": signals.barge_ins - before.barge_ins >= MANY_BARGE_INS,
    }
    return [name for name, happened in said.items() if happened]


def trigger(before: Mood, mood: Mood) -> Trigger | None:
    """What the last turn calls for; None when nothing.

    Threats, and the second insult, pass the caller on at once. A score over the limit offers a person; once that has
    been done (`Mood.offered`), the next rise passes the caller on.
    """
    now = {reason.kind for reason in mood.reasons if reason.turn == mood.turn}
    for kind in ("violence", "threat"):
        if kind in now:
            return Trigger(kind, "pass_on")
    if "insult" in now and mood.insults > 1:
        return Trigger("abuse", "pass_on")
    if mood.score < LIMIT or mood.score <= before.score:
        return None
    return Trigger("frustrated", "pass_on" if mood.offered else "offer")


def reason_text(kind: str, language: str) -> str:
    """A reason as the person who takes the call reads it; the kind itself when no list names it."""
    return built_in_lists(language).reasons.get(kind, kind)
