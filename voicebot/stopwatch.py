"""Where a turn's time goes, stage by stage."""

import time
from dataclasses import dataclass, field


@dataclass(slots=True)
class Stopwatch:
    """The stages of one turn.

    Args:
        began: monotonic seconds when the caller stopped speaking, or the turn was triggered.
        ms: milliseconds per stage: endpoint (end of speech to the decision), queue and whisper (waiting for and
            spent in a recogniser, partly before the decision), dialog, mouth (the first sentence), total (to the
            first sound given to the line).
    """

    began: float = field(default_factory=time.monotonic)
    ms: dict[str, float] = field(default_factory=dict)

    def add(self, stage: str, ms: float) -> None:
        """Put time on a stage's account."""
        self.ms[stage] = self.ms.get(stage, 0.0) + ms

    def since(self, stage: str, moment: float) -> None:
        """Put the time since a moment on a stage's account."""
        self.add(stage, (time.monotonic() - moment) * 1000)

    def shown(self) -> dict[str, float]:
        """The stages for people to read."""
        return {stage: round(ms, 1) for stage, ms in self.ms.items()}
