"""Text for eyes becomes text for a voice: golden tables, and laws for any text at all."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speech.spoken_forms import spell_out
from speech.spoken_forms.languages import LANGUAGES

GOLDEN = Path(__file__).parent / "golden"


def golden_rows() -> list[tuple[str, str, str]]:
    rows: list[tuple[str, str, str]] = []
    for path in sorted(GOLDEN.glob("spoken_*.tsv")):
        with path.open(encoding="utf-8", newline="") as file:
            table = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
            next(table)  # the heading
            rows += [(language, written, spoken) for language, written, spoken in table]
    return rows


languages = st.sampled_from(LANGUAGES)
kinds = st.sampled_from(
    "nok eur uah phone id date day time datetime email url orgnr account kid digits postcode percent number ordinal "
    "year spell kwh km nonsense".split()
)
marks = st.builds("{{{}|{}}}".format, st.text(max_size=14), kinds)
figures = st.from_regex(r"\A[0-9]{1,9}([ .,:/–-][0-9]{1,4}){0,3}\Z")
tokens = st.one_of(
    marks,
    figures,
    st.text(max_size=8),
    st.sampled_from(
        ["kl.", "kr", "f.eks.", "nr.", "%", "øre/kWh", "desember", "грн", "р.", "am", "+47", "a@b.no", "о"]
    ),
)
texts = st.lists(tokens, max_size=8).map(" ".join) | st.lists(tokens, max_size=8).map("".join)


@pytest.mark.parametrize(("language", "written", "spoken"), golden_rows())
def test_golden(language: str, written: str, spoken: str) -> None:
    assert spell_out(written, language) == spoken


@pytest.mark.parametrize(("language", "written", "spoken"), golden_rows())
def test_what_is_spelled_out_stays_as_it_is(language: str, written: str, spoken: str) -> None:
    assert spell_out(spoken, language) == spoken


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_at_least_forty_examples(language: str) -> None:
    assert sum(row[0] == language for row in golden_rows()) >= 40


@given(texts, languages)
def test_no_digit_survives_and_no_text_crashes(text: str, language: str) -> None:
    assert not any(sign.isdigit() for sign in spell_out(text, language))


@given(st.lists(st.from_regex(r"\A[bcdfghjlnoprtuvwyzøåбвжзклнптцш]{4,9}\Z"), max_size=6), languages)
def test_plain_words_come_back_as_they_were(words: list[str], language: str) -> None:
    once = spell_out(" ".join(words), language)
    assert spell_out(once, language) == once
    if language != "uk":  # which writes Latin words in Cyrillic
        assert once == " ".join(words)


@given(st.decimals(min_value=0, max_value=999_999, places=2), languages)
def test_a_marked_amount_is_read_like_the_same_amount_in_the_text(amount, language: str) -> None:
    point = f"{amount:.2f}"
    written = point if language == "en" else point.replace(".", ",")
    assert spell_out(f"{{{point}|nok}}", language) == spell_out(f"{written} kr", language)


def test_a_value_that_does_not_fit_its_kind_is_read_like_text() -> None:
    assert spell_out("{i morgen|date}", "nb") == "i morgen"
    assert spell_out("{2026-13-40|date}", "nb") != ""
    assert spell_out("{5|unheard-of}", "nb") == "fem"


def test_a_language_nobody_knows_is_read_by_the_rules_of_english() -> None:
    assert spell_out("7", "xx") == "seven"


def test_square_brackets_of_phonemes_are_taken_out() -> None:
    assert "[" not in spell_out("[[h@loU]]", "en")
