"""Stories told to a bot whose flows require identity, as many as wanted: none may open a door without a proof.

python -m benchmarks.identity_laws 20000
"""

import argparse
import tempfile
import time
from datetime import date
from pathlib import Path

from hypothesis import HealthCheck, given, settings

from dialog import Engine, load_bot
from tests.dialog.proving_bot import proving_bot
from tests.dialog.test_proving_laws import STORIES, holds


def main() -> None:
    """Tell the stories; stops at the first that opens a door, made as short as it can be."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stories", type=int, help="how many")
    count = parser.parse_args().stories
    with tempfile.TemporaryDirectory() as folder:
        shop = Engine(load_bot(proving_bot(Path(folder), "ciba", "high"), date(2026, 11, 23)))

        @settings(max_examples=count, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(**STORIES)
        def told(start: str, steps: list[object], restarts: bool) -> None:
            holds(shop, start, steps, restarts)

        began = time.monotonic()
        told()
        print(f"{count} stories, no door opened, {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
