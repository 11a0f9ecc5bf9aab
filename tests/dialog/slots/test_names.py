"""Names, addresses and e-mail addresses as callers say and spell them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialog.slots import Parsed
from dialog.slots.catalogue import slot_type
from dialog.slots.letters import letter_names, prepared, spelled
from tests.dialog.slots.said import LANGUAGES, context


def reading(found: Parsed) -> str:
    return found.value or "|".join(found.alternatives) or found.partial or found.fault


def table(rows: dict[str, dict[str, str]]) -> list[tuple[str, str, str]]:
    return [(language, said, wanted) for language, pairs in rows.items() for said, wanted in pairs.items()]


NAMES = {
    "nb": {
        "jeg heter Kari Nordmann": "Kari Nordmann", "Kari, K-A-R-I": "Kari", "kå a err i": "Kari", "Anna": "Anna",
        "Åse. Å som i Åse, S, E": "Åse", "Navnet er Hansen, Harald Anna Nils Sigrid Edith Nils": "Hansen",
        "kari nordmann enn o err de emm a enn enn": "Kari Nordmann", "Katrine med c": "Catrine",
        "Anne-Lise van der Berg": "Anne-Lise van der Berg", "dobbelt-v a dobbel t": "Watt", "hva mener du": "",
        "nei": "", "jeg bor i nummer 5": "",
    },
    "nn": {"eg heiter Åsmund Vik": "Åsmund Vik"},
    "en": {"my name is Bob Smith, S M Y T H E": "Bob Smythe", "it's under the name Jane Oquendo": "Jane Oquendo",
           "That's not right": "", "C as in Charlie, A, R, L": "Carl"},
    "uk": {"мене звати Олена Шевченко": "Олена Шевченко", "о л е н а": "Олена", "ні": ""},
}  # fmt: skip


@pytest.mark.parametrize(("language", "said", "wanted"), table(NAMES))
def test_a_name_as_callers_say_it(language: str, said: str, wanted: str) -> None:
    assert reading(slot_type("name", {}).parse(said, context(language))) == wanted


def test_a_name_is_sure_only_when_it_was_spelled() -> None:
    assert slot_type("name", {}).parse("Aslaug Døme, D Ø M E", context()).sure
    assert not slot_type("name", {}).parse("Kari", context()).sure


def test_in_passing_a_name_needs_its_cue() -> None:
    slot = slot_type("name", {})
    assert slot.parse("jeg heter Kari Nordmann og har mistet pakken", context(expected=False)).value == "Kari Nordmann"
    assert not slot.parse("Nordlys er best", context(expected=False))


@pytest.mark.parametrize(
    ("value", "said", "wanted"),
    [
        ("Kari Nordmann", "nei, med c", "Cari Nordmann"),
        ("Kari Nordman", "med dobbel n", "Kari Nordmann"),
        ("Kari Hansen", "nei, etternavnet er Jensen", "Kari Jensen"),
        ("Kari Hansen", "nei, Karin", "Karin Hansen"),
        ("Katrine Moe", "C A T H R I N E", "Cathrine Moe"),
        ("Kari Hansen", "ja, det stemmer", ""),
    ],
)
def test_a_name_is_corrected(value: str, said: str, wanted: str) -> None:
    assert reading(slot_type("name", {}).correct(value, said, context())) == wanted


@given(st.text("abcdefghijklmnopqrstuvwxyzæøå", min_size=3, max_size=12), st.sampled_from(["nb", "en"]))
def test_letters_said_one_by_one_are_the_word(word: str, language: str) -> None:
    names = {letter: name for name, letter in letter_names(language).items() if len(name) < 4}
    for said in ("-".join(word.upper()), " ".join(word), ", ".join(names.get(letter, letter) for letter in word)):
        rows = spelled(prepared(said), language)
        assert "".join(row.text for row in rows) in (word, word[1:]) or len(word) < 5


EMAILS = {
    "nb": {
        "kari punktum nordmann krøllalfa gmail punktum com": "kari.nordmann@gmail.com",
        "e-posten min er ola.nordmann@example.no": "ola.nordmann@example.no",
        "kari nitti fem alfakrøll hotmail punktum no": "kari95@hotmail.no",
        "kari understrek nordmann snabel-a online punktum no": "kari_nordmann@online.no",
        "K-A-R-I krøllalfa example punktum no": "kari@example.no", "ola.nordmann at firma.no": "ola.nordmann@firma.no",
        "kåre krøllalfa example punktum no": "kare@example.no|kaare@example.no", "nei det vet jeg ikke": "",
        "kari punktum nordmann": "kari.nordmann", "kari krøllalfa gmail": "kari@gmail.com",
    },
    "en": {"john dot smith at gmail dot com": "john.smith@gmail.com",
           "j smith 42 at example dot com": "jsmith42@example.com"},
    "uk": {"каріна собака джімейл крапка ком": "karina@gmail.com"},
}  # fmt: skip


@pytest.mark.parametrize(("language", "said", "wanted"), table(EMAILS))
def test_an_email_address_as_callers_say_it(language: str, said: str, wanted: str) -> None:
    found = slot_type("email", {}).parse(said, context(language))
    assert reading(found) == wanted
    assert not found.value or not found.sure


def test_an_email_address_in_two_turns_and_its_corrections() -> None:
    slot = slot_type("email", {})
    assert (
        slot.parse("krøllalfa gmail punktum com", context(partial="kari.nordmann")).value == "kari.nordmann@gmail.com"
    )
    assert slot.correct("kari@gmail.com", "nei, hotmail", context()).value == "kari@hotmail.com"
    assert slot.correct("kari@gmail.com", "nei, kari punktum hansen", context()).value == "kari.hansen@gmail.com"


def test_an_email_address_is_spelled_back() -> None:
    spoken = slot_type("email", {}).read_back("kari.nordmann@example.no", "nb")
    assert spoken == "{kari.nordmann@example.no|email}. Det staves: {kari|spell}, punktum, {nordmann|spell}"


ADDRESSES = {
    "nb": {
        "Storgata 5, 0155 Oslo": "Storgata 5, 0155 Oslo", "storgata fem null en fem fem oslo": "Storgata 5, 0155 Oslo",
        "storgata femten be null en femti fem oslo": "Storgata 15B, 0155 Oslo", "nei": "",
        "jeg bor i Kongens gate 12 i Trondheim": "Kongens gate 12, Trondheim",
        "Nedre Vollgate 4a 0158 Oslo": "Nedre Vollgate 4A, 0158 Oslo",
        "adressen er Karl Johans gate 22, postnummer 0026": "Karl Johans gate 22, 0026",
        "Kirkeveien tjueto": "Kirkeveien 22",
    },
    "en": {"I live at Storgata 5, 0155 Oslo": "Storgata 5, 0155 Oslo", "5 Storgata": "Storgata 5"},
}  # fmt: skip


@pytest.mark.parametrize(("language", "said", "wanted"), table(ADDRESSES))
def test_an_address_as_callers_say_it(language: str, said: str, wanted: str) -> None:
    assert reading(slot_type("address", {}).parse(said, context(language))) == wanted


def test_an_address_in_four_turns() -> None:
    slot, partial = slot_type("address", {}), ""
    for said in ("Storgata", "fem", "Oslo"):
        partial = slot.parse(said, context(partial=partial)).partial
    assert slot.listen(partial) == ("digits", 4)
    assert slot.parse("null en fem fem", context(partial=partial)).value == "Storgata 5, 0155 Oslo"


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("nei, nummer sju", "Storgata 7, 0155 Oslo"),
        ("nei, postnummeret er 0157", "Storgata 5, 0157 Oslo"),
        ("nei, Lillegata", "Lillegata 5, 0155 Oslo"),
        ("ja", ""),
    ],
)
def test_a_part_of_an_address_is_corrected(said: str, wanted: str) -> None:
    assert reading(slot_type("address", {}).correct("Storgata 5, 0155 Oslo", said, context())) == wanted


@pytest.mark.parametrize(
    ("said", "wanted"),
    [("null en femti fem", "0155"), ("fire tusen og tre", "4003"), ("0155 Oslo", "0155"), ("0000", "range")],
)
def test_a_post_code_keeps_its_zero(said: str, wanted: str) -> None:
    assert reading(slot_type("post_code", {}).parse(said, context())) == wanted


@pytest.mark.parametrize(
    ("kind", "said", "wanted"),
    [
        ("post_code", "Hvor er ordre 402790 til postnummer 7010?", "7010"),
        ("post_code", "postnummeret er null en fem fem", "0155"),
        ("post_code", "поштовий індекс 0155", "0155"),
        ("post_code", "ordre 4027", ""),
        ("address", "flytt strømmen til Storgata 5 i Oslo fra første desember", "Storgata 5, Oslo"),
        ("address", "jeg flytter til Karl Johans gate 22B, 0155 Oslo", "Karl Johans gate 22B, 0155 Oslo"),
        ("address", "det koster 500 kroner", ""),
    ],
)
def test_in_passing_a_place_is_found_by_its_own_words(kind: str, said: str, wanted: str) -> None:
    language = "uk" if "індекс" in said else "nb"
    assert reading(slot_type(kind, {}).parse(said, context(language, expected=False))) == wanted


FORMS = {
    "name": r"[^\d{}|]+", "address": r"[^{}|]*\d{1,4}[A-Z]?, \d{4}( [^\d,]+)?", "email": r"[a-z0-9._+-]+@[a-z0-9.-]+",
    "post_code": r"\d{4}",
}  # fmt: skip


@given(st.text(max_size=60), st.sampled_from(LANGUAGES), st.sampled_from(sorted(FORMS)), st.booleans())
def test_any_text_gives_a_canonical_value_or_none(said: str, language: str, kind: str, expected: bool) -> None:
    slot = slot_type(kind, {})
    for partial in ("", "Storgata 5"):
        found = slot.parse(said, context(language, partial, expected))
        for value in (found.value, *found.alternatives):
            assert not value or re.fullmatch(FORMS[kind], value)
    slot.correct("Storgata 5, 0155 Oslo" if kind == "address" else "kari", said, context(language))
