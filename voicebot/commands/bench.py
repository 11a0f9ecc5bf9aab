"""`voicebot bench`: how fast and how right is the whole on this machine? Needs a checkout, not just the package."""

import argparse
import importlib
from pathlib import Path

from voicebot.config import ConfigInvalid

PARTS = ("latency", "cut-ins", "barge-in", "words", "capacity")


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "bench",
        help="measure latency, cut-ins, barge-in, words and capacity",
        description="Starts the bot in a process of its own, calls it with simulated callers over loopback, and "
        "measures from what they said and heard. Ends with status 0 when every target was reached. "
        "See docs/measurements.md.",
    )
    parser.add_argument("--only", type=_parts, default=(), help=f"some of {','.join(PARTS)}; default: all")
    parser.add_argument("--data", type=Path, help="folder of folders of recordings, each with a labels.jsonl")
    parser.add_argument(
        "--prompts", type=Path, default=Path("/"), help="where Debian's asterisk-core-sounds-en* are unpacked"
    )
    parser.add_argument("--calls", type=int, default=16, help="the most calls at once, for capacity")
    parser.add_argument("--seed", type=int, default=7, help="decides everything that is drawn")
    parser.add_argument("--quick", action="store_true", help="a few turns of each, under three minutes")
    parser.add_argument("--json", type=Path, help="write every figure")
    parser.add_argument("--svg", type=Path, help="draw the figures")
    parser.set_defaults(run=run)


def _parts(text: str) -> tuple[str, ...]:
    names = tuple(text.split(","))
    if unknown := set(names) - set(PARTS):
        raise argparse.ArgumentTypeError(f"{', '.join(sorted(unknown))}: choose from {', '.join(PARTS)}")
    return names


def run(arguments: argparse.Namespace) -> int:
    """Measure; 0 when every target was reached."""
    if arguments.data is not None and not arguments.data.is_dir():
        raise ConfigInvalid((f"{arguments.data} is no folder -> give the one that holds the folders of recordings",))
    try:
        bench = importlib.import_module("benchmarks.bench.run")
    except ModuleNotFoundError as error:
        if not (error.name or "").startswith("benchmarks"):
            raise
        cure = "run it in a checkout of the source: make bench"
        raise ConfigInvalid((f"the measurements are not part of the installed package -> {cure}",)) from error
    keys = ("only", "data", "prompts", "calls", "seed", "quick", "json", "svg")
    return int(bench.main(bench.Wanted(**{key: getattr(arguments, key) for key in keys})))
