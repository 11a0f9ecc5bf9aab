"""Free memory goes back to the machine."""

import sys
from pathlib import Path

import numpy as np
import pytest

from voicebot.memory import give_back


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


@pytest.mark.skipif(sys.platform != "linux", reason="only glibc has malloc_trim")
def test_what_was_freed_between_blocks_still_in_use_is_handed_back() -> None:
    # Blocks below malloc's threshold for mappings of their own; every hundredth stays, so the heap cannot just shrink.
    blocks = [np.ones(100_000, np.uint8) for _ in range(1_000)]
    kept = blocks[::100]
    del blocks
    before = resident_bytes()
    give_back()
    assert resident_bytes() < before - 50_000_000
    assert len(kept) == 10
