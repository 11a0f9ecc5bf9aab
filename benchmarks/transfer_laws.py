"""Warm transfers with random happenings, as many as wanted: each ends, leaves no leg ringing and no caller alone.

python -m benchmarks.transfer_laws 10000
"""

import argparse
import time
from collections import Counter

from hypothesis import HealthCheck, given, settings

from telephony.transfer.happenings import Person
from tests.telephony.test_transfer_laws import STORIES, holds


def main() -> None:
    """Tell the stories; stops at the first that breaks a law, made as short as it can be."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stories", type=int, help="how many")
    count = parser.parse_args().stories

    outcomes: Counter[str] = Counter()

    @settings(max_examples=count, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(**STORIES)
    def told(rounds: tuple[tuple[Person, ...], ...], taken_by: str, steps: list[tuple[tuple[str, int], float]]) -> None:
        outcomes[holds(rounds, taken_by, steps)] += 1

    began = time.monotonic()
    told()
    print(f"{count} stories, every one ended well, {time.monotonic() - began:.0f} s")
    for outcome, times in outcomes.most_common():
        print(f"{times:7} {outcome}")


if __name__ == "__main__":
    main()
