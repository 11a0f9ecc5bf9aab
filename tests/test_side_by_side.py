"""Tests that run beside each other: none is left out, none runs twice, and a failure of any is a failure."""

import sys
from pathlib import Path

import pytest

from tests.side_by_side import CALLS, LINES, SOME_CALLS, commands, run


def test_every_test_is_in_one_process_and_in_one_only() -> None:
    some, others, rest = commands().values()
    assert [argument for argument in some if argument.startswith("tests")] == [*SOME_CALLS, LINES]
    assert [argument for argument in others if argument.startswith("--ignore")] == [
        f"--ignore={one}" for one in SOME_CALLS
    ]
    assert CALLS in others
    assert rest[-2:] == [f"--ignore={CALLS}", f"--ignore={LINES}"]
    assert all(Path(path).is_file() for path in SOME_CALLS)


@pytest.mark.parametrize(("statuses", "expected"), [((0, 0), 0), ((0, 1), 1), ((2, 0), 2)])
def test_one_that_fails_is_enough_and_each_says_its_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], statuses: tuple[int, int], expected: int
) -> None:
    code = "import sys; print('words', sys.argv[1]); sys.exit(int(sys.argv[1]))"
    chosen = {str(place): [sys.executable, "-c", code, str(status)] for place, status in enumerate(statuses)}
    assert run(chosen, tmp_path) == expected
    assert capsys.readouterr().out == "".join(f"{place}:\nwords {status}\n\n" for place, status in enumerate(statuses))
