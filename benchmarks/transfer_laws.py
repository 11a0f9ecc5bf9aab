"""Warm transfers with random happenings, as many as wanted: each ends, leaves no leg ringing and no caller alone.

python -m benchmarks.transfer_laws 10000
"""

import argparse
import time

from hypothesis import HealthCheck, given, settings

from telephony.transfer.happenings import Happening, Person
from tests.telephony.test_transfer_laws import STORIES, holds


def main() -> None:
    """Tell the stories; stops at the first that breaks a law, made as short as it can be."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stories", type=int, help="how many")
    count = parser.parse_args().stories

    @settings(max_examples=count, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(**STORIES)
    def told(
        rounds: tuple[tuple[Person, ...], ...], taken_by: str, happenings: list[tuple[Happening | str, float]]
    ) -> None:
        holds(rounds, taken_by, happenings)

    began = time.monotonic()
    told()
    print(f"{count} stories, every one ended well, {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
