"""How long the privacy officer and the operator wait, on a store of many callers, on both databases.

python -m benchmarks.rights_cost --callers 1000 --calls 3
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

from dialog.records_rules import RecordsRules
from tests.postgres import PostgresMissing, running_cluster
from tests.voicebot.records.kept_calls import NOON, keep_call
from voicebot.config import RecordsConfig
from voicebot.records.backing_up import back_up
from voicebot.records.erasing import erase
from voicebot.records.exporting import export
from voicebot.records.forgetting import forget
from voicebot.records.keys import KEY_FILE, make_key_file, new_master_key, read_key_file
from voicebot.records.restoring import looked_through, restore
from voicebot.records.rotating import rotate
from voicebot.records.stores import Stores, opened_stores
from voicebot.records.subjects import Officer, subject_of_number

OFFICER = Officer("cli:benchmark", "operator", "")
WORDS = "hva koster frakten til Tromsø, og når kommer den? " * 40
"""Two kilobytes, about what a turn's record has."""


def main() -> None:
    """Measure, and print a line for each thing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--callers", type=int, default=1000)
    parser.add_argument("--calls", type=int, default=3, help="of each, a day apart, with a row in every table")
    given = parser.parse_args()
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        places = [("SQLite", "")]
        try:
            places.append(("PostgreSQL", stack.enter_context(running_cluster()).new_database()))
        except PostgresMissing as missing:
            print(missing)
        for name, url in places:
            config = RecordsConfig(home / name, url, (), None, home / f"{name} keys")
            print(f"{name}: {given.callers} callers, {given.callers * given.calls} conversations")
            _measure(config, home / f"{name} backup", given.callers, given.calls)


def _measure(config: RecordsConfig, backup: Path, callers: int, calls: int) -> None:
    with opened_stores(config) as stores:
        _timed("stored", lambda: _fill(stores, callers, calls))
        with stores.database.reading() as connection:
            first = subject_of_number(connection, stores.vault, _number(0))
        _timed("export of one caller", lambda: export(stores, first, OFFICER, "nb"))
        _timed("backup", lambda: back_up(stores, backup, OFFICER))
        print(f"    {backup.stat().st_size / 2**20:.1f} MB")
        _timed("erasure of one caller", lambda: erase(stores, first, OFFICER))
        _timed("backup read through", lambda: looked_through(stores, backup))
        _timed("restored in its place", lambda: restore(stores, backup, OFFICER, replace=True))
        path = config.folder / KEY_FILE
        make_key_file(path, (new_master_key(), *read_key_file(path)))
    with opened_stores(config) as stores:
        _timed("master key changed", lambda: rotate(stores))
        later = NOON + timedelta(days=90 + calls)
        _timed("all forgotten, dry run", lambda: forget(stores, RecordsRules(), None, later, "system", dry_run=True))
        _timed("all forgotten", lambda: forget(stores, RecordsRules(), None, later, "system"))


def _fill(stores: Stores, callers: int, calls: int) -> None:
    for day in range(calls):
        for at in range(callers):
            with stores.database.writing() as connection:
                keep_call(connection, stores.vault, _number(at), WORDS, at=NOON + timedelta(days=day))


def _number(at: int) -> str:
    return f"+47{90_000_000 + at}"


def _timed(what: str, work: Callable[[], object]) -> None:
    began = time.perf_counter()
    work()
    print(f"  {what:<24} {time.perf_counter() - began:8.2f} s")


if __name__ == "__main__":
    main()
