"""A simulated call on the terminal: who said what, how sure the bot was, and where the time went."""

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.markup import escape

from telephony.simulator import CallReport, Happening, TurnReport
from telephony.simulator.feed import FeedEntry
from telephony.simulator.report import RungReport, percentiles


class CallScreen:
    """Prints calls as they happen.

    Args:
        console: where to.
        several: whether to mark each line with its call.
    """

    def __init__(self, console: Console, *, several: bool = False) -> None:
        self._console = console
        self._several = several

    def show(self, happening: Happening) -> None:
        """Print one happening."""
        match happening.kind:
            case "dialling":
                self._line(happening, f"[dim]calling: {escape(happening.text)}[/dim]")
            case "answered":
                self._line(happening, "[dim]answered[/dim]")
            case "does":
                self._line(happening, f"[cyan]caller[/cyan]  {escape(happening.text)}")
            case "person":
                self._line(happening, f"[magenta]person[/magenta]  {escape(happening.text)}")
            case "feed" if happening.entry is not None:
                if text := _entry(happening.entry):
                    self._line(happening, text)
            case "ended" if happening.report is not None:
                self._ended(happening, happening.report)

    def _line(self, happening: Happening, text: str) -> None:
        mark = f"[dim]{happening.call_sid[-4:]}[/dim] " if self._several else ""
        self._console.print(mark + text, soft_wrap=True)

    def _ended(self, happening: Happening, report: CallReport) -> None:
        self._line(happening, f"[dim]ended: {escape(report.outcome)} after {report.seconds:g} s[/dim]")
        for turn in report.turns:
            if figures := _figures(turn):
                self._line(happening, f"[dim]  {escape(turn.did)}: {figures}[/dim]")
        for rung in report.rung:
            self._line(happening, f"[dim]  {escape(rung.name)}: {_rung(rung)}[/dim]")
        for name, ms in (("asked to ringing", report.connect_to_ringing_ms), ("key to both", report.key_to_bridged_ms)):
            if ms is not None:
                self._line(happening, f"[dim]  {name}: {ms:.0f} ms[/dim]")
        for note in report.notes:
            self._line(happening, f"[yellow]note[/yellow]    {escape(note)}")
        for warning in report.warnings:
            self._line(happening, f"[yellow]warning[/yellow] {escape(warning)}")
        for fault in faults(report):
            self._line(happening, f"[red]failed[/red]  {escape(fault)}")


def _figures(turn: TurnReport) -> str:
    """A turn's times, empty when there are none."""
    figures = []
    if turn.stopped_ms is not None:
        figures.append(f"the bot stopped after {turn.stopped_ms:.0f} ms")
    if turn.latency_ms is not None:
        figures.append(f"reply after {turn.latency_ms:.0f} ms")
    return ", ".join(figures)


def _rung(rung: RungReport) -> str:
    """What became of a phone that was rung, in seconds of the caller's call."""
    moments = {
        "rang": rung.rang_seconds,
        "answered": rung.answered_seconds,
        "key": rung.key_seconds,
        "together": rung.together_seconds,
        "heard by the caller": rung.heard_by_caller_seconds,
        "hears the caller": rung.hears_caller_seconds,
    }
    told = [f"{name} at {seconds:.2f} s" for name, seconds in moments.items() if seconds is not None]
    if rung.brief_ms:
        told.append(f"brief {rung.brief_ms / 1000:.1f} s")
    return escape(", ".join([*told, rung.outcome]))


def _entry(entry: FeedEntry) -> str:
    """One event of the bot's feed as a line, empty when it says nothing new."""
    match entry.kind:
        case "caller":
            sure = entry.details.get("confidence")
            how = f"  {sure:.0%} sure" if isinstance(sure, int | float) else ""
            return f"[dim]  heard  {escape(entry.text)}{how}{_stages(entry.details)}[/dim]"
        case "bot":
            return f"[green]bot[/green]     {escape(entry.text)}"
        case "decision":
            named = [f"{key} {entry.details[key]}" for key in ("rule", "article") if entry.details.get(key)]
            score = entry.details.get("score")
            if isinstance(score, int | float):
                named.append(f"score {score:.2f}")
            return f"[dim]  chose  {escape(', '.join(named))}{_stages(entry.details)}[/dim]"
        case "interrupted":
            return "[yellow]  interrupted[/yellow]"
        case "transfer":
            return f"[yellow]  passed on to {escape(entry.text or str(entry.details.get('department', '')))}[/yellow]"
        case _:
            return ""


def _stages(details: Mapping[str, object]) -> str:
    stages = details.get("stages")
    if not isinstance(stages, Mapping) or not stages:
        return ""
    return "  " + " ".join(f"{name} {ms:.0f} ms" for name, ms in stages.items() if isinstance(ms, int | float))


def faults(report: CallReport) -> list[str]:
    """Everything that keeps a call from being good, in words."""
    turns = [
        f"{'line ' + str(turn.line) if turn.line else 'turn ' + str(number)}: {failure}"
        for number, turn in enumerate(report.turns, 1)
        for failure in turn.failures
    ]
    return [*turns, *report.failures, *report.violations]


def summarise(console: Console, reports: Sequence[CallReport]) -> None:
    """Print what came of all calls together."""
    good = sum(report.ok for report in reports)
    latency = percentiles([latency for report in reports for latency in report.latencies_ms])
    turns = sum(len(report.turns) for report in reports)
    console.print(f"{good} of {len(reports)} calls good, {turns} turns", end="")
    if latency["n"]:
        console.print(f"; reply after p50 {latency['p50']:g} ms, p95 {latency['p95']:g} ms (n={latency['n']})", end="")
    console.print()
    for report in reports:
        if not report.ok and len(reports) > 1:
            console.print(f"  {escape(report.name)} ({report.call_sid[-4:]}): {escape('; '.join(faults(report)))}")
