"""`voicebot chat BOT`: the bot's mind by keyboard: no ears, no mouth, the same answers and the same actions."""

import argparse
import asyncio
import json
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.markup import escape

from dialog import Engine, State
from dialog.actions import SEND_LINK
from dialog.callback_rules import ASK_CALLBACK
from dialog.events import (
    Act,
    ActionDone,
    ActionFailed,
    CallBegan,
    CallerPressed,
    CallerSaid,
    CallerSilent,
    Event,
    HandOff,
    HangUp,
    Reply,
)
from dialog.explaining import explain
from dialog.identity import NOT_PROVEN, PROVE
from dialog.record import record_of
from dialog.script import is_identity, proof_of
from speech.spoken_forms import display
from voicebot.acting import Acting
from voicebot.callbacks.promises import tried_out
from voicebot.config import load_config
from voicebot.opening import open_mind
from voicebot.script_runner import SOMEBODY

KEYS = "0123456789*#"


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "chat",
        help="talk to a bot by typing",
        description="Shows beside each answer what decided. What the bot does (looking up an order, say) is really "
        "done.",
    )
    parser.add_argument("bot", type=Path, help="the bot folder")
    parser.add_argument("--language", help="the caller's language from the start: nb, nn, en or uk")
    parser.add_argument(
        "--identity",
        default="unavailable",
        type=_identity,
        help="what comes of proving who calls: proven, refused, expired, or the six digits of the code that is sent",
    )
    parser.add_argument(
        "--at",
        type=_clock,
        metavar="TIME",
        help="pretend that it is this time by the bot's clock, 2026-11-24T22:00 say: what it answers when all are gone",
    )
    parser.add_argument("--why", action="store_true", help="show all of why the bot answered as it did")
    parser.add_argument("--record", type=Path, metavar="FILE", help="write decision records, for `voicebot explain`")
    parser.add_argument("--config", type=Path, help="the configuration file")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Read lines until the bot hangs up or the input ends; a line like `/0` presses a key, an empty one is silence."""
    config = load_config(arguments.config)
    engine = open_mind(config, arguments.bot)
    acting = Acting(engine.bot.actions)
    try:
        with _records(arguments.record) as records:
            chat = _Chat(engine, acting, arguments.why, records, arguments.identity, arguments.at)
            chat.hold(arguments.language)
    except OSError as error:
        print(f"voicebot: {error.filename or arguments.record}: {error.strerror}", file=sys.stderr)
        return 2
    finally:
        acting.close()
    return 0


def _identity(text: str) -> str:
    if not is_identity(text):
        raise argparse.ArgumentTypeError(f"must be proven, {', '.join(NOT_PROVEN)}, or a code of six digits")
    return text


def _clock(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is no time; write it as 2026-11-24T10:00") from None


def _records(path: Path | None) -> AbstractContextManager[TextIO | None]:
    """Where decision records go, or nowhere."""
    return nullcontext() if path is None else path.open("w", encoding="utf-8")


class _Chat:
    """One conversation at the keyboard."""

    def __init__(
        self,
        engine: Engine,
        acting: Acting,
        why: bool,
        records: TextIO | None,
        identity: str,
        at: datetime | None = None,
    ) -> None:
        hours = engine.bot.hours
        zone = UTC if hours is None else ZoneInfo(hours.timezone)
        self._at = at if at is None or at.tzinfo is not None else at.replace(tzinfo=zone)
        self._engine = engine
        self._acting = acting
        self._why = why
        self._records = records
        self._identity = identity
        self._codes = 0
        self._console = Console(highlight=False, soft_wrap=True)
        self._state: State = engine.new_state()

    def hold(self, language: str | None) -> None:
        """Greet, and answer each line of standard input until the call is over."""
        may_record = self._engine.bot.records.recording is not None
        over = self._answered(CallBegan(language, may_record=may_record))
        if sys.stdin.isatty():
            self._console.print(
                "[dim]Type what the caller says; /0 presses a key, /402713# several; an empty line is silence; "
                "Ctrl-D ends.[/dim]"
            )
        while not over and (line := sys.stdin.readline()):
            over = any(self._answered(event) for event in _events(line.strip()))

    def _answered(self, event: Event) -> bool:
        """Show the reply to an event, and do what it asks for; True when the call is over."""
        reply = self._respond(event)
        while isinstance(reply.action, Act):
            reply = self._respond(self._done(reply.action))
        if isinstance(reply.action, HandOff):
            self._console.print(f"[yellow]  -> passed on to {reply.action.name} ({reply.action.reason})[/yellow]")
        if isinstance(reply.action, HangUp):
            self._console.print(f"[yellow]  -> hung up ({reply.action.reason})[/yellow]")
        return isinstance(reply.action, HandOff | HangUp)

    def _respond(self, event: Event) -> Reply:
        now, before = self._at or datetime.now(UTC), self._state
        self._state, reply = self._engine.respond(before, event, now)
        record = record_of(self._engine.bot, before, event, self._state, reply, now)
        if self._records is not None:
            print(json.dumps(record, ensure_ascii=False), file=self._records, flush=True)
        for prompt in reply.prompts:
            self._console.print(f"[bold]bot[/bold]  {escape(display(prompt.text, prompt.language))}")
        self._console.print(f"[dim]     {escape(_in_short(reply, self._state))}[/dim]")
        if self._why:
            _, _, turn = explain([record], self._state.language).strip().rpartition("\n\n")  # without its heading
            for line in turn.splitlines():
                self._console.print(f"[dim]     {escape(line)}[/dim]")
        return reply

    def _tried_out(self, act: Act) -> ActionDone | None:
        """What the program itself would do, and here only says; None for the bot's own functions."""
        callbacks = self._engine.bot.callbacks
        if act.name == ASK_CALLBACK and callbacks is not None:
            return ActionDone(
                act.ticket, tried_out(self._engine.bot, callbacks, act.arguments, self._at or datetime.now(UTC))
            )
        return ActionDone(act.ticket, {}) if act.name == SEND_LINK else None

    def _done(self, act: Act) -> ActionDone | ActionFailed:
        if act.name == PROVE:
            return self._proven(act)
        said = ", ".join(f"{name}={value}" for name, value in act.arguments.items())
        self._console.print(f"[yellow]  -> does {escape(f'{act.name}({said})')}[/yellow]")
        done = self._tried_out(act) or asyncio.run(self._acting(act, SOMEBODY))
        match done:
            case ActionDone(result=result):
                found = ", ".join(f"{name}={value}" for name, value in result.items())
                self._console.print(f"[yellow]  <- {escape(found or 'done')}[/yellow]")
            case ActionFailed(reason=reason):
                self._console.print(f"[yellow]  <- failed: {reason}[/yellow]")
        return done

    def _proven(self, act: Act) -> ActionDone:
        """What `--identity` says comes of it."""
        came = proof_of(self._identity, act, self._codes)
        self._codes += act.arguments["step"] == "code"
        step, outcome = act.arguments["step"], came.result["outcome"]
        self._console.print(f"[yellow]  -> proves identity ({step}): {outcome}[/yellow]")
        return came


def _events(line: str) -> Iterator[Event]:
    """What a line stands for: silence, keys, or words."""
    if not line:
        yield CallerSilent()
    elif line[0] == "/" and line[1:] and set(line[1:]) <= set(KEYS):
        yield from map(CallerPressed, line[1:])
    else:
        yield CallerSaid(line)


def _in_short(reply: Reply, state: State) -> str:
    """What decided, in a line: "answer · delivery 0.93 · nb"."""
    decision = reply.decision
    parts = [decision.rule]
    if decision.article is not None:
        parts.append(decision.article if decision.score is None else f"{decision.article} {decision.score:.2f}")
    elif decision.score is not None:
        parts.append(f"best {decision.score:.2f}")
    if state.frames:
        frame = state.frames[-1]
        known = ", ".join(f"{filled.slot}={filled.value or '?'}" for filled in frame.slots)
        parts.append(f"{frame.flow}({known})")
    return " · ".join([*parts, state.language])
