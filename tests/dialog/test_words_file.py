"""words.yaml: what is read, and what is said of what cannot be."""

import pytest

from dialog.errors import Fault
from dialog.own_words import SensitiveTopic, Words
from dialog.words_file import read_words

LANGUAGES = ("nb", "en")
WHOLE = """\
version: 1
names: [Nordlys, Lysbryter]
pronounce:
  Nordlys: {nb: noorlys}
  kWh: {nb: kilowattimer, en: kilowatt hours}
anger:
  nb: [strømran*, "svarer/tar ... telefonen"]
innocent:
  nb: [sinnsykt bra]
sensitive:
  bereavement:
    words: {nb: [dødsfall], en: [passed away]}
    department: customer_service
    say: {nb: Kondolerer., en: I am sorry for your loss.}
"""


def read(text: str) -> tuple[Words, list[Fault]]:
    """The values and the faults of a file."""
    faults: list[Fault] = []
    return read_words(text, LANGUAGES, ["customer_service"], faults), faults


def test_the_whole_file_is_read() -> None:
    words, faults = read(WHOLE)
    topic = SensitiveTopic(
        "bereavement",
        {"nb": ("dødsfall",), "en": ("passed away",)},
        "customer_service",
        {"nb": "Kondolerer.", "en": "I am sorry for your loss."},
    )
    assert not faults
    assert words == Words(
        names=("Nordlys", "Lysbryter"),
        pronunciations={"Nordlys": {"nb": "noorlys"}, "kWh": {"nb": "kilowattimer", "en": "kilowatt hours"}},
        anger={"nb": ("strømran*", "svarer/tar ... telefonen")},
        innocent={"nb": ("sinnsykt bra",)},
        sensitive=(topic,),
    )


@pytest.mark.parametrize(
    ("text", "line", "named", "cure"),
    [
        ("names: [Nordlys]\n", 1, "`version` is missing", "version: 1"),
        ("version: 7\n", 1, "`version` is not known", "version: 1"),
        ("version: 1\nangry:\n  nb: [fy]\n", 2, "`angry`", "did you mean `anger`?"),
        ("version: 1\nanger:\n  nb: [fy]\n", 3, "`fy` is too short", "three letters"),
        ("version: 1\nanger:\n  nb: ['*** ...']\n", 3, "`*** ...` is too short", "three letters"),
        ("version: 1\nanger:\n  uk: [жахливо]\n", 3, "`uk` is not one of the bot's languages", "remove it here"),
        (
            "version: 1\nsensitive:\n  death:\n    department: customer_service\n",
            3,
            "`words` is missing",
            "per language",
        ),
        (
            "version: 1\nsensitive:\n  death:\n    words: {nb: [dødsfall]}\n    department: sales\n",
            5,
            "no department `sales`",
            "customer_service",
        ),
        ("version: 1\npronounce: {kWh: {no: x}}\n", 2, "true or false", "quotes"),
    ],
)
def test_a_fault_names_its_line_and_its_cure(text: str, line: int, named: str, cure: str) -> None:
    faults = read(text)[1]
    assert len(faults) == 1
    assert faults[0].line == line
    assert named in faults[0].what
    assert cure in faults[0].cure


@pytest.mark.parametrize(
    ("text", "language", "said"),
    [
        ("Nordlys selger strøm", "nb", "noorlys selger strøm"),
        ("Nordlys sells power", "en", "Nordlys sells power"),
        ("Nordlyset er fint", "nb", "Nordlyset er fint"),
        ("100 kWh fra Nordlys.", "nb", "100 kilowattimer fra noorlys."),
        ("skriv til {post@Nordlys.example|email}", "nb", "skriv til {post@Nordlys.example|email}"),
    ],
)
def test_written_words_become_spoken_ones_but_not_inside_marked_values(text: str, language: str, said: str) -> None:
    words = Words(pronunciations={"Nordlys": {"nb": "noorlys"}, "kWh": {"nb": "kilowattimer"}})
    assert words.pronounced(text, language) == said
