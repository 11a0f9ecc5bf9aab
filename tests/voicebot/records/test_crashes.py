"""A house is killed in the middle of calls: what was written stays whole, and no more than a turn is missing."""

import random

from dialog import Engine
from tests.voicebot.records.crashing import crashing, judge
from voicebot.config import RecordsConfig

MOMENTS = 2
"""On each database; `python -m benchmarks.records_crashes` takes two hundred, at a faster pace."""

PAUSE_SECONDS = 1.0
"""A real call's turns are farther apart."""


def test_at_most_the_turn_in_progress_is_missing_and_everything_else_is_whole(
    records_config: RecordsConfig, engine: Engine
) -> None:
    chance = random.Random(4)
    with crashing(engine) as crashes:
        for moment in range(MOMENTS):
            noted = crashes.at(records_config, chance.uniform(0.0, 0.5), moment, PAUSE_SECONDS)
            left = judge(records_config, engine.bot, noted)
            assert all(missing == 1 for missing in left.missing), left
