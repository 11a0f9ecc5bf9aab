"""Every route of the whole application, asked for anything by strangers, the carrier and somebody signed in."""

from benchmarks.fuzz_http import run

EXAMPLES = 2
"""Per method of a route, times two; `python -m benchmarks.fuzz_http --examples 200` is the long run."""

MOST_GROWTH_BYTES = 1_000_000
"""pytest itself keeps every line that is logged: some 250 kB. The long run, without it, holds nothing more."""


async def test_no_request_meets_a_fault_of_ours_or_waits_for_ever_or_leaves_something_behind() -> None:
    count, tally = await run(EXAMPLES, seed=20)
    assert tally.faults == []
    assert sum(tally.answers.values()) > count >= 150
    assert tally.answers[200] > 20, "somebody came in"
    assert tally.grown_bytes < MOST_GROWTH_BYTES
