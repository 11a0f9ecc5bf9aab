"""Houses killed in the middle of calls: `python -m benchmarks.records_crashes [--moments 200] [--seed 1]`.

Half of the moments on SQLite, half on a private PostgreSQL that keeps what it commits; there the server is killed, too,
each second time. After each moment everything that is left is checked (tests/voicebot/records/crashing.py).
"""

import argparse
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from dialog import Engine, load_bot
from tests.dialog.conftest import LYSVERKET
from tests.postgres import Cluster, running_cluster
from tests.voicebot.records.crashing import Crashing, crashing, judge
from voicebot.config import RecordsConfig

PAUSE_SECONDS = 0.4
"""Between a call's turns: ten times as often as people talk."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Kill, look, and count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--moments", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(arguments)
    chance = random.Random(chosen.seed)
    engine = Engine(load_bot(LYSVERKET, date.today()))
    with (
        tempfile.TemporaryDirectory() as folder,
        running_cluster(durable=True) as cluster,
        crashing(engine) as crashes,
    ):
        sqlite = RecordsConfig(Path(folder, "sqlite"), "", (), None, None)
        _run("SQLite", crashes, engine, sqlite, None, chosen.moments // 2, chance)
        server = RecordsConfig(Path(folder, "server"), cluster.new_database(), (), None, None)
        _run("PostgreSQL", crashes, engine, server, cluster, chosen.moments // 2, chance)
    return 0


def _run(
    name: str,
    crashes: Crashing,
    engine: Engine,
    config: RecordsConfig,
    cluster: Cluster | None,
    moments: int,
    chance: random.Random,
) -> None:
    missing, live, turns, looks = Counter[int](), 0, 0, 0
    for moment in range(moments):
        noted = crashes.at(config, chance.uniform(0.0, 1.2), chance.randrange(1 << 30), PAUSE_SECONDS)
        if cluster is not None and moment % 2:
            cluster.stop(at_once=True)
            cluster.start()
        left = judge(config, engine.bot, noted)
        missing.update(left.missing)
        live, turns, looks = live + left.live, turns + left.turns, left.looks
    whole = live - missing.total()
    print(
        f"{name}: {moments} moments, {live} live calls, {turns} turns found whole, access log of {looks} lines verifies"
    )
    print(
        f"  turns missing of a call: none of {whole}; " + ", ".join(f"{n} of {c}" for n, c in sorted(missing.items()))
    )


if __name__ == "__main__":
    sys.exit(main())
