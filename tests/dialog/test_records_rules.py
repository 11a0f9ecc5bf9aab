"""What a company says about keeping and recording is checked where it is written, and against what callers hear."""

from pathlib import Path

import pytest

from dialog import load_bot
from dialog.errors import Fault
from dialog.records_rules import USUAL_DAYS, RecordsRules
from dialog.settings import Settings, read_settings

BOT = """\
version: 1
name: Prøve
languages: [nb, en]
required: [nb]
greeting: {nb: Hei!, en: Hello!}
disclosure: {nb: Jeg er en robot., en: I am a bot.}
privacy: {nb: "NB", en: "EN"}
"""
NORDLYS = Path(__file__).parents[2] / "bots" / "nordlys"


def read(more: str = "", nb: str = "Teksten lagres.", en: str = "Text is kept.") -> tuple[Settings, list[Fault]]:
    """Settings and faults; the bot has no department, which is warned of and not looked at here."""
    faults: list[Fault] = []
    settings = read_settings("bot.yaml", BOT.replace("NB", nb).replace("EN", en) + more, faults)
    return settings, [fault for fault in faults if "departments" not in fault.what]


def test_without_a_word_words_are_kept_redacted_for_the_usual_days_and_nothing_is_recorded():
    settings, faults = read()
    assert faults == []
    assert settings.records == RecordsRules(keep="redacted", days=USUAL_DAYS, recording=None)


def test_what_is_written_is_taken_and_the_rest_is_as_usual():
    settings, faults = read(
        "records: {keep: facts, days: {conversations: 30}, controller: Prøve AS, page: https://prove.example/p}\n"
    )
    assert faults == []
    rules = settings.records
    assert (rules.keep, rules.controller, rules.page) == ("facts", "Prøve AS", "https://prove.example/p")
    assert rules.days == {**USUAL_DAYS, "conversations": 30}


def test_recording_has_its_purpose_its_version_and_its_days():
    settings, faults = read('recording: {purpose: {nb: opplæring, en: training}, version: "2", days: 7}\n')
    assert faults == []
    assert settings.records.recording is not None
    assert settings.records.recording.version == "2"
    assert settings.records.days["recordings"] == 7


@pytest.mark.parametrize(
    ("more", "line", "what", "cure"),
    [
        ("records: {keep: all}\n", 8, "keep is all", "redacted, facts, nothing"),
        ("records:\n  days: {conversation: 3}\n", 9, "`conversation` is not a key", "`conversations`"),
        ("records:\n  days:\n    identity: 0\n", 10, "identity is 0", "1 to 3650"),
        ("records: {days: {callbacks: 1.5}}\n", 8, "1.5", "whole days"),
        ("records: {page: prove.no}\n", 8, "not a web address", "https://"),
        ('recording: {version: "1"}\n', 8, "no purpose", "consent without a purpose"),
        ("recording: {purpose: {nb: a, en: b}}\n", 8, "no version", 'version: "1"'),
        ('recording: {purpose: {en: b}, version: "1"}\n', 8, "no text in nb", "add `nb:`"),
        (
            'records: {keep: nothing}\nrecording: {purpose: {nb: a, en: b}, version: "1"}\n',
            9,
            "not kept",
            "keep: redacted",
        ),
    ],
)
def test_each_fault_is_told_with_its_line_and_its_cure(more: str, line: int, what: str, cure: str):
    _, (fault,) = read(more)
    assert (fault.line, fault.warning) == (line, False)
    assert what in fault.what
    assert cure in fault.cure


RECORDING = 'recording: {purpose: {nb: a, en: b}, version: "1"}\n'


@pytest.mark.parametrize(
    ("more", "nb", "en", "told"),
    [
        (RECORDING, "Samtalen tas ikke opp.", "Text is kept.", "not recorded"),
        (RECORDING, "Samtalen blir ikke tatt opp.", "Text is kept.", "not recorded"),
        (RECORDING, "Teksten lagres.", "We do not record calls.", "not recorded"),
        ("", "Vi lagrer ingenting.", "Text is kept.", "nothing is kept"),
        ("", "Teksten lagres.", "Nothing is stored.", "nothing is kept"),
        ("records: {days: {conversations: 60}}\n", "Teksten lagres i 90 dager.", "Kept for 60 days.", "number of days"),
        ("records: {days: {conversations: 60}}\n", "Lagres i {90|number} dager.", "Kept.", "number of days"),
    ],
)
def test_a_sentence_to_callers_that_is_not_what_the_rules_do_is_warned_of(more: str, nb: str, en: str, told: str):
    _, (fault,) = read(more, nb, en)
    assert fault.warning
    assert (fault.line, "`privacy` in" in fault.what) == (7, True)
    assert told in fault.what


@pytest.mark.parametrize(
    ("more", "nb"),
    [
        ("", "Samtalen tas ikke opp."),
        ("records: {keep: nothing}\n", "Vi lagrer ingenting."),
        (RECORDING, "Vi tar opp samtalen bare hvis du sier ja."),
        ("records: {days: {conversations: 60}}\n", "Teksten lagres i 60 dager."),
    ],
)
def test_a_sentence_that_is_true_is_left_alone(more: str, nb: str):
    assert read(more, nb)[1] == []


def test_what_nordlys_tells_its_callers_is_what_it_does():
    rules = load_bot(NORDLYS).records
    assert (rules.keep, rules.recording) == ("redacted", None)
    assert all("90" in text for text in load_bot(NORDLYS).privacy.values())
    assert rules.days["conversations"] == 90
