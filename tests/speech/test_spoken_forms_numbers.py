"""Number words: no two numbers sound alike, and two libraries agree where both know the language."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from num2words import num2words

from speech.spoken_forms.english import English
from speech.spoken_forms.norwegian_numbers import BOKMAL, NYNORSK, Forms, cardinal, ordinal, year
from speech.spoken_forms.rules import ALONE, Context
from speech.spoken_forms.ukrainian_numbers import cardinal as ukrainian_cardinal
from speech.spoken_forms.ukrainian_numbers import ordinal as ukrainian_ordinal

SMALL = "null en to tre fire fem seks sju åtte ni ti elleve tolv tretten fjorten femten seksten sytten atten nitten"
WORDS = {word: value for value, word in enumerate(SMALL.split())} | {"ein": 1, "ett": 1, "eitt": 1, "ei": 1}
TENS = {"tjue": 20, "tretti": 30, "førti": 40, "femti": 50, "seksti": 60, "sytti": 70, "åtti": 80, "nitti": 90}
SCALES = {"tusen": 1_000, "million": 10**6, "millioner": 10**6, "millionar": 10**6, "milliard": 10**9}


def parse(words: str) -> int:
    """Back from Norwegian words to the number, by a grammar of its own."""
    total = below_thousand = 0
    for word in words.split():
        if word == "og":
            continue
        if word == "hundre":
            below_thousand *= 100
        elif word in SCALES or word.startswith("milliard"):
            total += below_thousand * SCALES.get(word, 10**9)
            below_thousand = 0
        else:
            tens = next((tens for tens in TENS if word.startswith(tens)), "")
            rest = word.removeprefix(tens)
            below_thousand += TENS.get(tens, 0) + (WORDS[rest] if rest else 0)
    return total + below_thousand


@pytest.mark.parametrize("forms", [BOKMAL, NYNORSK], ids=["nb", "nn"])
def test_every_norwegian_number_of_four_digits_parses_back(forms: Forms) -> None:
    assert [parse(cardinal(number, forms)) for number in range(10_000)] == list(range(10_000))


@given(st.integers(0, 10**12 - 1), st.sampled_from([BOKMAL, NYNORSK]))
def test_any_norwegian_number_parses_back(number: int, forms: Forms) -> None:
    assert parse(cardinal(number, forms)) == number


@given(st.integers(0, 999_999), st.sampled_from([BOKMAL, NYNORSK]))
def test_a_norwegian_ordinal_is_no_cardinal(number: int, forms: Forms) -> None:
    assert ordinal(number, forms) != cardinal(number, forms)


@pytest.mark.parametrize("forms", [BOKMAL, NYNORSK], ids=["nb", "nn"])
def test_norwegian_ordinals_are_all_different(forms: Forms) -> None:
    assert len({ordinal(number, forms) for number in range(10_000)}) == 10_000


@pytest.mark.parametrize(
    ("number", "bokmal", "nynorsk"),
    [
        (1, "en", "ein"),
        (21, "tjueen", "tjueein"),
        (100, "ett hundre", "eitt hundre"),
        (1_500, "ett tusen fem hundre", "eitt tusen fem hundre"),
        (2_026, "to tusen og tjueseks", "to tusen og tjueseks"),
        (10_245, "ti tusen to hundre og førtifem", "ti tusen to hundre og førtifem"),
        (1_000_000, "en million", "ein million"),
        (3_000_001, "tre millioner og en", "tre millionar og ein"),
    ],
)
def test_cardinals_as_people_say_them(number: int, bokmal: str, nynorsk: str) -> None:
    assert (cardinal(number, BOKMAL), cardinal(number, NYNORSK)) == (bokmal, nynorsk)


def test_years_as_people_say_them() -> None:
    assert year(1998, BOKMAL) == "nitten nittiåtte"
    assert year(1905, BOKMAL) == "nitten null fem"
    assert year(1900, BOKMAL) == "nitten hundre"
    assert year(2026, BOKMAL) == "to tusen og tjueseks"
    assert [English().year(number, ALONE) for number in (1900, 1905, 1998, 2000, 2005, 2010, 2026)] == [
        "nineteen hundred",
        "nineteen oh five",
        "nineteen ninety-eight",
        "two thousand",
        "two thousand and five",
        "twenty ten",
        "twenty twenty-six",
    ]


@pytest.mark.parametrize(
    ("number", "bokmal", "nynorsk"),
    [
        (2, "andre", "andre"),
        (8, "åttende", "åttande"),
        (20, "tjuende", "tjuande"),
        (24, "tjuefjerde", "tjuefjerde"),
        (30, "trettiende", "trettiande"),
        (101, "ett hundre og første", "eitt hundre og første"),
    ],
)
def test_norwegian_ordinals(number: int, bokmal: str, nynorsk: str) -> None:
    assert (ordinal(number, BOKMAL), ordinal(number, NYNORSK)) == (bokmal, nynorsk)


@given(st.integers(0, 10**9))
def test_ukrainian_nominative_agrees_with_num2words(number: int) -> None:
    assert ukrainian_cardinal(number) == num2words(number, lang="uk")


@pytest.mark.parametrize("number", range(1, 200))
def test_ukrainian_ordinals_agree_with_num2words(number: int) -> None:
    assert ukrainian_ordinal(number) == num2words(number, lang="uk", to="ordinal")


@pytest.mark.parametrize("case", ["nominative", "genitive"])
def test_ukrainian_numbers_are_all_different(case: str) -> None:
    assert len({ukrainian_cardinal(number, case=case) for number in range(10_000)}) == 10_000


def test_ukrainian_gender_and_case() -> None:
    assert ukrainian_cardinal(22, "f") == "двадцять дві"
    assert ukrainian_cardinal(1, "f", "accusative") == "одну"
    assert ukrainian_cardinal(2_005, "m", "genitive") == "двох тисяч п'яти"
    assert ukrainian_ordinal(2_026, "genitive") == "дві тисячі двадцять шостого"
    assert ukrainian_ordinal(3, "f genitive") == "третьої"
    assert ukrainian_ordinal(5_000) == "п'ятитисячний"


@given(st.integers(0, 10**12 - 1))
def test_english_has_no_commas(number: int) -> None:
    assert "," not in English().whole(number, Context())
