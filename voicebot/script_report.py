"""What came of a bot's scripts: for people, and as JUnit's XML for build servers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

from rich.console import Console
from rich.text import Text

from dialog import Bot
from voicebot.script_runner import ScriptResult, TurnResult

BEFORE = 2
"""Turns that are shown before the one that went wrong."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the scripts reached of a bot.

    Args:
        articles: ids that were quoted, or whose flow ran.
        flows: ids that ran.
        articles_left: ids that no script reached.
        flows_left: likewise.
    """

    articles: tuple[str, ...]
    flows: tuple[str, ...]
    articles_left: tuple[str, ...]
    flows_left: tuple[str, ...]


def coverage(bot: Bot, results: Sequence[ScriptResult]) -> Coverage:
    """What was reached: an article counts when it was quoted, or when a flow ran that takes its place."""
    turns = [turn.observed for result in results for turn in result.turns]
    flows = {name for turn in turns for name in turn.flows}
    articles = {name for turn in turns for name in turn.articles}
    articles |= {name for flow in bot.flows if flow.id in flows for name in flow.articles}
    every_article = [article.id for article in bot.articles]
    every_flow = [flow.id for flow in bot.own_flows]
    return Coverage(
        tuple(name for name in every_article if name in articles),
        tuple(name for name in every_flow if name in flows),
        tuple(name for name in every_article if name not in articles),
        tuple(name for name in every_flow if name not in flows),
    )


def print_result(console: Console, result: ScriptResult) -> None:
    """One line for a script that passed; where, after what, and what instead for one that did not."""
    script = result.script
    if result.passed:
        console.print(Text.assemble(("  ok    ", "green"), script.name))
        return
    console.print(Text.assemble(("  wrong ", "bold red"), script.name, (f"  {script.file}:{_line(result)}", "cyan")))
    for turn in result.turns[-1 - BEFORE :]:
        for text in _lines(turn):
            console.print(text)
    if result.ended_early:
        console.print(Text(f"          the call was over with {result.left} turn(s) of the script left", style="red"))
    if result.fault:
        console.print(Text(f"          the program broke: {result.fault}", style="red"))


def _line(result: ScriptResult) -> int:
    """Of the turn that went wrong, or of the first one that could not be run."""
    if result.ended_early or result.fault:
        return result.script.turns[-result.left].line
    return result.turns[-1].line


def _lines(turn: TurnResult) -> Iterator[Text]:
    yield Text.assemble(("          caller  ", "dim"), turn.did)
    if turn.heard:
        yield Text.assemble(("          heard   ", "dim"), turn.heard)
    yield Text.assemble(("          bot     ", "dim"), turn.shown)
    observed = turn.observed
    why = [f"rule {' then '.join(observed.rules)}"]
    why += [f"score {observed.score:.2f}"] if observed.score is not None else []
    why += [f"language {observed.language}"]
    yield Text(f"                  ({', '.join(why)})", style="dim")
    for difference in turn.differences:
        yield Text.assemble((f"        - {difference.key:<9} should be  ", "green"), difference.wanted)
        yield Text.assemble((f"        + {'':<9} but was    ", "red"), difference.got)


def print_coverage(console: Console, found: Coverage) -> None:
    """What the scripts reached, and by name what they did not."""
    for what, reached, left in (
        ("articles", found.articles, found.articles_left),
        ("flows", found.flows, found.flows_left),
    ):
        if reached or left:
            console.print(f"{what} reached: {len(reached)} of {len(reached) + len(left)}")
        if left:
            console.print(Text(f"  never: {', '.join(left)}", style="yellow"))


def junit(bot: Bot, results: Sequence[tuple[ScriptResult, float]]) -> bytes:
    """A JUnit report.

    Args:
        bot: whose scripts they are.
        results: with the seconds that each took.
    """
    wrong = sum(not result.passed for result, _ in results)
    total = sum(seconds for _, seconds in results)
    suite = ElementTree.Element(
        "testsuite", name=bot.name, tests=str(len(results)), failures=str(wrong), errors="0", time=f"{total:.3f}"
    )
    for result, seconds in results:
        script = result.script
        case = ElementTree.SubElement(
            suite, "testcase", name=script.name, classname=script.file.removesuffix(".yaml"), time=f"{seconds:.3f}"
        )
        case.set("file", script.file)
        case.set("line", str(script.line))
        if not result.passed:
            failure = ElementTree.SubElement(case, "failure", message=_message(result))
            failure.text = "\n".join(text.plain.rstrip() for turn in result.turns for text in _lines(turn))
    suites = ElementTree.Element("testsuites")
    suites.append(suite)
    ElementTree.indent(suites)
    report: bytes = ElementTree.tostring(suites, encoding="utf-8", xml_declaration=True)
    return report


def _message(result: ScriptResult) -> str:
    if result.fault:
        return f"line {_line(result)}: the program broke: {result.fault}"
    if result.ended_early:
        return f"line {_line(result)}: the call was over with {result.left} turn(s) left"
    wrong = "; ".join(f"{one.key}: {one.got}, not {one.wanted}" for one in result.turns[-1].differences)
    return f"line {_line(result)}: {wrong}"
