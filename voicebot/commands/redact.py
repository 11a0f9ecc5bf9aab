"""`voicebot redact [FILE]`: a text as it would be kept, with personal data cut out."""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable

from dialog.bot import LANGUAGES
from dialog.record import RecordInvalid, records_of_lines
from dialog.redaction import redact
from dialog.redaction.records import facts_of, redact_record


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "redact",
        help="show what of a text is kept",
        description="Prints a text line by line as it would be kept: with a label in the place of each number, address "
        "and name. How many of each kind were found is told on standard error. What a bot knows of a conversation (its "
        "slots) helps it to find more; a line here stands alone.",
    )
    parser.add_argument("file", nargs="?", default="-", help="the text, UTF-8; standard input when there is none")
    parser.add_argument("--language", choices=LANGUAGES, default=LANGUAGES[0], help="of the text")
    parser.add_argument("--records", action="store_true", help="the lines are decision records (`chat --record FILE`)")
    parser.add_argument("--facts", action="store_true", help="with --records: keep facts only, no words at all")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print what is kept; 2 when the file cannot be read."""
    try:
        if arguments.file == "-":
            _print(sys.stdin, arguments)
        else:
            with open(arguments.file, encoding="utf-8") as lines:
                _print(lines, arguments)
    except BrokenPipeError:
        raise
    except (OSError, UnicodeDecodeError) as error:
        print(f"voicebot: {arguments.file}: {getattr(error, 'strerror', None) or 'is not UTF-8'}", file=sys.stderr)
        return 2
    except RecordInvalid as error:
        print(f"voicebot: {arguments.file}: {error}", file=sys.stderr)
        return 2
    return 0


def _print(lines: Iterable[str], arguments: argparse.Namespace) -> None:
    if arguments.records or arguments.facts:
        for record in records_of_lines(lines):
            kept = facts_of(record) if arguments.facts else redact_record(record)
            print(json.dumps(kept, ensure_ascii=False))
        return
    found: Counter[str] = Counter()
    for line in lines:
        redacted = redact(line.rstrip("\n"), arguments.language)
        found.update(one.kind for one in redacted.found)
        print(redacted.text, flush=True)
    told = ", ".join(f"{kind} {count}" for kind, count in sorted(found.items())) or "nothing"
    print(f"found: {told}", file=sys.stderr)
