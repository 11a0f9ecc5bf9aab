"""Offices played at random, as many as wanted: one caller has one person, nobody is rung for two, no ghosts.

python -m benchmarks.board_laws 5000
"""

import argparse
import time
from collections.abc import Sequence

import structlog
from hypothesis import HealthCheck, given, settings

from tests.voicebot.agents.office import STEPS, play


def main() -> None:
    """Play them; stops at the first that breaks a law, made as short as it can be."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("offices", type=int, help="how many")
    count = parser.parse_args().offices
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    steps_played = 0

    @settings(max_examples=count, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(steps=STEPS)
    def played(steps: Sequence[tuple[str, int, object]]) -> None:
        nonlocal steps_played
        steps_played += len(steps)
        play(steps)

    began = time.monotonic()
    played()
    print(f"{count} offices, {steps_played} steps, no law broken, {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
