"""`voicebot explain FILE`: why the bot answered as it did, turn by turn, in plain words."""

import argparse
import sys
from pathlib import Path

from dialog.bot import LANGUAGES
from dialog.explaining import explain
from dialog.record import RecordInvalid, records_of_lines


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "explain",
        help="say why the bot answered as it did",
        description="Reads decision records, one JSON object per line, as `voicebot chat --record FILE` writes them, "
        "and tells them in plain words. Records hold what callers said: keep them where that is kept.",
    )
    parser.add_argument("file", type=Path, help="the records; - is standard input")
    parser.add_argument("--language", choices=LANGUAGES, default=LANGUAGES[0], help="to tell them in")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the explanation; 2 when the file cannot be read."""
    try:
        if str(arguments.file) == "-":
            records = records_of_lines(sys.stdin)
        else:
            with arguments.file.open(encoding="utf-8") as lines:
                records = records_of_lines(lines)
    except (OSError, UnicodeDecodeError) as error:
        print(f"voicebot: {arguments.file}: {getattr(error, 'strerror', None) or 'is not UTF-8'}", file=sys.stderr)
        return 2
    except RecordInvalid as error:
        print(f"voicebot: {arguments.file}: {error}", file=sys.stderr)
        return 2
    print(explain(records, arguments.language))
    return 0
