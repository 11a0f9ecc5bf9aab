"""All tests, three processes beside each other: `make test`.

Calls take the time that calls take, and leave the processor idle for two thirds of it. Half of them, with the lines
they come over, run beside the other half; everything else runs beside both and gives way to them, so that no caller
waits longer than without it.
"""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

CALLS, LINES = "tests/calls", "tests/telephony"
SOME_CALLS = tuple(f"{CALLS}/test_{name}.py" for name in ("whole_calls", "faults", "browser_and_microphone"))
"""About half of the minutes that calls take."""


def commands() -> dict[str, list[str]]:
    """What is run, by name: every test is in exactly one of them."""
    nice = ["nice", "-n", "10"] if shutil.which("nice") else []
    return {
        "calls": [*_pytest("calls"), *SOME_CALLS, LINES],
        "other calls": [*_pytest("other_calls"), CALLS, *(f"--ignore={path}" for path in SOME_CALLS)],
        "everything else": [*nice, *_pytest("everything_else"), f"--ignore={CALLS}", f"--ignore={LINES}"],
    }


def _pytest(name: str) -> list[str]:
    """Each with a cache of its own: two processes that write one would spoil it."""
    return [sys.executable, "-m", "pytest", "-o", f"cache_dir=.pytest_cache/{name}"]


def run(chosen: dict[str, list[str]], folder: Path) -> int:
    """Run all of them and print what each says when it is over; 0 when all went well."""
    started = {}
    for name, command in chosen.items():
        with (folder / name).open("wb") as output:
            started[name] = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
    try:
        status = 0
        for name, process in started.items():
            status = max(status, abs(process.wait()))
            sys.stdout.write(f"{name}:\n{(folder / name).read_text(encoding='utf-8', errors='replace')}\n")
            sys.stdout.flush()
        return status
    finally:
        for process in started.values():
            process.kill()


def main(arguments: Sequence[str]) -> int:
    """Run everything; further arguments go to pytest, each time."""
    with tempfile.TemporaryDirectory() as folder:
        return run({name: [*command, *arguments] for name, command in commands().items()}, Path(folder))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
