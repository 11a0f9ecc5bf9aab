"""What whoever watches a call is told: captions on the line and in the feed, counts, and log lines without words."""

from collections.abc import Mapping, Sequence

import structlog

from dialog.events import CallerSaid, HandOff
from speech.spoken_forms import display
from speech.transcript import Transcript
from telephony.call import Call, Caption, LineKind
from voicebot.agents.live_call import Speaker
from voicebot.agents.seat import Seat
from voicebot.floor import Phase
from voicebot.playback import Playback
from voicebot.preparing import Prepared
from voicebot.rooms import Rooms
from voicebot.stopwatch import Stopwatch

log = structlog.get_logger(__name__)

SPOKEN: Mapping[str, Speaker] = {"caller": "caller", "bot": "bot", "agent": "agent"}
"""Captions that are words, and whose."""


class Telling:
    """Tells what happens in one call.

    Args:
        call: shows captions, when it can.
        rooms: the feed and the metrics.
        seat: the call's place on the agents' board.
    """

    def __init__(self, call: Call, rooms: Rooms, seat: Seat) -> None:
        self.call_id = call.caller.call_id
        self._call = call
        self._seat = seat
        self._feed = rooms.feed
        self._metrics = rooms.metrics
        self._log = log.bind(call_id=call.caller.call_id, line=str(call.caller.line))

    async def caption(self, caption: Caption) -> None:
        """Show one caption."""
        if caption.kind in SPOKEN:
            self._seat.said(SPOKEN[caption.kind], caption.text)
        await self._call.show(caption)
        await self._feed.publish(self._call.caller.call_id, caption)

    async def phase(self, phase: Phase) -> None:
        """The bot does something else now."""
        await self.caption(Caption("state", str(phase)))

    async def typed(self, text: str) -> None:
        """The caller typed a line."""
        self._seat.writes(self._call.caller.line is LineKind.BROWSER)
        await self.caption(Caption("caller", text, {"typed": True}))

    async def interrupted(self, playback: Playback) -> None:
        """The caller cut the bot off."""
        self._metrics.interruptions.inc()
        heard = " ".join(display(sentence.text, sentence.language) for sentence in playback.heard)
        await self.caption(
            Caption("interrupted", heard, {"heard": len(playback.heard), "unheard": len(playback.unheard)})
        )

    async def ringing(self, person: HandOff) -> None:
        """People are being asked to take the caller."""
        details = {"department": person.department, "reason": person.reason, "asking": True}
        await self.caption(Caption("transfer", person.name, details))

    def so_far(self, transcripts: Sequence[Transcript]) -> None:
        """What the caller seems to have said before they paused: for people only, it may come to nothing."""
        text = " ".join(transcript.text.strip() for transcript in transcripts if transcript.rejected is None)
        if text:
            self._seat.said("caller", text, partial=True)

    def unusable(self, reason: str) -> None:
        """Something was heard that is no turn of the caller's."""
        self._seat.unsaid()
        self._metrics.rejected.labels(reason).inc()
        self._log.info("nothing usable heard", reason=reason)

    async def decided(self, prepared: Prepared, watch: Stopwatch) -> None:
        """What was heard, and what the dialog made of it."""
        transcript, event, reply = prepared.transcript, prepared.event, prepared.reply
        if reply is None:
            return
        state = prepared.state
        self._seat.stands(state.language, state.mood.level, [reason.kind for reason in state.mood.reasons])
        if transcript is not None and isinstance(event, CallerSaid):
            details = {
                "confidence": round(event.confidence, 3),
                "language": transcript.language,
                "model": transcript.model,
                "rule": transcript.rule,
                "stages": watch.shown(),
            }
            self._seat.writes(False)
            await self.caption(Caption("caller", event.text, details))
        decision = reply.decision
        self._metrics.turns.labels(decision.rule).inc()
        self._log.info("decided", rule=decision.rule, article=decision.article, score=decision.score)
        shown = {"rule": decision.rule, "article": decision.article, "score": decision.score}
        await self.caption(Caption("decision", decision.rule, {**decision.details, **shown, "stages": watch.shown()}))

    def timed(self, watch: Stopwatch) -> None:
        """Where a turn's time went; the endpoint is counted where it is decided."""
        for stage, ms in watch.ms.items():
            if stage != "endpoint":
                self._metrics.stage_seconds.labels(stage).observe(ms / 1000)

    def complete(self, endpoint_ms: float, reason: str) -> None:
        """An utterance is over."""
        self._metrics.stage_seconds.labels("endpoint").observe(endpoint_ms / 1000)
        self._log.debug("utterance complete", reason=reason, endpoint_ms=round(endpoint_ms))
