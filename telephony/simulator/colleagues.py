"""The people of scripts: how their phones behave when the bot rings them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from telephony.call import Pcm16
from telephony.simulator.caller import ScriptedCaller, describe
from telephony.simulator.feed import Feed
from telephony.simulator.handset import Handset
from telephony.simulator.ringing import Ringing
from telephony.simulator.script import Colleague, Script, Turn
from telephony.simulator.voices import Speak, prepare_voices

_SILENT_FEED = "the bot gives people whom it rings no feed"


@dataclass(frozen=True, slots=True)
class _Known:
    colleague: Colleague
    voices: Mapping[int, Pcm16]
    tell: Callable[[str], None]

    async def answer(self, handset: Handset) -> None:
        """What they do with the phone."""

        def says(turn: Turn) -> None:
            self.tell(f"{self.colleague.name}: {describe(turn)}")

        script = Script(self.colleague.name, self.colleague.turns)
        feed = Feed(lambda: handset.now, missing=_SILENT_FEED)
        await ScriptedCaller(script, self.voices, handset, feed, on_turn=says, stays=True).talk()


class Colleagues:
    """Whoever may be rung, by number."""

    def __init__(self) -> None:
        self._known: dict[str, _Known] = {}

    async def add(self, script: Script, speak: Speak, tell: Callable[[str], None]) -> None:
        """Let a script's people be reached.

        Args:
            script: whose people.
            speak: says their sentences; used now, so that it costs the bot no time later.
            tell: told what they do, in words.
        Raises:
            SoundUnreadable: a sound file of theirs is missing or not PCM.
        """
        for colleague in script.people:
            voices = await prepare_voices(colleague.turns, speak)
            self._known[colleague.number] = _Known(colleague, voices, tell)

    def __bool__(self) -> bool:
        """Whether there is anybody."""
        return bool(self._known)

    def name(self, number: str) -> str:
        """Whose number it is; the number itself when nobody has it."""
        return self._known[number].colleague.name if number in self._known else number

    def ringing(self, number: str) -> Ringing | None:
        """How the phone with a number behaves; None when nobody has it."""
        known = self._known.get(number)
        if known is None:
            return None
        known.tell(f"{known.colleague.name}: the phone rings")
        return Ringing(known.colleague.result, known.colleague.rings_seconds, known.answer)
