"""Calls to customers with random happenings, as many as wanted: each ends with one outcome, and leaves no leg.

python -m benchmarks.callback_laws 10000
"""

import argparse
import time

from hypothesis import HealthCheck, given, settings

from telephony.twilio.callback_state import Happening
from tests.telephony.test_callback_machine import EVENTS, holds


def main() -> None:
    """Tell the stories; stops at the first that breaks a law, made as short as it can be."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stories", type=int, help="how many")
    count = parser.parse_args().stories

    @settings(max_examples=count, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(EVENTS)
    def told(events: list[tuple[Happening | str, float]]) -> None:
        holds(events)

    began = time.monotonic()
    told()
    print(f"{count} stories, every one ended well, {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
