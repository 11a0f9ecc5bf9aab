"""What must hold whatever callers, agents and lines do, and in whatever order."""

from hypothesis import HealthCheck, given, settings

from tests.voicebot.agents.office import STEPS, play


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
def test_one_winner_nobody_rung_twice_no_ghost(steps: list[tuple[str, int, object]]) -> None:
    play(steps)
