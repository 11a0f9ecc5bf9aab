"""`make bench`: the mind, the mouth and whole calls; with a folder of recordings also the ears."""

import subprocess
import sys

ALONE = (("benchmarks.dialog_speed",), ("benchmarks.mouth_speed",), ("benchmarks.calls",))
WITH_RECORDINGS = ("benchmarks.ears_recognition", "benchmarks.ears_noise")


def main() -> int:
    """Run the benchmarks one after the other; the status is that of the worst."""
    runs = [*ALONE, *((module, sys.argv[1]) for module in WITH_RECORDINGS if len(sys.argv) > 1)]
    return max(subprocess.run([sys.executable, "-m", *run], check=False).returncode for run in runs)


if __name__ == "__main__":
    raise SystemExit(main())
