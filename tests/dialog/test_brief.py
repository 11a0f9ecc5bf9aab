"""What the person who takes the call is told."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialog import Bot, load_bot
from dialog.bot import LANGUAGES
from dialog.brief import LONGEST_SPOKEN_SECONDS, brief
from dialog.frustration import Mood, Reason
from dialog.language import LanguageSense
from dialog.markup import spoken_seconds
from dialog.state import Filled, Frame, State, Turn
from tests.dialog.conftest import TODAY

BOKHUSET = Path(__file__).parent / "bots" / "bokhuset"
ORDER = Filled("order", "402713", words="fire null to syv en tre", confirmed=True)
POST_CODE = Filled("post_code", "0155", words="null en femti fem", sure=False)
CALM = Mood()
ANGRY = Mood(3.2, (Reason("told_you", 2.0, 2), Reason("negation", 0.4, 2), Reason("complaint", 2.0, 3)), 3.2, turn=3)


@pytest.fixture(scope="module")
def books() -> Bot:
    """Bokhuset, which has flows."""
    return load_bot(BOKHUSET, TODAY)


def story(*slots: Filled, mood: Mood = CALM, language: str = "nb") -> State:
    """A conversation in the order status flow."""
    turns = (
        Turn("", "Hei! Hva gjelder det?", "greeting"),
        Turn("hvor er pakken min", "Hva er ordrenummeret?", "flow"),
        Turn("kari nordmann i storgata fem", "Jeg fikk ikke med meg nummeret.", "not_understood"),
        Turn("vet ikke", "Det står i e-posten, {post@bokhuset.example|email}.", "not_understood"),
    )
    frame = Frame("order_status", slots=slots, results=(("found.status", "sent"),))
    return State(("nb", "en"), LanguageSense(language), frames=(frame,), turns=turns, mood=mood)


def test_the_spoken_line_says_what_it_is_about_why_and_what_is_known(books: Bot) -> None:
    spoken = brief(books, story(ORDER, POST_CODE), "caller_asked").spoken
    assert spoken == (
        "Det gjelder: ordrestatus. Kunden ba om et menneske. Nummer {402713|digits}. Nummer {0155|digits}, usikkert."
    )


def test_the_spoken_line_warns_of_a_mood_and_of_another_language(books: Bot) -> None:
    english = story(mood=ANGRY, language="en")
    spoken = brief(books, english, "frustrated").spoken
    assert "Snakker engelsk." in spoken
    assert "Merk: kunden sier at han eller hun alt har sagt det." in spoken


def test_the_whisper_holds_nothing_that_the_caller_said(books: Bot) -> None:
    whisper = brief(books, story(ORDER, POST_CODE, mood=ANGRY)).whisper
    assert whisper == "ordrestatus"


def test_without_a_subject_the_whisper_still_fits_its_sentence(books: Bot) -> None:
    told = brief(books, State(("nb",), LanguageSense("nb")), "not_understood")
    assert told.whisper == "et spørsmål"
    assert told.spoken == "Det er ikke klart hva det gjelder. Boten forstod ikke kunden."


def test_the_paragraph_tells_how_sure_each_value_is_and_what_was_tried(books: Bot) -> None:
    choosing = Filled("day", alternatives=("2026-11-26", "2026-12-03"))
    visit = Frame("book_visit", slots=(choosing, Filled("phone")))
    told = brief(books, story(ORDER, POST_CODE), "key_0").paragraph
    later = brief(books, replace(story(), frames=(visit,))).paragraph
    assert "Oppgitt: order 402713 (bekreftet) og post_code 0155 (usikkert)." in told
    assert "Slått opp: found.status: sent." in told
    assert "Boten har prøvd: oppgaven «ordrestatus» og forstod ikke (2 ganger)." in told
    assert "Kunden sa: «hvor er pakken min»." in told
    assert "day 2026-11-26 / 2026-12-03 (ikke valgt ennå) og phone – (hoppet over)" in later


def test_the_facts_are_json_and_have_the_last_turns_as_they_were_said(books: Bot) -> None:
    facts = brief(books, story(ORDER, mood=ANGRY), "frustrated").facts
    assert json.loads(json.dumps(facts)) == facts
    slot = {"flow": "order_status", "slot": "order", "label": "Hva er ordrenummeret?", "value": "402713"}
    assert facts["slots"] == [{**slot, "state": "confirmed"}], "digits may be anything, so the question tells what"
    assert facts["turns"][-1]["bot"] == "Det står i e-posten, post@bokhuset.example."
    assert facts["mood"]["reasons"] == ["sier at han eller hun alt har sagt det", "klager på oss"]


def test_a_flows_own_reason_is_shown_and_a_long_one_is_not_spoken(books: Bot) -> None:
    reason = "Kunden vil endre leveringsadressen på en ordre som alt er sendt"
    told = brief(books, story(), reason)
    assert f"Grunn: {reason}." in told.paragraph
    assert reason not in told.spoken


@pytest.mark.parametrize("language", LANGUAGES)
@given(
    reason=st.sampled_from(["caller_asked", "not_understood", "violence", "flow", "made up by a flow"]),
    kinds=st.lists(st.sampled_from(["complaint", "told_you", "repeated", "failed_collect", "loud"]), max_size=8),
    spoken_in=st.sampled_from(LANGUAGES),
    values=st.lists(st.text(alphabet="0123456789", min_size=1, max_size=12), max_size=4),
)
@settings(max_examples=50, deadline=None)
def test_the_spoken_line_is_never_longer_than_twelve_seconds(
    books: Bot, language: str, reason: str, kinds: list[str], spoken_in: str, values: list[str]
) -> None:
    mood = Mood(4.0, tuple(Reason(kind, 2.0, 1) for kind in kinds), 4.0, turn=1)
    slots = [Filled("order", value) for value in values]
    told = brief(books, story(*slots, mood=mood, language=spoken_in), reason, language)
    assert 0 < spoken_seconds(told.spoken) <= LONGEST_SPOKEN_SECONDS
