"""Many more random orders of calls, erasures, forgetting, backups, restores and rotations than the tests take.

python -m benchmarks.rights_laws --examples 500 --steps 40
"""

import argparse
import time

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.voicebot.records.test_rights_laws import Rights


def main() -> None:
    """Run them; a failure is shown as the shortest order that fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=300, help="orders tried")
    parser.add_argument("--steps", type=int, default=30, help="things that happen in each")
    given = parser.parse_args()
    began = time.perf_counter()
    run_state_machine_as_test(
        Rights,
        settings=settings(
            max_examples=given.examples,
            stateful_step_count=given.steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
    print(f"{given.examples} orders of up to {given.steps} steps held, in {time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
