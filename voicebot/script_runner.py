"""Running a bot's conversations as tests: the same mind, actions and clock for every script, in text or by voice."""

import traceback
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias, assert_never

from dialog import Engine, State
from dialog.actions import SEND_LINK
from dialog.callback_rules import ASK_CALLBACK
from dialog.events import (
    HANDED_BACK,
    Act,
    ActionDone,
    ActionFailed,
    AgentNote,
    CallBegan,
    CallerPressed,
    CallerSaid,
    CallerSilent,
    Event,
    HandOff,
    HangUp,
    NotUnderstood,
    PersonDone,
    Reply,
    TransferFailed,
)
from dialog.identity import PROVE, Identity
from dialog.script import Befalls, Does, IsSilent, MakesNoise, Notes, Presses, Says, Script, Turn, proof_of
from dialog.script_outcome import Difference, Observed, differences, observe
from dialog.state import SlotAsked, SlotDoubtful
from speech.spoken_forms import display
from voicebot.callbacks.promises import tried_out
from voicebot.identity.provider import Proven
from voicebot.rooms import Doing

MOST_ACTS = 20
"""In one turn; a flow that asks for more goes in circles."""

YES = {"nb": "Ja", "nn": "Ja", "en": "Yes", "uk": "Так"}
NO = {"nb": "Nei", "nn": "Nei", "en": "No", "uk": "Ні"}

SOMEBODY = Proven(Identity("script", "high", "script", "+4799999999"))
"""Who calls in a script in which identity is proven, on the telephone that the simulator calls from, too."""

Ears: TypeAlias = Callable[[str, State], Awaitable[Event]]
"""What becomes of the caller's words on their way to the mind; the state says what the ears wait for."""


@dataclass(frozen=True, slots=True)
class TurnResult:
    """What happened in one turn.

    Args:
        line: of the turn in its file.
        did: what the caller did, in words.
        heard: what of it reached the mind, when that is something else; else "".
        shown: what the bot said, as it is written.
        observed: what it did.
        differences: from what the script wants.
    """

    line: int
    did: str
    heard: str
    shown: str
    observed: Observed
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class ScriptResult:
    """How a script went: turns up to the first one with differences, or all of them.

    Args:
        script: it.
        turns: that were run.
        left: turns that could not be run because the call was over, or after a difference.
        ended_early: the call was over before the script was.
        fault: what broke in the program itself, or "".
    """

    script: Script
    turns: tuple[TurnResult, ...]
    left: int
    ended_early: bool = False
    fault: str = ""

    @property
    def passed(self) -> bool:
        """Every turn was as it should be."""
        return not self.left and not any(turn.differences for turn in self.turns)


async def as_typed(text: str, state: State) -> Event:
    """Words reach the mind as they stand in the script."""
    return CallerSaid(text)


class ScriptRunner:
    """Runs scripts one at a time.

    Args:
        engine: the mind.
        act: runs the bot's own functions, where a script gives no result.
        hear: brings the caller's words to the mind.
        patience: how often in a turn the caller helps where the script goes on at once: says yes to a right value
            that is read back, no and the words again to a wrong one, or the words again when they are asked for
            again. What goes over a telephone is misheard and read back more often than what is typed.
    """

    def __init__(self, engine: Engine, act: Doing, hear: Ears = as_typed, patience: int = 0) -> None:
        self._engine = engine
        self._act = act
        self._hear = hear
        self._patience = patience

    async def run(self, script: Script) -> ScriptResult:
        """One conversation from its greeting; stops after the first turn that is not as it should be.

        What comes behind a wrong turn proves nothing: the conversation has gone another way.
        """
        results: list[TurnResult] = []
        try:
            ended_early = await self._turns(script, results)
        except Exception as error:  # a script that breaks the program must not hide how the others go
            where = traceback.extract_tb(error.__traceback__)[-1]
            fault = f"{type(error).__name__}: {error} ({Path(where.filename).name}:{where.lineno})"
            return ScriptResult(script, tuple(results), len(script.turns) - len(results), fault=fault)
        return ScriptResult(script, tuple(results), len(script.turns) - len(results), ended_early)

    async def _turns(self, script: Script, results: list[TurnResult]) -> bool:
        """Put results of turns into the list; True when the call was over too early."""
        done: Counter[str] = Counter()
        may_record = self._engine.bot.records.recording is not None
        began = CallBegan(script.language, may_record=may_record, number=script.number or None)
        steps = await self._happens(script, self._engine.new_state(), began, done)
        for turn in script.turns:
            heard, before = "", steps[-1][0]
            if turn.does is not None:
                if _is_over(steps[-1][1]) and not isinstance(turn.does, Befalls):
                    return True
                steps, heard = await self._does(script, before, turn.does, done)
            result = _compared(turn, steps, heard)
            for _ in range(self._patience):
                helps = _help(turn, before, steps[-1][0]) if result.differences else None
                if helps is None:
                    break
                more, heard_then = await self._does(script, steps[-1][0], helps, done)
                steps, heard = steps + more, " / ".join(filter(None, (heard, heard_then)))
                result = _compared(turn, steps, heard)
            results.append(result)
            if result.differences:
                break
        return False

    async def _does(
        self, script: Script, state: State, does: Does, done: Counter[str]
    ) -> tuple[list[tuple[State, Reply]], str]:
        """What follows when the caller does something, and what was heard of it when that is something else."""
        match does:
            case Says(text=text):
                event = await self._hear(text, state)
                heard = event.text if isinstance(event, CallerSaid) else "(no words)"
                return await self._happens(script, state, event, done), "" if heard == text else heard
            case Presses(keys=keys):
                steps: list[tuple[State, Reply]] = []
                for key in keys:
                    steps += await self._happens(script, state, CallerPressed(key), done)
                    state, reply = steps[-1]
                    if _is_over(reply):
                        break
                return steps, ""
            case IsSilent():
                return await self._happens(script, state, CallerSilent(), done), ""
            case MakesNoise():
                return await self._happens(script, state, NotUnderstood("no_speech"), done), ""
            case Befalls(what=what):
                return await self._happens(script, state, _befalling(what, state), done), ""
            case Notes(text=text):
                return await self._happens(script, state, AgentNote(text, "script"), done), ""
            case _:
                assert_never(does)

    async def _happens(
        self, script: Script, state: State, event: Event, done: Counter[str]
    ) -> list[tuple[State, Reply]]:
        """Replies until the caller has the floor again, or the call is over: acts are done in between."""
        state, reply = self._engine.respond(state, event, script.at)
        steps = [(state, reply)]
        while isinstance(reply.action, Act) and len(steps) <= MOST_ACTS:
            state, reply = self._engine.respond(state, await self._done(script, reply.action, done), script.at)
            steps.append((state, reply))
        return steps

    async def _done(self, script: Script, act: Act, done: Counter[str]) -> ActionDone | ActionFailed:
        if act.name == PROVE:
            codes = done[act.name]
            done[act.name] += act.arguments["step"] == "code"
            return proof_of(script.identity, act, codes)
        scripted = script.outcome(act, done[act.name])
        done[act.name] += 1
        if scripted is not None:
            return scripted
        if act.name == ASK_CALLBACK and self._engine.bot.callbacks is not None:
            return ActionDone(
                act.ticket, tried_out(self._engine.bot, self._engine.bot.callbacks, act.arguments, script.at)
            )
        return ActionDone(act.ticket, {}) if act.name == SEND_LINK else await self._act(act, SOMEBODY)


def _compared(turn: Turn, steps: Sequence[tuple[State, Reply]], heard: str) -> TurnResult:
    observed = observe(steps)
    shown = shown_words(reply for _, reply in steps)
    wrong = differences(turn.expected, observed, shown)
    return TurnResult(turn.line, in_words(turn.does), heard, shown, observed, wrong)


def _help(turn: Turn, before: State, after: State) -> Says | None:
    """What a patient caller says next, or None when the bot wants nothing of the kind."""
    question = after.frames[-1].question if after.frames else None
    if not isinstance(turn.does, Says):
        return None
    if isinstance(question, SlotDoubtful):
        value = after.frames[-1].value(question.slot)
        right = bool(value) and turn.expected.slots.get(question.slot, value) == value
        return Says(YES[after.language] if right else f"{NO[after.language]}, {turn.does.text}")
    asked = before.frames[-1].question if before.frames else None
    again = isinstance(question, SlotAsked) and isinstance(asked, SlotAsked) and question.slot == asked.slot
    return turn.does if again else None


def _is_over(reply: Reply) -> bool:
    """Whether the caller has nobody to talk with any more: while people are rung they go on talking with the bot."""
    action = reply.action
    return isinstance(action, HangUp) or (isinstance(action, HandOff) and not action.rounds)


def _befalling(what: str, state: State) -> Event:
    """What happens, to whoever is being rung."""
    if what in ("nobody_came", "nobody_free"):
        return TransferFailed(state.ringing, "no_answer" if what == "nobody_came" else what)
    return PersonDone(state.ringing, HANDED_BACK if what == "handed_back" else "connected")


def shown_words(replies: Iterable[Reply]) -> str:
    """What the bot said, as it is written for eyes."""
    return " ".join(display(prompt.text, prompt.language) for reply in replies for prompt in reply.prompts)


def in_words(does: Does | None) -> str:
    """What the caller did, for people."""
    match does:
        case None:
            return "(calls)"
        case Says(text=text):
            return text
        case Presses(keys=keys):
            return f"(presses {keys})"
        case IsSilent():
            return "(says nothing)"
        case MakesNoise():
            return "(noise)"
        case Befalls(what=what):
            return f"({what})"
        case Notes(text=text):
            return f"(a colleague: {text})"
        case _:
            assert_never(does)
