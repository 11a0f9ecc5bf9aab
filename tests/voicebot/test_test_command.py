"""`voicebot test`: scripts run as calls do, and what went wrong is shown so that it can be mended."""

import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest

import voicebot
from dialog import Engine, State, load_bot
from dialog.errors import Fault
from dialog.events import Act, ActionDone, ActionFailed, CallerSaid, Event, NotUnderstood, Reply
from dialog.script import Script
from dialog.scripts import read_scripts
from voicebot.cli import main
from voicebot.identity.provider import Proven
from voicebot.script_runner import ScriptRunner

TEMPLATE = Path(voicebot.__file__).parent / "template"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The bot that `voicebot new` makes, without its scripts."""
    shutil.copytree(TEMPLATE, tmp_path / "bot", ignore=shutil.ignore_patterns("tests", "__pycache__"))
    (tmp_path / "bot" / "tests").mkdir()
    return tmp_path / "bot"


def write(folder: Path, scripts: str) -> Path:
    (folder / "tests" / "some.yaml").write_text(scripts, encoding="utf-8")
    return folder


Output = Callable[[], str]


@pytest.fixture
def out(capsys: pytest.CaptureFixture[str]) -> Output:
    return lambda: capsys.readouterr().out


RIGHT = "- name: Right\n  turns:\n  - caller: Hvor fort leverer dere?\n    bot: {article: delivery}\n"
WRONG = """\
- name: Wrong
  turns:
  - caller: Hvor fort leverer dere?
    bot: {article: delivery}
  - caller: Hvordan returnerer jeg en vare?
    bot: {article: opening-hours, says: tretti dager, hands_off: true}
  - caller: Hei
"""


def test_what_went_wrong_is_shown_with_its_line_what_was_wanted_and_what_came(folder: Path, out: Output):
    assert main(["test", str(write(folder, RIGHT + WRONG))]) == 1
    lines = out().splitlines()
    assert lines[0].split() == ["ok", "Right"]
    assert lines[1].split() == ["wrong", "Wrong", "tests/some.yaml:9"]
    text = "\n".join(lines)
    assert "caller  Hvordan returnerer jeg en vare?" in text
    assert "- article   should be  opening-hours\n        +           but was    returns" in text
    assert "- hands_off should be  a person\n        +           but was    nobody" in text
    assert "says" not in text
    assert "1 of 2 scripts passed" in text


def test_what_no_script_reached_is_named(folder: Path, out: Output):
    assert main(["test", str(write(folder, RIGHT))]) == 0
    text = out()
    assert "articles reached: 1 of 3\n  never: opening-hours, returns\n" in text
    assert "flows reached: 0 of 1\n  never: order_status\n" in text


def test_only_some_are_run(folder: Path, out: Output):
    write(folder, RIGHT + WRONG)
    assert main(["test", str(folder), "--only", "rig*t"]) == 0
    text = out()
    assert "1 of 1 scripts passed" in text
    assert "never" not in text
    assert main(["test", str(folder), "--only", "some.yaml"]) == 1
    assert "1 of 2" in out()


def test_scripts_with_faults_and_folders_without_scripts_are_refused(folder: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["test", str(folder)]) == 2
    assert "there are no scripts" in capsys.readouterr().err
    assert main(["test", str(write(folder, RIGHT.replace("article: delivery", "article: delivrey")))]) == 2
    assert "tests/some.yaml:4: error: article: there is no delivrey -> did you mean `delivery`?" in (
        capsys.readouterr().err
    )
    assert main(["test", str(write(folder, RIGHT)), "--only", "nothing"]) == 2
    assert "there is no such script" in capsys.readouterr().err


def test_a_build_server_gets_a_report(folder: Path, tmp_path: Path, out: Output):
    assert main(["test", str(write(folder, RIGHT + WRONG)), "--junit", str(tmp_path / "report.xml")]) == 1
    suite = ElementTree.parse(tmp_path / "report.xml").getroot()[0]
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    right, wrong = suite
    assert (right.get("name"), right.get("classname"), list(right)) == ("Right", "tests/some", [])
    assert wrong[0].get("message") == ("line 9: article: returns, not opening-hours; hands_off: nobody, not a person")
    assert "Hvordan returnerer jeg en vare?" in (wrong[0].text or "")


ACTS = """\
- name: real
  turns:
  - {caller: Hvor er pakken min, bot: {asks: order}}
  - {caller: "402714", bot: {says: Ordren er pakket, flow: order_status, slot: {order: "402714"}}}
- name: scripted
  actions: {find_order: {status: sent, arrives: 2026-11-26}}
  turns:
  - {caller: Hvor er pakken min, bot: {asks: order}}
  - {keys: "402714#", bot: {says: [torsdag 26. november, "2026-11-26"]}}
- name: failing
  actions: {find_order: timeout}
  turns:
  - {caller: Hvor er pakken min, bot: {asks: order}}
  - {keys: "402714#", bot: {not_says: [pakket, sendt]}}
- name: over too early
  turns:
  - {caller: Jeg vil snakke med et menneske, bot: {hands_off: customer_service}}
  - caller: Hei
"""


def test_actions_are_done_unless_the_script_says_how_they_end(folder: Path, out: Output):
    assert main(["test", str(write(folder, ACTS))]) == 1
    text = out()
    for name in ("real", "scripted", "failing"):
        assert f"ok    {name}" in text, text
    assert "wrong over too early  tests/some.yaml:18" in text
    assert "the call was over with 1 turn(s) of the script left" in text


class Breaking:
    """A mind that breaks when a caller says a certain word."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.new_state = engine.new_state
        self.bot = engine.bot

    def respond(self, state: State, event: Event, now: datetime) -> tuple[State, Reply]:
        if isinstance(event, CallerSaid) and "banan" in event.text:
            raise RuntimeError("it broke")
        return self._engine.respond(state, event, now)


async def nothing(act: Act, proven: Proven | None = None) -> ActionDone | ActionFailed:
    return ActionFailed(act.ticket, "unavailable")


@pytest.fixture
def engine(folder: Path, embeddings: Path) -> Engine:
    return Engine(load_bot(folder), embeddings)


@pytest.fixture(scope="session")
def embeddings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("embeddings")


def scripts(folder: Path, engine: Engine, text: str) -> tuple[Script, ...]:
    faults: list[Fault] = []
    found = read_scripts(write(folder, text), engine.bot, faults)
    assert faults == []
    return found


async def test_a_script_that_breaks_the_program_fails_alone_and_says_where(folder: Path, engine: Engine):
    broken, right = scripts(folder, engine, "- name: broken\n  turns: [{caller: Hei}, {caller: banan}]\n" + RIGHT)
    runner = ScriptRunner(Breaking(engine), nothing)  # type: ignore[arg-type]
    result = await runner.run(broken)
    assert not result.passed
    assert result.fault.startswith("RuntimeError: it broke (test_test_command.py:")
    assert (len(result.turns), result.left) == (1, 1)
    assert (await runner.run(right)).passed


async def test_the_caller_is_heard_through_whatever_ears_there_are(folder: Path, engine: Engine):
    (script,) = scripts(
        folder,
        engine,
        "- name: ears\n  turns:\n"
        "  - {caller: Hvor fort leverer dere, bot: {article: returns}}\n"
        "  - {caller: mumle, bot: {rule: not_understood}}\n",
    )
    waited: list[str] = []

    async def mishear(text: str, state: State) -> Event:
        waited.append(state.listened.expects)
        return (
            NotUnderstood("no_speech") if text == "mumle" else CallerSaid("Hvordan returnerer jeg en vare", "nb", 0.8)
        )

    result = await ScriptRunner(engine, nothing, mishear).run(script)
    assert result.passed, result.turns[-1]
    assert [turn.heard for turn in result.turns] == ["Hvordan returnerer jeg en vare", "(no words)"]
    assert waited == ["open", "open"]


@pytest.mark.parametrize(
    ("patience", "hears", "says"),
    [
        (0, ["?fire null to sju en fire"], None),
        (1, ["?fire null to sju en fire", "ja"], ["number", "Ja"]),
        (1, ["?fire null to sju en ni", "nei"], None),
        (2, ["?fire null to sju en ni", "nei", "402714"], ["number", "Nei, number", "number"]),
        (2, ["?fire null to sju en ni", "nei, 402714", "ja"], ["number", "Nei, number", "Ja"]),
        (2, ["mumle", "402714"], ["number", "number"]),
    ],
)
async def test_a_caller_by_voice_is_patient(
    folder: Path, engine: Engine, patience: int, hears: list[str], says: list[str] | None
):
    (script,) = scripts(
        folder,
        engine,
        "- name: patient\n  actions: {find_order: {status: packed}}\n  turns:\n  - caller: Hvor er pakken min?\n"
        "  - {caller: number, bot: {slot: {order: '402714'}, says: Ordren er pakket}}\n",
    )
    said, heard = list[str](), iter(hears)

    async def unsurely(text: str, state: State) -> Event:
        if not state.frames:
            return CallerSaid(text, "nb", 0.9)
        said.append(text)
        words = next(heard)
        return CallerSaid(words.lstrip("?"), "nb", 0.2 if words[0] == "?" else 0.9)

    result = await ScriptRunner(engine, nothing, unsurely, patience).run(script)
    assert result.passed is (says is not None), (said, result.turns[-1])
    assert says is None or said == says
