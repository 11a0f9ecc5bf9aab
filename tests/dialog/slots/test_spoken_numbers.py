"""Rows of digits and numbers in words and figures."""

from decimal import Decimal

import pytest

from dialog.slots.digit_rows import digit_runs
from dialog.slots.spoken_numbers import digit_strings, numbers


@pytest.mark.parametrize(
    ("said", "language", "digits"),
    [
        ("fire to syv ni", "nb", "4279"),
        ("fire to sjau ni", "nn", "4279"),
        ("nitti to, tjuefire, trettisju elleve", "nb", "92243711"),
        ("nittito tjuefire trettisju elleve", "nb", "92243711"),
        ("toogtyve tolv trettifire femtiseks", "nb", "22123456"),
        ("to og tyve, tre og tredve", "nb", "2233"),
        ("dobbel null fem", "nb", "005"),
        ("to ganger fem tre nuller", "nb", "55000"),
        ("fire hundre og tolv ni åtte", "nb", "41298"),
        ("åtte åtte en eh to tre", "nb", "88123"),
        ("førr, altså, søtti to", "nb", "4072"),
        ("ein eitt ei null", "nn", "1110"),
        ("fæm null, firr, åtta, tålv", "nb", "504812"),
        ("sækstan, fæmogførr", "nb", "1645"),
        ("402 713", "nb", "402713"),
        ("4 0 2 7, 13", "nb", "402713"),
        ("40.27.13", "nb", "402713"),
        ("four zero to seven", "en", "4027"),
        ("double four oh five", "en", "4405"),
        ("forty-two seventeen", "en", "4217"),
        ("one hundred and twelve, five", "en", "1125"),
        ("сорок два, п‘ять нуль", "uk", "4250"),
        ("два нулі сім", "uk", "007"),
        ("четыре ноль два", "uk", "402"),
        ("four zero two", "nb", "402"),
    ],
)
def test_a_row_of_digits_as_it_is_most_likely_meant(said, language, digits):
    assert digit_strings(said, language)[0] == digits


@pytest.mark.parametrize(
    ("said", "digits"),
    [("nittito", "902"), ("tjue fire", "204"), ("20 4 30", "2430"), ("to tusen og tjueseks", "200026")],
)
def test_the_less_likely_reading_is_kept(said, digits):
    assert digit_strings(said, "nb")[0] != digits
    assert digits in digit_strings(said, "nb")


@pytest.mark.parametrize(
    ("said", "language"),
    [
        ("jeg har en ordre", "nb"),
        ("et øyeblikk", "nb"),
        ("entré og tennis", "nb"),
        ("I would like to ask for one thing", "en"),
        ("en gong til", "nn"),
    ],
)
def test_ordinary_words_are_no_digits(said, language):
    assert digit_strings(said, language) == []


def test_a_run_knows_where_its_words_stand():
    (run,) = digit_runs("ordrenummeret mitt er 402 713 tror jeg", "nb")
    assert (run.start, run.end, run.other_words) == (3, 5, 4)


@pytest.mark.parametrize(
    ("said", "language", "value"),
    [
        ("nittini komma femti", "nb", "99.50"),
        ("en komma null fem", "nb", "1.05"),
        ("tre komma to fem", "nb", "3.25"),
        ("halvannen", "nb", "1.5"),
        ("to og et halvt tusen", "nb", "2500"),
        ("ein og ein halv", "nn", "1.5"),
        ("en halv million", "nb", "500000"),
        ("et par hundre", "nb", "200"),
        ("femten hundre", "nb", "1500"),
        ("nitten hundre og åttifire", "nb", "1984"),
        ("trehundreogtjueto", "nb", "322"),
        ("hundre og femti tusen", "nb", "150000"),
        ("enogtyvende", "nb", "21"),
        ("minus fem", "nb", "-5"),
        ("1 499,50", "nb", "1499.50"),
        ("1.499,50", "nb", "1499.50"),
        ("1,499.50", "en", "1499.50"),
        ("1,200", "nb", "1.200"),
        ("12 tusen", "nb", "12000"),
        ("100K", "nb", "100000"),
        ("two and a half", "en", "2.5"),
        ("a hundred and five", "en", "105"),
        ("двадцять п'ять", "uk", "25"),
        ("два з половиною", "uk", "2.5"),
        ("півтори тисячі", "uk", "1500"),
        ("сорок три кома нуль нуль сім", "uk", "43.007"),
        ("дванадцятитисячний", "uk", "12000"),
    ],
)
def test_a_number_in_words_or_figures(said, language, value):
    assert [found.value for found in numbers(said, language)] == [Decimal(value)]


def test_several_numbers_with_their_places():
    found = numbers("den tredje mars kom det 12 av 30 pakker", "nb")
    assert [(int(each.value), each.start, each.end, each.ordinal) for each in found] == [
        (3, 1, 2, True),
        (12, 5, 6, False),
        (30, 7, 8, False),
    ]
