"""How fed up a caller is, and what follows from it."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialog.bot import LANGUAGES
from dialog.frustration import (
    LIMIT,
    LOUD_DB,
    STRAIN,
    UNEASE,
    Mood,
    Signals,
    Trigger,
    mood_signs,
    next_mood,
    reason_text,
    says_the_same,
    trigger,
)
from dialog.own_words import Words
from dialog.signs import built_in_lists, expression, signs_of
from dialog.text import words

SIGNS = mood_signs()
OUTBURST = "jeg har sagt det tre ganger nå, dette er helt ubrukelig"


def after(*said: str, language: str = "nb", mood: Mood | None = None) -> Mood:
    """The mood after some turns."""
    mood = mood or Mood()
    for text in said:
        mood = next_mood(mood, Signals(text, language), SIGNS)
    return mood


def kinds(mood: Mood) -> list[str]:
    """Names of the reasons."""
    return [reason.kind for reason in mood.reasons]


@pytest.mark.parametrize(
    ("language", "said", "reason"),
    [
        ("nb", "dette er rett og slett for dårlig", "complaint"),
        ("nb", "hvor mange ganger må jeg gjenta meg selv", "told_you"),
        ("nb", "det var ikke det jeg spurte om", "not_helped"),
        ("nb", "jeg er så lei av dere", "fed_up"),
        ("nn", "eg har sagt det fleire gonger allereie", "told_you"),
        ("nn", "dette er heilt håplaust", "complaint"),
        ("en", "I already told you my number", "told_you"),
        ("en", "this service is terrible", "complaint"),
        ("uk", "я вже казала вам номер", "told_you"),
        ("uk", "це неподобство", "complaint"),
        ("nb", "eg er drittlei av dette", "fed_up"),  # nynorsk in a call that is taken for bokmål
    ],
)
def test_what_weighs_is_found_and_named(language: str, said: str, reason: str) -> None:
    assert reason in kinds(after(said, language=language))


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("nb", "fy faen så bra, takk skal du ha"),
        ("nb", "ikke noe å klage på"),
        ("nb", "faen, nå mistet jeg lappen"),
        ("nb", "det var et helvetes vær på veien hit"),
        ("nb", "hvordan klager jeg på en vare"),
        ("nb", "rabattkoden min virker ikke"),
        ("nn", "å søren, eg fann det ikkje"),
        ("nb", "æ veit ikkje ka som e galt med strømmen"),
        ("en", "that's damn good, thanks"),
        ("en", "my parcel has not arrived yet"),
        ("uk", "посилка ще не прийшла"),
    ],
)
def test_a_mild_word_or_a_plain_problem_offers_nobody(language: str, said: str) -> None:
    before = Mood(turn=1)
    assert trigger(before, after(said, language=language, mood=before)) is None


def test_an_outburst_offers_a_person_and_the_next_one_passes_the_caller_on() -> None:
    calm = after("hvor er pakken min")
    angry = after(OUTBURST, mood=calm)
    assert trigger(calm, angry) == Trigger("frustrated", "offer")
    offered = replace(angry, offered=True)
    worse = after("nei, dette er elendig service", mood=offered)
    assert trigger(offered, worse) == Trigger("frustrated", "pass_on")


def test_who_calms_down_is_not_passed_on() -> None:
    offered = replace(after(OUTBURST), offered=True)
    assert trigger(offered, after("ja, takk, det var fint", mood=offered)) is None


def test_strain_fades_and_a_thank_you_takes_some_away() -> None:
    angry = after(OUTBURST)
    calmer = after("ordrenummeret er fire to syv", mood=angry)
    content = after("tusen takk for hjelpen", mood=angry)
    assert 0 < content.strain < calmer.strain < angry.strain


@pytest.mark.parametrize(
    ("said", "language"),
    [
        ("jeg kommer til å kontakte advokat", "nb"),
        ("eg tek dette til retten", "nn"),
        ("you will hear from my lawyer", "en"),
        ("я подам на вас до суду", "uk"),
    ],
)
def test_a_threat_passes_the_caller_on_at_once(said: str, language: str) -> None:
    assert trigger(Mood(), after(said, language=language)) == Trigger("threat", "pass_on")


def test_asking_where_to_complain_is_no_threat() -> None:
    assert trigger(Mood(), after("hvordan klager jeg til forbrukertilsynet")) is None


def test_the_second_insult_passes_the_caller_on() -> None:
    once = after("din dumme robot")
    assert trigger(Mood(), once) is None
    assert trigger(once, after("hold kjeft", mood=once)) == Trigger("abuse", "pass_on")


def test_what_the_bot_got_wrong_weighs_without_a_word_of_anger() -> None:
    mood = Mood()
    for _ in range(3):
        before, signals = mood, Signals("fire to null", "nb", no_match=True, failed_collect=True)
        mood = next_mood(mood, signals, SIGNS)
    assert trigger(before, mood) == Trigger("frustrated", "offer")


def test_a_raised_voice_counts_from_its_limit_on() -> None:
    normal = next_mood(Mood(), Signals("hvor er pakken", "nb", loud_db=LOUD_DB - 0.1), SIGNS)
    raised = next_mood(Mood(), Signals("hvor er pakken", "nb", loud_db=LOUD_DB), SIGNS)
    assert (kinds(normal), kinds(raised)) == ([], ["loud"])


def test_every_second_interruption_counts() -> None:
    mood, counted = Mood(), []
    for barge_ins in (1, 2, 3, 4):
        mood = next_mood(mood, Signals("ja men hør her", "nb", barge_ins=barge_ins), SIGNS)
        counted.append(kinds(mood).count("barge_ins"))
    assert counted == [0, 1, 1, 2]


@pytest.mark.parametrize(
    ("text", "before", "same"),
    [
        ("hvor er pakken min", ["hvor er pakken min da"], True),
        ("pakken min, hvor er den", ["hvor er pakken min"], True),
        ("klokka seks, takk", ["i morgen klokka seks, bord til fire"], False),
        ("ja", ["ja"], False),
        ("hvor er pakken min", ["hvor er pakken min", "a b c", "d e f", "g h i"], False),
    ],
)
def test_what_says_the_same_as_one_of_the_last_three(text: str, before: list[str], same: bool) -> None:
    assert says_the_same(text, before) is same


def test_a_bots_own_words_weigh_and_forgive() -> None:
    own = mood_signs(Words(anger={"nb": ("strømran*",)}, innocent={"nb": ("fy flate",)}))
    assert kinds(next_mood(Mood(), Signals("dette er strømranet i praksis", "nb"), own)) == ["bot_words"]
    forgiven = mood_signs(Words(innocent={"nb": ("ubrukelige dingser",)}))
    assert kinds(next_mood(Mood(), Signals("selger dere ubrukelige dingser", "nb"), forgiven)) == []


SMALL = {
    language: [
        phrase.split("/")[0].replace("*", "")
        for name in sorted(set(UNEASE) & set(built_in_lists(language).signs))
        for phrase in built_in_lists(language).signs[name]
        if "..." not in phrase and not SIGNS.find(phrase.replace("/", " ").replace("*", ""), language) & set(STRAIN)
    ]
    for language in LANGUAGES
}


@given(st.lists(st.lists(st.sampled_from(SMALL["nb"]), min_size=1, max_size=3), max_size=12))
@settings(max_examples=200, deadline=None)
def test_small_signs_alone_never_offer_a_person(turns: Sequence[Sequence[str]]) -> None:
    mood = Mood()
    for said in turns:
        text = " og ".join(said)
        if not SIGNS.find(text, "nb") & set(STRAIN):
            mood = next_mood(mood, Signals(text, "nb", bot_words="beklager, det vet jeg ikke"), SIGNS)
            assert mood.score < LIMIT


@given(st.lists(st.text(max_size=80), max_size=5), st.sampled_from(LANGUAGES))
@settings(max_examples=200, deadline=None)
def test_whatever_is_said_has_a_mood(turns: Sequence[str], language: str) -> None:
    mood = after(*turns, language=language)
    assert 0.0 < mood.level < 1.0
    assert (mood.level >= 0.5) == (mood.score >= LIMIT)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_agent_can_read_every_reason(language: str) -> None:
    unnamed = [kind for kind in STRAIN if reason_text(kind, language) == kind]
    assert not unnamed


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_listed_phrase_is_found(language: str) -> None:
    """A phrase that is never found is a mistake in its spelling: signs that nobody reads, a capital, a lost comma."""
    lists = built_in_lists(language)
    missed = [
        (name, phrase)
        for name, listed in lists.signs.items()
        for phrase in listed
        if not expression(phrase) or name not in _alone(language, name, phrase)
    ]
    assert not missed


def _alone(language: str, name: str, phrase: str) -> frozenset[str]:
    said = " ".join(piece.split("/")[0].replace("*", "") for piece in phrase.split() if piece != "...")
    return signs_of({name: (phrase,)}, ()).find(words(said))
