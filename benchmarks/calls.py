"""How fast and how right are whole calls, from the caller's last sample to the first sample of the answer?

`python -m benchmarks.calls` starts the service, places calls over the real protocol with real speech and models, and
prints the latency as the caller hears it, the bot's own account per stage, and how many answers were right.
"""

import argparse
import asyncio
import json
from pathlib import Path

from benchmarks.caller_voice import caller_voice
from benchmarks.served import machine, served
from telephony.simulator import CallReport, PhoneNetwork, TurnReport, load_script
from telephony.simulator.report import percentiles


async def place(arguments: argparse.Namespace) -> list[CallReport]:
    """Place the calls, a few at a time, and return their reports."""
    script = load_script(arguments.script)
    async with (
        caller_voice((script.language,)) as speak,
        served(arguments.bot) as service,
        PhoneNetwork(service.network) as network,
    ):
        turnstile = asyncio.Semaphore(arguments.at_once)

        async def one() -> CallReport:
            async with turnstile:
                report, _ = await network.place(script, speak)
                print(f"  call of {report.seconds:5.1f} s, {len(report.turns)} turns, {report.outcome}", flush=True)
                return report

        return list(await asyncio.gather(*(one() for _ in range(arguments.calls))))


def show(reports: list[CallReport], arguments: argparse.Namespace) -> bool:
    """Print the tables; True when every answer was right."""
    turns = [turn for report in reports for turn in report.turns]
    failures = [failure for turn in turns for failure in turn.failures]
    failures += [failure for report in reports for failure in (*report.failures, *report.violations)]
    print(f"\n{arguments.script.name}: {len(reports)} calls, {arguments.at_once} at a time, {len(turns)} turns")
    print(machine())
    print(f"\n{'ms':>12} {'n':>4} {'p50':>8} {'p95':>8}")
    for stage, values in [("heard", [ms for report in reports for ms in report.latencies_ms]), *stages(turns)]:
        row = percentiles(values)
        print(f"{stage:>12} {row['n']:>4} {row['p50']!s:>8} {row['p95']!s:>8}")
    print(f"\nright: {sum(not turn.failures for turn in turns)} of {len(turns)} turns")
    for failure in failures:
        print(f"  {failure}")
    return not failures


def stages(turns: list[TurnReport]) -> list[tuple[str, list[float]]]:
    """The bot's own account, stage by stage."""
    names = dict.fromkeys(name for turn in turns for name in turn.stages_ms)
    return [(name, [turn.stages_ms[name] for turn in turns if name in turn.stages_ms]) for name in names]


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bot", type=Path, default=Path("bots/nordlys"))
    parser.add_argument("--script", type=Path, default=Path("bots/nordlys/calls/ten-questions-en.yaml"))
    parser.add_argument("--calls", type=int, default=6)
    parser.add_argument("--at-once", type=int, default=1)
    parser.add_argument("--json", type=Path, help="write every turn to this file")
    arguments = parser.parse_args()
    reports = asyncio.run(place(arguments))
    if arguments.json:
        arguments.json.write_text(json.dumps([report.as_dict() for report in reports], default=str, indent=1))
    return 0 if show(reports, arguments) else 1


if __name__ == "__main__":
    raise SystemExit(main())
