"""What a bot's callers will notice some day is told before they do."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from dialog import check_bot, load_bot
from dialog.debt import content_debt
from dialog.errors import Fault
from dialog.scripts import read_scripts
from tests.dialog.conftest import TODAY
from tests.dialog.test_bot_folder import ARTICLE, BOT, the_fault, write

OTHER = """\
---
title: {nb: Retur, en: Returns}
questions:
  nb: ["Kan jeg sende den tilbake?"]
  en: ["Can I send it back?"]
---
## nb
Ja.
## en
Yes.
"""
FLOW = """\
version: 1
title: {nb: sporing, en: tracking}
starts:
  nb: ["Spor pakken min", "Jeg vil spore noe", "Sporing"]
  en: ["Track my parcel", "I want to track something", "Tracking"]
steps:
  - say: {nb: Den er her., en: It is here.}
"""
TRIES = "- name: one\n  turns: [{caller: Hei, bot: {article: frakt}}, {caller: Hei, bot: {article: retur}}]\n"


def owed(folder: Path, **others: object) -> tuple[Fault, ...]:
    """The debt of a folder, which has no other faults."""
    bot, faults = load_bot(folder, TODAY), list[Fault]()
    scripts = read_scripts(folder, bot, faults)
    assert faults == []
    found = content_debt(bot, scripts, folder, **others)  # type: ignore[arg-type]
    assert all(fault.warning for fault in found)
    return found


def with_file(folder: Path, name: str, text: str) -> Path:
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two articles and a script that tries both."""
    return with_file(write(tmp_path, frakt=ARTICLE, retur=OTHER), "tests/all.yaml", TRIES)


def test_nothing_is_owed_by_a_bot_that_is_whole(folder: Path):
    assert owed(folder) == ()


@pytest.mark.parametrize(
    ("asked", "same"),
    [
        ("Når kommer pakken da?", True),
        ("når kommer pakkene", True),
        ("Når kommer regningen?", False),
        ("Når går pakken?", False),
        ("Kommer det en pakke når jeg har betalt?", False),
    ],
)
def test_two_topics_that_are_asked_for_alike_are_told_with_the_line(folder: Path, asked: str, same: bool):
    with_file(folder, "knowledge/retur.md", OTHER.replace("Kan jeg sende den tilbake?", asked))
    found = [fault for fault in owed(folder) if "nearly the same" in fault.what]
    assert [(fault.file, fault.line) for fault in found] == ([("knowledge/retur.md", 4)] if same else [])


def test_the_very_same_question_in_two_articles_is_told_once_where_they_are_read(folder: Path):
    with_file(folder, "knowledge/retur.md", OTHER.replace("Kan jeg sende den tilbake?", "Når kommer pakken?"))
    assert the_fault(check_bot(folder, TODAY), "is also in knowledge/frakt.md").warning
    assert owed(folder) == ()


def test_a_flow_and_an_article_that_are_asked_for_alike_are_told_unless_the_flow_takes_its_place(folder: Path):
    with_file(folder, "tests/flow.yaml", "- {name: two, turns: [{caller: Hei, bot: {flow: sporing}}]}\n")
    alike = FLOW.replace("Spor pakken min", "Hvor er pakken?")
    with_file(folder, "flows/sporing.yaml", alike)
    assert the_fault(owed(folder), "nearly the same").file == "knowledge/frakt.md"
    with_file(folder, "flows/sporing.yaml", alike + "articles: [frakt]\n")
    assert owed(folder) == ()


class Meaning:
    """Stands in for the embedder: questions about sending back mean one thing, all others something of their own."""

    def cached(self, questions: Sequence[str], passages: Sequence[str], folder: Path | None) -> npt.NDArray[np.float32]:
        rows = np.eye(len(questions), 8, dtype=np.float32)
        rows[[place for place, text in enumerate(questions) if "tilbake" in text or "returner" in text]] = np.eye(8)[7]
        return rows


def test_the_same_question_in_other_words_is_found_by_its_meaning(folder: Path):
    with_file(folder, "knowledge/frakt.md", ARTICLE.replace("Hvor er pakken?", "Hvordan returnerer jeg noe?"))
    assert owed(folder) == ()
    fault = the_fault(owed(folder, embedder=Meaning()), "nearly the same")
    assert (fault.file, fault.line) == ("knowledge/retur.md", 4)


def test_a_language_that_not_everything_is_in_is_told_once(folder: Path):
    with_file(folder, "bot.yaml", BOT.replace("[nb, en]", "[nb, en]\nrequired: [nb]"))
    for name, text in (("frakt", ARTICLE), ("retur", OTHER)):
        with_file(folder, f"knowledge/{name}.md", text.split("## en")[0].replace("en: [", "en: ["))
    found = owed(folder)
    assert [fault.what for fault in found] == ["2 of 2 articles have no answer in en: frakt, retur"]


def test_an_answer_that_nobody_can_ask_for_in_its_language_is_told(folder: Path):
    with_file(folder, "bot.yaml", BOT.replace("[nb, en]", "[nb, en]\nrequired: [nb]"))
    with_file(folder, "knowledge/retur.md", OTHER.replace('  en: ["Can I send it back?"]\n', ""))
    assert the_fault(owed(folder), "no example questions in en").file == "knowledge/retur.md"


def test_what_a_flow_says_too_long_is_told_with_the_line(folder: Path):
    with_file(folder, "tests/flow.yaml", "- {name: two, turns: [{caller: Hei, bot: {flow: sporing}}]}\n")
    with_file(folder, "flows/sporing.yaml", FLOW.replace("It is here.", "It is here. " * 12))
    fault = the_fault(owed(folder), "seconds to say in en")
    assert (fault.file, fault.line) == ("flows/sporing.yaml", 7)


def test_a_department_that_never_answers_is_told(folder: Path):
    closed = BOT.replace("default: true}", 'default: true, hours: {weekly: {mon-sun: "closed"}}}')
    with_file(folder, "bot.yaml", closed)
    assert the_fault(owed(folder), "never open").line == 9
    with_file(folder, "bot.yaml", closed.replace("default: true,", 'default: true, out_of_hours: "+442079460202",'))
    assert owed(folder) == ()


def test_what_no_script_tries_is_told(folder: Path):
    with_file(folder, "flows/sporing.yaml", FLOW)
    with_file(folder, "tests/all.yaml", TRIES.replace("article: retur", "says: Ja"))
    assert [fault.what for fault in owed(folder)] == [
        "no script tries 1 article(s): retur",
        "no script tries 1 flow(s): sporing",
    ]
    (folder / "tests" / "all.yaml").unlink()
    assert "there are no scripts" in owed(folder)[0].what
