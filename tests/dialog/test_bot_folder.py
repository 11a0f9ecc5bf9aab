"""A bot folder is read whole: every fault is told at once, with its place, in plain words."""

from datetime import date
from pathlib import Path

import pytest

from dialog import check_bot, load_bot
from dialog.errors import BotInvalid, Fault
from tests.dialog.conftest import LYSVERKET, TODAY

BOT = """\
version: 1
name: Verk
languages: [nb, en]
greeting: {nb: Hei., en: Hello.}
disclosure: {nb: Jeg er en robot., en: I am a bot.}
privacy: {nb: Ikke opptak., en: Not recorded.}
hours: {timezone: Europe/Oslo, weekly: {mon-fri: "08:00-16:00"}}
departments:
  desk: {name: {nb: kundeservice, en: customer service}, number: "+442079460201", default: true}
"""
ARTICLE = """\
---
title: {nb: Frakt, en: Delivery}
questions:
  nb: ["Når kommer pakken?", "Hvor er pakken?"]
  en: ["When does it come?", "Where is my parcel?"]
---
## nb
Den kommer snart.
## en
It comes soon.
"""


def write(folder: Path, bot: str | bytes | None = BOT, **articles: str | bytes) -> Path:
    """A bot folder with these files; an article's name is its keyword."""
    (folder / "knowledge").mkdir(parents=True, exist_ok=True)
    files = {f"knowledge/{name}.md": text for name, text in (articles or {"frakt": ARTICLE}).items()}
    if bot is not None:
        files["bot.yaml"] = bot
    for name, text in files.items():
        (folder / name).write_bytes(text.encode() if isinstance(text, str) else text)
    return folder


def the_fault(faults: tuple[Fault, ...], words: str) -> Fault:
    """The one fault whose text has these words."""
    found = [fault for fault in faults if words in fault.what or words in fault.cure]
    assert len(found) == 1, [str(fault) for fault in faults]
    return found[0]


def test_a_good_folder_has_no_faults_and_becomes_a_bot(tmp_path: Path):
    assert check_bot(write(tmp_path), TODAY) == ()
    bot = load_bot(tmp_path, TODAY)
    assert bot.languages == ("nb", "en")
    assert bot.articles[0].id == "frakt"
    assert bot.articles[0].answers == {"nb": "Den kommer snart.", "en": "It comes soon."}
    assert bot.default_department is not None
    assert bot.default_department.number == "+442079460201"


def test_the_version_of_the_content_changes_with_any_word_and_with_nothing_else(tmp_path: Path):
    first = load_bot(write(tmp_path / "a"), TODAY).content_version
    assert load_bot(write(tmp_path / "b"), TODAY).content_version == first
    changed = write(tmp_path / "c", frakt=ARTICLE.replace("snart", "straks"))
    assert load_bot(changed, TODAY).content_version != first


def test_windows_line_ends_and_a_byte_order_mark_are_no_fault(tmp_path: Path):
    folder = write(tmp_path, BOT.replace("\n", "\r\n"), frakt=b"\xef\xbb\xbf" + ARTICLE.replace("\n", "\r\n").encode())
    assert check_bot(folder, TODAY) == ()


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("version: 1", "version: 7", 1, "`version` is 7"),
        ("name: Verk", "nmae: Verk", 2, "did you mean `name`?"),
        ("name: Verk", "name: Verk\nname: Igjen", 3, "`name` is written twice (first in line 2)"),
        ("[nb, en]", "[nb, de, en]", 3, "de is not a language here"),
        ("[nb, en]", "[no, en]", 3, "write nb (bokmål) or nn (nynorsk)"),
        ("{nb: Hei., en: Hello.}", "{nb: NO, en: Hello.}", 4, "YAML reads NO as true or false"),
        ("{nb: Hei., en: Hello.}", "{nb: Hei.}", 4, "`greeting` has no text in en"),
        ("{nb: Hei., en: Hello.}", "{nb: Hei., en: Hello., fr: Salut}", 4, "`fr` is not one of the bot's languages"),
        ("{nb: Hei., en: Hello.}", "{nb: [Hei.], en: Hello.}", 4, "must be one text"),
        ("en: I am a bot.", "en: ''", 5, "`disclosure` in en is empty"),
        ("en: Not recorded.", "en: 'Not {recorded}.'", 6, "{recorded} is no value marked with its kind"),
        ("en: Not recorded.", "en: 'Not {now|tmie}.'", 6, "tmie is not a kind"),
        ("en: Not recorded.", "en: 'Not {now.'", 6, "a brace that is opened and not closed"),
        ("Europe/Oslo", "Europe/Olso", 7, "there is no time zone Europe/Olso"),
        ("mon-fri:", "mon-fir:", 7, '"fir" is not a day of the week'),
        ('"08:00-16:00"', "8-25", 7, '"25" is not a time of day'),
        ('"08:00-16:00"', '"08:00-12:00, 11:00-13:00"', 7, "overlap"),
        ("timezone: Europe/Oslo,", "timezone: Europe/Oslo, holidays: NO,", 7, 'write "NO" in quotes'),
        ("timezone: Europe/Oslo,", "timezone: Europe/Oslo, holidays: XX,", 7, "no public holidays are known for XX"),
        ("timezone: Europe/Oslo,", "timezone: Europe/Oslo, closed: [24.12.2026],", 7, "24.12.2026 is not a date"),
        ('"+442079460201"', "22334455", 9, "is not a telephone number with its country"),
        (', number: "+442079460201"', "", 9, "department desk has no number"),
        ("{nb: kundeservice, en: customer service}", "{nb: kundeservice}", 9, "has no name in en"),
        ("default: true", "default: maybe", 9, "must be true or false"),
        ("version: 1", "version: 1\nvoices: {de: piper-de}", 2, "`de` is not one of the bot's languages"),
        ("version: 1", "version: 1\nlimits: {call_secs: 60}", 2, "did you mean `call_seconds`?"),
        ("version: 1", "version: 1\nlimits: {call_seconds: soon}", 2, "must be a number"),
        ("version: 1", "version: 1\nthresholds: {answer: 0.2, choice: 0.4}", 2, "choice (0.4) is above answer (0.2)"),
        ("version: 1", "version: 1\nwording: {no_inptu: {nb: Hallo}}", 2, "did you mean `no_input`?"),
        ("version: 1", "version: 1\nwording: {handoff: {nb: 'Til {avdeling}.'}}", 2, "places here: {department}"),
        ("version: 1", "version: 1\nwording: {opening_weekday: {nb: en dag}}", 2, "needs seven texts"),
        ("name: Verk", "name: Verk: Lys", 2, "a colon inside a text"),
        ("name: Verk", "name: [Verk", 3, "this is not YAML"),
        ("name: Verk", "name: Verk\n\tx: 1", 3, "use spaces, not tabs"),
    ],
)
def test_a_fault_of_bot_yaml_is_told_with_its_line(tmp_path: Path, old: str, new: str, line: int, words: str):
    assert old in BOT
    fault = the_fault(check_bot(write(tmp_path, BOT.replace(old, new)), TODAY), words)
    assert (fault.file, fault.line, fault.warning) == ("bot.yaml", line, False)


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("title: {nb: Frakt, en: Delivery}", "titel: {nb: Frakt, en: Delivery}", 2, "did you mean `title`?"),
        ("title: {nb: Frakt, en: Delivery}", "title: {nb: Frakt}", 2, "the article has no title in en"),
        ("## en\nIt comes soon.\n", "", None, "the article has no answer in en"),
        ("It comes soon.", "", 9, "the answer in en is empty"),
        ("## en", "## de", 9, "the heading `## de` is not one of the bot's languages"),
        ("## en", "## nb", 9, "there are two answers in nb"),
        ("It comes soon.", "It costs {59|kr}.", 9, "kr is not a kind"),
        ("---\n## nb", "---\nHei.\n## nb", 7, "text before the first `## language` heading"),
        ("---\n## nb", "review: 2027-02-30\n---\n## nb", 6, "2027-02-30 is not a date"),
        ("---\n## nb", "link: nordlys\n---\n## nb", 6, "nordlys is not a web address"),
        ('["When does it come?", "Where', "[When does it come?, Where", 5, "a question mark inside [ ] or { }"),
        ("---\ntitle", "title", 1, "the article does not begin with a line ---"),
        ("---\n## nb", "## nb", 1, "the first --- is never closed"),
    ],
)
def test_a_fault_of_an_article_is_told_with_its_line(tmp_path: Path, old: str, new: str, line: int | None, words: str):
    assert old in ARTICLE
    fault = the_fault(check_bot(write(tmp_path, frakt=ARTICLE.replace(old, new, 1)), TODAY), words)
    assert (fault.file, fault.line, fault.warning) == ("knowledge/frakt.md", line, False)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('  en: ["When does it come?", "Where is my parcel?"]\n', "", "no example questions in en"),
        ("---\n## nb", "review: 2026-11-22\n---\n## nb", "should have been read again by 2026-11-22"),
        ("It comes soon.", "It comes soon. " * 12, "the answer in en takes about 16 seconds to say"),
        ("It comes soon.", "- It comes\n- soon", "marks that cannot be heard"),
    ],
)
def test_what_a_bot_can_live_with_is_a_warning(tmp_path: Path, old: str, new: str, words: str):
    folder = write(tmp_path, frakt=ARTICLE.replace(old, new, 1))
    assert the_fault(check_bot(folder, TODAY), words).warning
    load_bot(folder, TODAY)


def test_a_review_date_is_passed_from_the_day_after(tmp_path: Path):
    folder = write(tmp_path, frakt=ARTICLE.replace("---\n## nb", "review: 2026-11-23\n---\n## nb"))
    assert check_bot(folder, date(2026, 11, 23)) == ()
    assert len(check_bot(folder, date(2026, 11, 24))) == 1


def test_twins_are_found_across_articles(tmp_path: Path):
    faults = check_bot(write(tmp_path, frakt=ARTICLE, levering=ARTICLE), TODAY)
    titles = [fault for fault in faults if "the title" in fault.what]
    questions = [fault for fault in faults if "the question" in fault.what]
    assert [fault.warning for fault in titles] == [False, False]
    assert [fault.warning for fault in questions] == [True] * 4
    assert all(fault.file == "knowledge/levering.md" for fault in faults)


def test_all_faults_of_all_files_come_at_once(tmp_path: Path):
    folder = write(
        tmp_path,
        BOT.replace("name: Verk", "nam: Verk").replace("Europe/Oslo", "Oslo"),
        a=ARTICLE.replace("## en\nIt comes soon.\n", ""),
        b=b"---\ntitle: \xe6\n---\n",
        c="",
    )
    with pytest.raises(BotInvalid) as raised:
        load_bot(folder, TODAY)
    assert raised.value.faults == check_bot(folder, TODAY)
    assert {fault.file for fault in raised.value.faults} == {
        "bot.yaml",
        "knowledge/a.md",
        "knowledge/b.md",
        "knowledge/c.md",
    }
    assert the_fault(raised.value.faults, "this file is not UTF-8").line == 2
    assert "knowledge/b.md:2: error: this file is not UTF-8" in str(raised.value)


def test_a_folder_that_is_none_is_said_to_be_so(tmp_path: Path):
    assert "does not exist" in check_bot(tmp_path / "nowhere", TODAY)[0].what
    assert "bot.yaml is missing" in check_bot(tmp_path, TODAY)[0].what
    (tmp_path / "file").write_text("x")
    assert "is a file, not a folder" in check_bot(tmp_path / "file", TODAY)[0].what
    assert "bot.yaml is empty" in check_bot(write(tmp_path / "b", ""), TODAY)[0].what


@pytest.mark.parametrize(
    "text", ["just words", "- a\n- b", "{{{{{{", "a: &x [*x]", "\t a: b", "? [1]\n: x", "[" * 3000]
)
def test_no_yaml_crashes_the_check(tmp_path: Path, text: str):
    assert any(not fault.warning for fault in check_bot(write(tmp_path, text), TODAY))
    article = f"---\n{text}\n---\n## nb\nHei.\n## en\nHi.\n"
    assert any(not fault.warning for fault in check_bot(write(tmp_path, frakt=article), TODAY))


def test_a_department_without_hours_of_its_own_has_those_of_the_company():
    bot = load_bot(LYSVERKET, TODAY)
    desk, faults = bot.departments
    assert desk.hours == bot.hours
    assert faults.hours is not None
    assert bot.hours is not None
    assert faults.hours.weekly[6] == ((360, 1320),)
    assert (faults.hours.timezone, faults.hours.holidays) == (bot.hours.timezone, "NO")
