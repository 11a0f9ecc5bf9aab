"""Flow files and actions are read whole: every fault is told at once, with its file, its line and its cure."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from pathlib import Path
from typing import Literal

import pytest

from dialog import check_bot, load_bot
from dialog.actions import ActionSpec, ArgumentsInvalid, Value, load_actions, result_texts, typed_arguments
from dialog.errors import Fault
from dialog.flows.flow import Branch, Confirm, DoAction, PassOn, behind, every_step, step_at
from tests.dialog.conftest import TODAY

BOKHUSET = Path(__file__).parent / "bots" / "bokhuset"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the book shop to be spoilt."""
    return Path(shutil.copytree(BOKHUSET, tmp_path / "shop", ignore=shutil.ignore_patterns("__pycache__")))


def spoil(folder: Path, file: str, old: str, new: str) -> tuple[Fault, ...]:
    """The faults of the bot with one thing changed."""
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return check_bot(folder, TODAY)


def test_the_book_shop_has_no_faults_and_its_flows_are_what_its_files_say():
    assert check_bot(BOKHUSET, TODAY) == ()
    bot = load_bot(BOKHUSET, TODAY)
    assert [flow.id for flow in bot.flows] == ["book_visit", "order_status", "return_books"]
    flow = bot.flow("order_status")
    assert flow.articles == ("track-parcel",)
    assert flow.on_failure == PassOn("desk")
    assert list(flow.slots) == ["order", "post_code"]
    assert flow.slots["order"].again["nb"][1] == "Du kan også taste det, og så firkant."
    assert isinstance(flow.steps[3], Branch)
    assert set(flow.steps[3].cases) == {"sent", "not_found", "else"}


def test_a_path_leads_to_its_step_and_behind_it():
    flow = load_bot(BOKHUSET, TODAY).flow("order_status")
    assert isinstance(step_at(flow, (3, "not_found", 1)), Confirm)
    assert isinstance(step_at(flow, (3, "not_found", 1, "yes", 1)), DoAction)
    assert step_at(flow, behind((3, "not_found", 1, "no", 0))) is None
    for path, step in every_step(flow.steps):
        assert step_at(flow, path) is step
    for path in ((3, "gone", 0), (0, "sent", 0), (9, "sent", 0)):
        with pytest.raises(LookupError):
            step_at(flow, path)


STATUS = "flows/order_status.yaml"


@pytest.mark.parametrize(
    ("old", "new", "line", "what", "cure"),
    [
        ("version: 1", "version: 3", 1, "`version` is 3", "docs/flows.md"),
        ("title: {nb: ordrestatus, ", "title: {", 2, "`title` has no text in nb", "add `nb:`"),
        ("starts:", "start:", 3, "`start` is not a key here", "did you mean `starts`?"),
        ("    type: digits\n    length: 6", "    type: digit", 9, "digit is no kind of slot", "use one of"),
        ("    length: 6", "    lenght: 6", 11, "`lenght` is not a key here", "did you mean `length`?"),
        ("    length: 6", "    length: six", 9, "six", "length"),
        ("  - collect: post_code", "  - collect: postcode", 24, "postcode is not a slot", "did you mean `post_code`?"),
        ("  - action: find_order", "  - action: find_orders", 25, "find_orders is not a function", "find_order"),
        ("with: {order: order, post", "with: {ordre: order, post", 25, "ordre is not a parameter", "`order`?"),
        ("with: {order: order, post_code: post_code}", "with: {order: order}", 25, "find_order needs post_code", "add"),
        ("branch: found.status", "branch: found.state", 28, "found.state is not a slot", "found.status"),
        ("{found.arrives}.\", en", "{found.arrived}.\", en", 31, "found.arrived is no slot", "found.arrives"),
        ("Ordre {order} er", "Ordre {order|what} er", 31, "what is not a kind", "use one of"),
        ("            - handoff: desk", "            - handoff: dask", 43, "dask is not a department", "`desk`?"),
        ("on_failure: {handoff: desk}", "on_failure: {say: {nb: a, en: b}}", 46, "must be a handoff or end", "write"),
        ("on_failure: {handoff: desk}", "on_failure: {handoff: dusk}", 46, "dusk is not a department", "desk"),
        ("articles: [track-parcel]", "articles: [track-parsel]", 6, "track-parsel is not an article", "track-parcel"),
        ("  - collect: post_code", "  - colect: post_code", 24, "must have one of say, collect", "write one per dash"),
        ("steps:", "step:", 22, "`step` is not a key here", "did you mean `steps`?"),
    ],
)  # fmt: skip
def test_a_fault_names_its_line_and_its_cure(folder: Path, old: str, new: str, line: int, what: str, cure: str):
    faults = spoil(folder, STATUS, old, new)
    found = [fault for fault in faults if what in fault.what]
    assert len(found) == 1, [str(fault) for fault in faults]
    assert (found[0].file, found[0].line, found[0].warning) == (STATUS, line, False)
    assert cure in found[0].cure


@pytest.mark.parametrize(
    ("file", "old", "new", "what"),
    [
        (STATUS, "      sent:\n", "      shipped:\n", "found.status is never that"),
        (STATUS, "            - handoff: desk\n", "            - handoff: desk\n            - end\n", "never reached"),
        ("flows/book_visit.yaml", "  - collect: wish\n", "", "slot wish is never collected"),
        ("flows/book_visit.yaml", "starts:\n  nb:", "starts:\n  uk:", "no starts in nb"),
    ],
)
def test_what_is_odd_but_runs_is_a_warning(folder: Path, file: str, old: str, new: str, what: str):
    found = [fault for fault in spoil(folder, file, old, new) if what in fault.what]
    assert [fault.warning for fault in found] == [True]


def test_flows_that_call_each_other_in_a_circle_are_a_fault(folder: Path):
    faults = spoil(folder, STATUS, "  - collect: order\n", "  - call: return_books\n  - collect: order\n")
    assert {fault.file for fault in faults if "never end" in fault.what} == {STATUS, "flows/return_books.yaml"}


def test_an_article_belongs_to_one_flow(folder: Path):
    faults = spoil(folder, "flows/return_books.yaml", "starts:", "articles: [track-parcel]\nstarts:")
    assert any("already taken by the flow order_status" in fault.what for fault in faults)


def test_the_content_version_covers_flows_and_actions(folder: Path):
    before = load_bot(folder, TODAY).content_version
    (folder / "actions.py").write_text((folder / "actions.py").read_text() + "# changed\n")
    after = load_bot(folder, TODAY).content_version
    assert after != before
    spoil(folder, STATUS, "Hva er ordrenummeret?", "Hvilket ordrenummer?")
    assert load_bot(folder, TODAY).content_version not in (before, after)


def actions_of(tmp_path: Path, code: str) -> tuple[Mapping[str, ActionSpec], list[Fault]]:
    """The actions of a file that begins with the usual imports."""
    faults: list[Fault] = []
    (tmp_path / "actions.py").write_text(
        "from dialog.actions import action\nfrom dataclasses import dataclass\n" + code
    )
    return load_actions(tmp_path, faults), faults


def test_an_action_is_known_by_its_signature_and_never_called():
    bot = load_bot(BOKHUSET, TODAY)
    find, book = bot.actions["find_order"], bot.actions["book"]
    assert find.parameters == {"order": Value(str), "post_code": Value(str)}
    assert find.results["status"] == Value(str, choices=("sent", "packed", "not_found"))
    assert find.results["arrives"] == Value(date, optional=True)
    assert (find.policy.attempts, book.policy.timeout_seconds, book.is_async) == (2, 2.0, True)
    assert book.parameters["phone"] == Value(str, optional=True)


@pytest.mark.parametrize(
    ("code", "line", "what"),
    [
        ("def find(:\n    pass\n", 3, "importing it fails: SyntaxError"),
        ("\nopen('/no/such/file')\n", 4, "importing it fails: FileNotFoundError"),
        ("@action()\ndef find(order: list) -> None: ...\n", 3, "parameter order has no type a slot can be"),
        ("@action()\ndef find(order) -> None: ...\n", 3, "parameter order has no type a slot can be"),
        ("@action()\ndef find(*order: str) -> None: ...\n", 3, "parameter order has no type a slot can be"),
        ("@action()\ndef find(order: str) -> dict: ...\n", 3, "find returns no dataclass"),
        ("@action()\ndef find(order: 'Nothing') -> None: ...\n", 3, "an annotation cannot be read"),
        ("@dataclass\nclass A:\n    x: set\n@action()\ndef find() -> A: ...\n", 6, "field x of its result"),
    ],
)
def test_what_is_wrong_with_an_action_is_told(tmp_path: Path, code: str, line: int, what: str):
    actions, faults = actions_of(tmp_path, code)
    assert actions == {}
    assert [(fault.file, fault.line) for fault in faults] == [("actions.py", line)]
    assert what in faults[0].what


def test_two_bots_with_actions_of_the_same_name_keep_their_own(tmp_path: Path):
    found = []
    for name, value in (("a", 1), ("b", 2)):
        (tmp_path / name).mkdir()
        code = f"@dataclass\nclass R:\n    x: int\n@action()\ndef find() -> R:\n    return R({value})\n"
        found.append(actions_of(tmp_path / name, code)[0]["find"].function().x)
    assert found == [1, 2]


def test_arguments_are_converted_as_the_function_wants_them(tmp_path: Path):
    code = (
        "from datetime import date, time\nfrom decimal import Decimal\n@action()\n"
        "def f(a: int, b: Decimal, c: date, d: time, e: bool, f: str | None, g: str = 'x', h: str = '') -> None: ...\n"
    )
    spec = actions_of(tmp_path, code)[0]["f"]
    said = {"a": "7", "b": "20.50 EUR", "c": "2026-11-26", "d": "13:30", "e": "yes", "f": "", "g": ""}
    typed = typed_arguments(spec, said)
    assert typed == {"a": 7, "b": Decimal("20.50"), "c": date(2026, 11, 26), "d": time(13, 30), "e": True, "f": None}
    for wrong in ({**said, "a": "seven"}, {**said, "c": "tomorrow"}, {**said, "e": "ja"}, {**said, "z": "1"}):
        with pytest.raises(ArgumentsInvalid) as refused:
            typed_arguments(spec, wrong)
        assert not any(value in str(refused.value) for value in ("seven", "tomorrow", "'ja'"))


def test_a_result_becomes_texts_without_what_is_none():
    @dataclass(frozen=True)
    class Result:
        status: Literal["sent"]
        amount: Decimal
        at: time
        day: date | None
        open: bool

    assert result_texts(Result("sent", Decimal("49.50"), time(9, 5), None, True)) == {
        "status": "sent",
        "amount": "49.50",
        "at": "09:05",
        "open": "yes",
    }
    assert result_texts(None) == {}
