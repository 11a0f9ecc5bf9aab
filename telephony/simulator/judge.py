"""Holds a finished call against its script."""

import re
from collections.abc import Sequence

from telephony.simulator.caller import ScriptedCaller, TurnTaken, describe
from telephony.simulator.feed import Feed, FeedEntry
from telephony.simulator.handset import Handset
from telephony.simulator.phone_call import PhoneCall
from telephony.simulator.playout import RATE_HZ
from telephony.simulator.report import CallReport, TurnReport
from telephony.simulator.script import CodeKeys, Keys, Recording, Script, Sentence, Silence

_TIME_TO_SAY_SOMETHING = 5 * RATE_HZ


def _incomplete(script: Script, call: PhoneCall, caller: ScriptedCaller) -> list[str]:
    """What the caller did not get."""
    failures = list(caller.complaints)
    if missed := len(script.turns) - len(caller.taken):
        failures.append(f"the call ended before the last {missed} of {len(script.turns)} turns: {call.outcome}")
    gave_time = not call.handset.hung_up.is_set() or call.handset.now > _TIME_TO_SAY_SOMETHING
    if gave_time and not call.handset.heard.runs and not call.handset.said_by_network:
        failures.append("the caller heard nothing at all")
    return failures


def report_of(
    script: Script, call: PhoneCall, caller: ScriptedCaller, feed: Feed, legs: Sequence[PhoneCall]
) -> CallReport:
    """The whole call, held against its script.

    Args:
        script: what was to be done.
        call: how it went.
        caller: what was done.
        feed: what the bot says of it.
        legs: the phones that the bot rang meanwhile.
    """
    handset = call.handset
    called = list(dict.fromkeys([*call.dialled, *(leg.facts.called for leg in legs)]))
    turns = judge_turns(caller.taken, call, feed, called)
    failures = _incomplete(script, call, caller) if script.must_complete else []
    return CallReport(
        name=script.name,
        call_sid=call.facts.call_sid,
        outcome=call.outcome,
        turns=turns,
        failures=failures,
        violations=call.violations,
        warnings=call.warnings + call.webhooks.warnings,
        notes=[feed.missing] if feed.missing else [],
        transferred_to=call.dialled,
        streams=call.streams,
        message_counts=call.message_counts,
        greeting_ms=round(handset.heard.runs[0].start * 1000 / RATE_HZ, 1) if handset.heard.runs else None,
        most_ahead_ms=handset.most_ahead_ms,
        seconds=round(handset.now / RATE_HZ, 2),
        deliveries=call.webhooks.deliveries,
    )


def judge_turns(taken: Sequence[TurnTaken], call: PhoneCall, feed: Feed, called: Sequence[str]) -> list[TurnReport]:
    """One report per turn that was taken, with every expectation that did not hold; `called` are the numbers called."""
    reports = []
    for index, turn in enumerate(taken):
        following = taken[index + 1] if index + 1 < len(taken) else None
        until = following.entries_from if following else len(feed.entries)
        entries = feed.entries[turn.entries_from : until]
        report = measure(turn, following.began if following else None, call.handset)
        _tell(report, entries)
        _expect(report, turn, call.outcome, feed, entries, called)
        reports.append(report)
    return reports


def measure(taken: TurnTaken, until: int | None, handset: Handset) -> TurnReport:
    """When a turn was taken, how long the reply took, and how long an interrupted bot went on.

    Args:
        taken: the turn.
        until: where the next turn began, in samples; None for the last one.
        handset: has what was heard.
    """
    report = TurnReport(
        did=describe(taken.turn),
        line=taken.turn.line,
        began_seconds=round(taken.began / RATE_HZ, 3),
        ended_seconds=round(taken.ended / RATE_HZ, 3),
    )
    stopped = handset.heard.cut_short(taken.interrupted)
    reply = handset.heard.reply_to(taken.began, taken.interrupted)
    if reply is not None and until is not None and reply.start >= until:
        reply = None
    # What is said among people gets its answer from them.
    among = any(one.start <= taken.began and (one.end is None or taken.began < one.end) for one in handset.company)
    if reply is not None and not among and isinstance(taken.turn.act, Sentence | Recording | Keys | CodeKeys):
        report.latency_ms = round((reply.start - taken.ended) * 1000 / RATE_HZ, 1)
    if stopped is not None:
        report.stopped_ms = round(max(0, stopped.end - taken.began) * 1000 / RATE_HZ, 1)
    return report


def _tell(report: TurnReport, entries: Sequence[FeedEntry]) -> None:
    """Fill in the bot's own account of the turn."""
    for entry in entries:
        details = entry.details
        if entry.kind == "caller":
            report.understood = " ".join(filter(None, (report.understood, entry.text)))
            report.confidence = _number(details.get("confidence"))
        if entry.kind == "bot":
            report.said = (*report.said, entry.text)
        if entry.kind in ("bot", "decision"):
            report.article = _text(details.get("article")) or report.article
            report.rule = _text(details.get("rule")) or report.rule
        if isinstance(details.get("stages"), dict):
            stages = {str(name): _number(value) for name, value in details["stages"].items()}
            report.stages_ms = {**report.stages_ms, **{name: ms for name, ms in stages.items() if ms is not None}}


def _expect(
    report: TurnReport,
    taken: TurnTaken,
    outcome: str,
    feed: Feed,
    entries: Sequence[FeedEntry],
    called: Sequence[str],
) -> None:
    expect = taken.turn.expect
    failed = report.failures.append
    if (expect.article or expect.rule or expect.said) and not feed.is_there:
        failed(f"what the bot understood could not be checked: {feed.missing}")
    else:
        articles = {_text(entry.details.get("article")) for entry in entries if entry.kind in ("bot", "decision")}
        rules = {_text(entry.details.get("rule")) for entry in entries if entry.kind in ("bot", "decision")}
        if expect.article and expect.article not in articles:
            failed(f"expected article {expect.article}, got {_list(articles)}")
        if expect.rule and expect.rule not in rules:
            failed(f"expected rule {expect.rule}, got {_list(rules)}")
        for pattern in expect.said:
            if not any(re.search(pattern, sentence, re.IGNORECASE) for sentence in report.said):
                failed(f"nothing the bot said matches {pattern!r}")
    if expect.transfer:
        _expect_transfer(report, expect.transfer, feed, entries, called)
    if expect.hung_up and not outcome.startswith("the bot"):
        failed(f"expected the bot to hang up, but {outcome}")
    if expect.within_ms is not None and not isinstance(taken.turn.act, Silence):
        if report.latency_ms is None:
            failed(f"expected a reply within {expect.within_ms:g} ms, got none")
        elif report.latency_ms > expect.within_ms:
            failed(f"expected a reply within {expect.within_ms:g} ms, got it after {report.latency_ms:g} ms")


def _expect_transfer(
    report: TurnReport, wanted: str, feed: Feed, entries: Sequence[FeedEntry], called: Sequence[str]
) -> None:
    if not called:
        report.failures.append(f"expected a transfer to {wanted}, but the network was told to call nobody")
    elif feed.is_there and wanted not in called:
        departments = {_text(entry.details.get("department")) for entry in entries if entry.kind == "transfer"}
        if wanted not in departments:
            report.failures.append(f"expected a transfer to {wanted}, got {_list(departments)}")


def _list(names: set[str | None]) -> str:
    return ", ".join(sorted(name for name in names if name)) or "none"


def _text(value: object) -> str | None:
    return str(value) if value not in (None, "") else None


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
