"""Marked values for eyes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speech.spoken_forms import display
from speech.spoken_forms.languages import LANGUAGES


@pytest.mark.parametrize(
    ("language", "marked", "shown"),
    [
        ("nb", "{499.50|nok}", "499,50 kr"),
        ("nb", "{499.5|nok}", "499,50 kr"),
        ("nb", "{12345|nok}", "12 345 kr"),
        ("nn", "{1500|nok}", "1500 kr"),
        ("en", "{1499.50|nok}", "NOK 1,499.50"),
        ("uk", "{499.50|uah}", "499,50 UAH"),
        ("nb", "{92243711|phone}", "92 24 37 11"),
        ("nb", "{+4792243711|phone}", "+47 92 24 37 11"),
        ("nb", "{80012345|phone}", "800 12 345"),
        ("uk", "{+380441234567|phone}", "+380 44 123 45 67"),
        ("nb", "{2026-12-24|date}", "24. desember 2026"),
        ("en", "{2026-12-24|date}", "24 December 2026"),
        ("uk", "{2026-12-24|date}", "24 грудня 2026"),
        ("nb", "{2026-11-26|day}", "torsdag 26. november"),
        ("nn", "{2026-11-28|day}", "laurdag 28. november"),
        ("nb", "{9:05|time}", "09:05"),
        ("nb", "{2026-11-26T09:05|datetime}", "26. november 2026, 09:05"),
        ("nb", "{987654321|orgnr}", "987 654 321"),
        ("nb", "{12345678903|account}", "1234 56 78903"),
        ("nb", "{12.5|percent}", "12,5 %"),
        ("en", "{12.5|percent}", "12.5%"),
        ("nb", "{10245|kwh}", "10 245 kWh"),
        ("nb", "{3|ordinal}", "3."),
        ("en", "{22|ordinal}", "22nd"),
        ("en", "{12|ordinal}", "12th"),
        ("uk", "{3|ordinal}", "3-й"),
        ("nb", "{AB1234|id}", "AB1234"),
        ("nb", "{post@nordlys.example|email}", "post@nordlys.example"),
        ("nb", "{i morgen|date}", "i morgen"),
        ("nb", "Det koster 499 kr.", "Det koster 499 kr."),
    ],
)
def test_marks_become_what_people_write(language: str, marked: str, shown: str) -> None:
    assert display(marked, language) == shown


@given(st.text(), st.text(max_size=9), st.sampled_from([*LANGUAGES, "xx"]))
def test_no_text_crashes(value: str, kind: str, language: str) -> None:
    display(f"{value} {{{value}|{kind}}}", language)


@given(st.text(alphabet=st.characters(exclude_characters="{}|")), st.sampled_from(LANGUAGES))
def test_text_without_marks_stays(text: str, language: str) -> None:
    assert display(text, language) == text
