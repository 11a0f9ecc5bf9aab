"""A folder of an older format is brought to today's by edits that leave everything else as it was."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dialog import check_bot
from dialog.migration import Edit, Migration, MigrationFailed, edited, files_of, migrate, parsed, rename_keys
from tests.dialog.conftest import LYSVERKET, TODAY
from voicebot.cli import main

OLD_BOT = """\
# Who we are.

name: Verk   # the short name
languages: [no, en]   # as they were called
required: [no]
greeting:
    no: Hei.
    en: Hello.
disclosure: {no: Jeg er en robot., en: I am a bot.}
privacy: { "no": Ikke opptak., en: Not recorded. }
departments:
  desk: {name: {no: kundeservice, en: customer service}, number: "+442079460201"}
"""
NEW_BOT = """\
# Who we are.

version: 1
name: Verk   # the short name
languages: [nb, en]   # as they were called
required: [nb]
greeting:
    nb: Hei.
    en: Hello.
disclosure: {nb: Jeg er en robot., en: I am a bot.}
privacy: { nb: Ikke opptak., en: Not recorded. }
departments:
  desk: {name: {nb: kundeservice, en: customer service}, number: "+442079460201"}
"""
OLD_ARTICLE = """\
---
title: {no: Frakt, en: Delivery}   # no: stays
questions:
  no: ["Når kommer den? no: ja"]
  en: ["When does it come?"]
---
## no
Den kommer, no: snart.
## en
It comes soon.
"""
NEW_ARTICLE = """\
---
title: {nb: Frakt, en: Delivery}   # no: stays
questions:
  nb: ["Når kommer den? no: ja"]
  en: ["When does it come?"]
---
## nb
Den kommer, no: snart.
## en
It comes soon.
"""
OLD_FLOW = """\
title: {no: ordre, en: order}
starts: {no: [Jeg vil bestille], en: [I want to order]}
steps:
  - confirm: {no: "Er du sikker?", en: "Are you sure?"}   # a question
    yes: [{say: {no: Fint., en: Fine.}}]
    no: [end]
"""
NEW_FLOW = """\
version: 1
title: {nb: ordre, en: order}
starts: {nb: [Jeg vil bestille], en: [I want to order]}
steps:
  - confirm: {nb: "Er du sikker?", en: "Are you sure?"}   # a question
    yes: [{say: {nb: Fint., en: Fine.}}]
    no: [end]
"""
OLD = {"bot.yaml": OLD_BOT, "knowledge/frakt.md": OLD_ARTICLE, "flows/order.yaml": OLD_FLOW}
NEW = {"bot.yaml": NEW_BOT, "knowledge/frakt.md": NEW_ARTICLE, "flows/order.yaml": NEW_FLOW}


def test_only_what_must_change_changes():
    assert migrate(OLD).texts == NEW
    assert migrate(NEW).texts == {}
    assert migrate(NEW).done == ()


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_line_ends_and_a_byte_order_mark_stay(line_end: str):
    old = {name: text.replace("\n", line_end) for name, text in OLD.items()} | {"words.yaml": "\ufeffnames: [Verk]\n"}
    new = {name: text.replace("\n", line_end) for name, text in NEW.items()}
    assert migrate(old).texts == new | {"words.yaml": "\ufeffversion: 1\nnames: [Verk]\n"}


def test_todays_bots_are_left_alone():
    assert migrate(files_of(LYSVERKET)).texts == {}


@pytest.mark.parametrize(
    ("text", "words"),
    [("name: [x", "is not YAML"), ("version: 9\nname: x", "version 9"), ("version: new", "is no number")],
)
def test_what_cannot_be_migrated_is_told_with_its_file(text: str, words: str):
    with pytest.raises(MigrationFailed, match=words) as raised:
        migrate({"bot.yaml": text})
    assert "bot.yaml" in str(raised.value)


def second(file: str, text: str) -> Sequence[Edit]:
    """A version 2 that calls the greeting a welcome."""
    root = parsed(file, text) if file == "bot.yaml" else None
    return [] if root is None else list(rename_keys(root, lambda key, _: "welcome" if key == "greeting" else None))


def test_a_folder_goes_through_every_version_in_between():
    from dialog.migration import MIGRATIONS

    after = migrate(OLD, [*MIGRATIONS, Migration(2, "the greeting is a welcome", second)])
    expected = NEW_BOT.replace("version: 1", "version: 2").replace("greeting:", "welcome:")
    assert after.texts["bot.yaml"] == expected
    assert after.texts["flows/order.yaml"] == NEW_FLOW.replace("version: 1", "version: 2")
    assert [line.split(":")[0] for line in after.done] == ["version 1", "version 2"]
    again = migrate({**NEW}, [*MIGRATIONS, Migration(2, "the greeting is a welcome", second)])
    assert again.texts["bot.yaml"] == expected
    assert "knowledge/frakt.md" not in again.texts


@given(st.text(max_size=60), st.data())
def test_edits_change_their_own_characters_and_no_others(text: str, data: st.DataObject):
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=6)))
    spans = list(zip(cuts[::2], cuts[1::2], strict=False))
    edits = data.draw(st.permutations([Edit(start, end, f"<{start}>") for start, end in spans]))
    expected, at = "", 0
    for start, end in spans:
        expected += text[at:start] + f"<{start}>"
        at = end
    assert edited(text, edits) == expected + text[at:]


PIECES = (
    "no: ", "version: ", "en: ", "languages: [no]", "\n", "  ", "- ", "a", "1", "{", "}", "[", "]", ", ", "&x ", "*x",
    "---\n", "## no\n", "# c", '"', "'", "\t", "|", ":", "\ufeff",
)  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
@example("a: &x {no: a}\nb: *x\n")
@example("a: &x [*x]\n")
@example("[" * 3000)
@settings(deadline=None)
def test_any_file_is_migrated_for_good_or_refused(text: str):
    try:
        once = {"bot.yaml": text, "knowledge/a.md": text}
        once |= migrate(once).texts
        twice = migrate(once).texts
    except MigrationFailed:
        return
    assert twice == {}


def test_edits_that_overlap_are_refused():
    with pytest.raises(ValueError, match="overlap"):
        edited("abcdef", [Edit(0, 3, "x"), Edit(2, 4, "y")])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of the older format."""
    for name, text in OLD.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_the_command_shows_and_then_changes(folder: Path, capsys: pytest.CaptureFixture[str]):
    assert any(not fault.warning for fault in check_bot(folder, TODAY))
    assert main(["migrate", "--dry-run", str(folder)]) == 0
    assert "+languages: [nb, en]   # as they were called\n" in capsys.readouterr().out
    assert files_of(folder) == {name: OLD[name] for name in files_of(folder)}
    assert main(["migrate", str(folder)]) == 0
    assert "changed knowledge/frakt.md" in capsys.readouterr().out
    assert files_of(folder) == {name: NEW[name] for name in files_of(folder)}
    assert [str(fault) for fault in check_bot(folder, TODAY) if not fault.warning] == []
    assert main(["migrate", str(folder)]) == 0
    assert "nothing to change" in capsys.readouterr().out
    assert sorted(path.name for path in folder.rglob("*") if path.is_file()) == ["bot.yaml", "frakt.md", "order.yaml"]


def test_a_folder_that_is_no_bot_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["migrate", str(tmp_path)]) == 2
    assert "has no bot.yaml" in capsys.readouterr().err
