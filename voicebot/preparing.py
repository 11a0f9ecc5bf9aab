"""Works out a reply before anybody knows whether it will be needed.

Nothing here can be seen or heard from outside: a reply that is dropped leaves no trace. That is possible because the
dialog is a pure function of its state and the event.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from dialog.events import CallerSaid, Event, Manner, NotUnderstood, Prompt, Reply
from speech.transcript import Transcript
from voicebot.barge_in import LONGEST_BACKCHANNEL_SECONDS, is_backchannel, is_stop
from voicebot.rooms import Deadlines, Rooms
from voicebot.sounding import Sounding
from voicebot.talking import Talking

UNCLEAR = frozenset({"dont_know", "not_understood", "choice"})
"""Rules of the dialog that mean that words made no sense to it on their own."""


BACKCHANNEL = "backchannel"
"""The reason when a caller only showed that they listen."""

STOP = "stop"
"""The reason when a caller told the bot to stop and no more."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """A reply that may have come too early.

    Args:
        state: the dialog's before it.
        understood: whether it was an answer; one that made no sense of the caller's words was of half of them.
    """

    state: Any
    understood: bool


@dataclass(frozen=True, slots=True)
class Context:
    """What the bot was doing when the caller spoke.

    Args:
        over_bot: it was speaking.
        answering: it had just asked something, so that a short "yes" is an answer and no backchannel.
        earlier: it had just begun to answer what the caller said before, perhaps too early.
        manner: how the caller said it.
        louder_than_echo: something in it was louder than the bot's own voice comes back.
    """

    over_bot: bool = False
    answering: bool = False
    earlier: Earlier | None = None
    manner: Manner = Manner()
    louder_than_echo: bool = True


@dataclass(frozen=True, slots=True)
class Prepared:
    """A reply nobody has heard yet.

    Args:
        based_on: the dialog's state it was worked out from; it is void when that has changed since.
        event: what the dialog was told; None when the bot should go on with what it was saying.
        transcript: of the last usable utterance, or None.
        reason: why nothing was usable, or None.
        state: the dialog's state once the reply is given.
        reply: what to say and do; None with `event`.
        first: the reply's first sentence, being made, its first piece there; or None.
        ms: milliseconds per stage.
        before: the dialog's state this reply came from, when it is not `based_on`.
        joined: what the caller said before was answered too early, and is answered here again with the rest.
    """

    based_on: Any
    event: Event | None
    transcript: Transcript | None = None
    reason: str | None = None
    state: Any = None
    reply: Reply | None = None
    first: Sounding | None = None
    ms: Mapping[str, float] = field(default_factory=dict)
    before: Any = None
    joined: bool = False


class Preparing:
    """Prepares the replies of one call.

    Args:
        rooms: the shared parts.
        deadlines: how long the dialog may take.
        talking: makes the first sentence, and knows the bot's own voice.
    """

    def __init__(self, rooms: Rooms, deadlines: Deadlines, talking: Talking) -> None:
        self._rooms = rooms
        self._deadlines = deadlines
        self._talking = talking

    async def reply_to_speech(self, transcripts: Sequence[Transcript], context: Context, state: Any) -> Prepared:
        """The reply to utterances that belong together.

        Raises:
            SpeechError: the first sentence could not be made.
            TimeoutError: the dialog or the mouth took too long.
        """
        if context.earlier is not None and len(transcripts) > 1:
            return await self._after_early_reply(transcripts, context, state, context.earlier)
        ms = {
            "queue": sum(transcript.queue_ms for transcript in transcripts),
            "whisper": sum(transcript.compute_ms for transcript in transcripts),
        }
        usable = [transcript for transcript in transcripts if self.unusable(transcript, context) is None]
        if context.over_bot:
            usable = [replace(heard, text=self._talking.without_echo(heard.text)) for heard in usable]
        if not usable:
            reason = self.unusable(transcripts[-1], context)
            if context.over_bot:
                return Prepared(state, None, reason=reason, ms=ms)
            return await self.reply_to(NotUnderstood(reason or "no_words"), state, reason=reason, ms=ms)
        prepared = await self.reply_to(_said(usable, context), state, transcript=usable[-1], ms=ms)
        if context.over_bot and not context.answering and _hardly_words(prepared, transcripts):
            return Prepared(state, None, reason=BACKCHANNEL, ms=ms)
        return prepared

    async def _after_early_reply(
        self, transcripts: Sequence[Transcript], context: Context, state: Any, earlier: Earlier
    ) -> Prepared:
        """The caller spoke just after we had begun to answer: a question of its own, or the rest of theirs?"""
        last = replace(context, earlier=None)
        alone = await self.reply_to_speech(transcripts[-1:], last, state)
        if alone.event is None and (earlier.understood or alone.reason != BACKCHANNEL):
            return alone
        if alone.reply is not None and alone.reply.decision.rule not in UNCLEAR:
            return alone
        joined = await self.reply_to_speech(transcripts, replace(last, over_bot=False), earlier.state)
        return replace(joined, based_on=state, before=earlier.state, joined=True)

    def unusable(self, transcript: Transcript, context: Context) -> str | None:
        """Why a transcript is no turn of the caller's, or None when it is one."""
        if transcript.rejected is not None:
            return transcript.rejected
        if not transcript.text.strip():
            return "no_words"
        if context.over_bot and not context.louder_than_echo:
            return "echo"
        if context.over_bot and not self._talking.without_echo(transcript.text):
            return "echo"
        if context.over_bot and is_stop(transcript.text):
            return STOP
        if (
            context.over_bot
            and not context.answering
            and is_backchannel(transcript.text, transcript.language, transcript.audio_seconds)
        ):
            return BACKCHANNEL
        return None

    async def reply_to(
        self,
        event: Event,
        state: Any,
        transcript: Transcript | None = None,
        reason: str | None = None,
        ms: Mapping[str, float] | None = None,
    ) -> Prepared:
        """The reply to an event, with the audio of its first sentence."""
        asked = time.monotonic()
        async with asyncio.timeout(self._deadlines.respond):
            following, reply = await asyncio.get_running_loop().run_in_executor(
                self._rooms.thinking, self._rooms.mind.respond, state, event, self._rooms.now()
            )
        decided = time.monotonic()
        first = await self._first_sentence(reply.prompts)
        stages = {
            **(ms or {}),
            "dialog": (decided - asked) * 1000,
            "mouth": (time.monotonic() - decided) * 1000,
        }
        return Prepared(state, event, transcript, reason, following, reply, first, stages)

    async def _first_sentence(self, prompts: tuple[Prompt, ...]) -> Sounding | None:
        for prompt in prompts[:1]:
            for sentence in self._rooms.speaking.sentences(prompt.text, prompt.language)[:1]:
                sounding = self._talking.sound(replace(prompt, text=sentence))
                await sounding.begun()
                return sounding
        return None


def _said(usable: Sequence[Transcript], context: Context) -> CallerSaid:
    return CallerSaid(
        " ".join(transcript.text.strip() for transcript in usable),
        usable[-1].language,
        min(transcript.confidence for transcript in usable),
        context.manner,
        heard_out=not context.over_bot or context.answering,
    )


def _hardly_words(prepared: Prepared, transcripts: Sequence[Transcript]) -> bool:
    """A short sound that means nothing to the dialog: Whisper writes "and let me chat" for a nasal "mm-hm"."""
    short = sum(transcript.audio_seconds for transcript in transcripts) <= LONGEST_BACKCHANNEL_SECONDS
    return short and prepared.reply is not None and prepared.reply.decision.rule in UNCLEAR
