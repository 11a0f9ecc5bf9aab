"""What keeping records costs: `python -m benchmarks.records_cost BOT [--conversations 1000] [--rounds 20]`.

On SQLite and on a private PostgreSQL: what a turn costs the event loop, and how late the loop wakes, while the ledger
writes; how long many conversations take to be stored; and how long pages of them take, opening what is sealed included.
"""

import argparse
import asyncio
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from dialog import Engine, load_bot
from tests.dialog.conftest import TUESDAY_MORNING
from tests.postgres import running_cluster
from tests.voicebot.records.noted_calls import conversation
from voicebot.config import RecordsConfig
from voicebot.records.agents import history, saved_transfers, waiting_wrap_ups
from voicebot.records.callbacks import open_callbacks
from voicebot.records.counting import figures
from voicebot.records.counting_handovers import handovers
from voicebot.records.entries import (
    CallbackAsked,
    ConversationBegan,
    ConversationEnded,
    Entry,
    Rated,
    TransferAttempted,
    TransferEnded,
    TransferRequested,
    TransferSaved,
    TurnHeard,
    TurnTaken,
    WrappedUp,
    new_id,
)
from voicebot.records.opening import Records, open_records
from voicebot.records.questions import read_questions
from voicebot.records.reading import Wanted, conversation_detail, conversation_page
from voicebot.records.schema import conversations

TURNS = 8
CALLS_AT_ONCE = 12
TURN_EVERY_SECONDS = 1.0
"""Of each of these calls: several times as often as people talk."""

OSLO = ZoneInfo("Europe/Oslo")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure both databases."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bot", type=Path)
    parser.add_argument("--conversations", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=20, help="turns of each call while the loop is watched")
    chosen = parser.parse_args(arguments)
    engine = Engine(load_bot(chosen.bot))
    templates = _templates(engine, random.Random(1))
    for name, config in _stores():
        with config as records_config:
            print(f"\n{name}")
            records = open_records(records_config, engine.bot)
            records.ledger.start()
            asyncio.run(_watch(records, templates, chosen.rounds))
            asyncio.run(_store(records, templates, chosen.conversations))
            _read(records)
            if records.database.file is not None:
                print(f"  size of the file: {records.database.file.stat().st_size / 1e6:.1f} MB")
            asyncio.run(records.ledger.close())
            records.database.close()
    return 0


def _stores() -> Iterator[tuple[str, AbstractContextManager[RecordsConfig]]]:
    yield "SQLite", _sqlite()
    yield "PostgreSQL", _postgresql()


@contextmanager
def _sqlite() -> Iterator[RecordsConfig]:
    with tempfile.TemporaryDirectory() as folder:
        yield RecordsConfig(Path(folder), "", (), None, None)


@contextmanager
def _postgresql() -> Iterator[RecordsConfig]:
    with tempfile.TemporaryDirectory() as folder, running_cluster(durable=True) as cluster:
        yield RecordsConfig(Path(folder), cluster.new_database(), (), None, None)


def _templates(engine: Engine, chance: random.Random) -> list[list[Entry]]:
    """Twenty calls of eight turns: questions of the bot's articles, and a few that have no answer."""
    questions = [one for article in engine.bot.articles for one in article.questions.get("nb", ())]
    others = ["kan du fortelle meg om kvantefysikk", "ring meg på 92 24 37 11 da", "jeg heter Kari Nordmann"]
    questions += others * (len(questions) // 6)
    calls: list[list[Entry]] = []
    while len(calls) < 20:
        entries = list(conversation(engine, chance.choices(questions, k=TURNS - 1)))
        if sum(isinstance(entry, TurnTaken) for entry in entries) == TURNS:
            calls.append(entries)
    return calls


def _call(template: Sequence[Entry], at: int) -> Iterator[Entry]:
    """The same call by another caller, `at` quarters of an hour ago."""
    conversation_id, earlier, transfer = new_id(), timedelta(minutes=15 * at), new_id()
    for entry in template:
        changes: dict[str, object] = {}
        for name, value in (("conversation", conversation_id), ("transfer", transfer)):
            if hasattr(entry, name):
                changes[name] = value
        if not isinstance(entry, TurnHeard):
            changes["at"] = entry.at - earlier
        if isinstance(entry, ConversationBegan):
            changes |= {"number": f"+47922{at % 400:05}", "call_id": conversation_id}
        yield replace(entry, **changes)  # type: ignore[arg-type]  # each has the fields it is given


SAVED = json.dumps({"rounds": [["ada", "bo"]], "brief": "x" * 3_000})
"""About as long as what the line saves of a transfer."""


def _handed_over(template: Sequence[Entry], at: int) -> Iterator[Entry]:
    """The same call, of which every second is passed on to a person, with all that comes of it; none is over."""
    talk = transfer = ""
    for entry in _call(template, at):
        if isinstance(entry, ConversationBegan):
            talk, transfer = entry.conversation, new_id()
        if isinstance(entry, ConversationEnded) and at % 2 == 0:
            end, ada = entry.at, "ada" if at % 4 else "bo"
            yield TransferRequested(talk, transfer, "customer_service", "caller_asked", end)
            yield TransferAttempted(transfer, 1, "eli", "no_answer", end)
            yield TransferAttempted(transfer, 2, ada, "connected", end)
            yield TransferEnded(transfer, "connected", 20.0, end)
            yield TransferSaved(transfer, talk, SAVED, TUESDAY_MORNING)
            yield Rated(talk, 1 + at % 5, end)
            if at % 4:
                yield WrappedUp(talk, transfer, ada, "solved", "ringer tilbake i morgen", "yes", end)
            deadline = end + timedelta(days=1)
            yield CallbackAsked(talk, new_id(), f"+47922{at % 400:05}", "faktura", "nb", "x", None, deadline, end)
        yield entry


async def _watch(records: Records, templates: Sequence[Sequence[Entry]], rounds: int) -> None:
    """Note turns at a pace while the loop's lateness is measured, without and with the ledger."""
    quiet = asyncio.create_task(_lateness(rounds * TURN_EVERY_SECONDS / 2))
    _tell("loop late, idle", await quiet)
    costs: list[float] = []
    lateness = asyncio.create_task(_lateness(rounds * TURN_EVERY_SECONDS))
    calls = [asyncio.create_task(_talk(records, templates[at % 20], rounds, costs)) for at in range(CALLS_AT_ONCE)]
    await asyncio.gather(*calls)
    _tell("note, per turn", costs)
    _tell("loop late, ledger writing", await lateness)
    await records.ledger.flushed(60)


async def _talk(records: Records, template: Sequence[Entry], rounds: int, costs: list[float]) -> None:
    await asyncio.sleep(random.random() * TURN_EVERY_SECONDS)
    began, *rest = _call(template, 0)
    records.ledger.note(began)
    turns = [entry for entry in rest if isinstance(entry, TurnTaken)]
    heard = {entry.number: entry for entry in rest if isinstance(entry, TurnHeard)}
    for number in range(rounds):
        turn = turns[number % len(turns)]
        before = time.perf_counter()
        records.ledger.note(turn)
        records.ledger.note(heard[turn.number])
        costs.append((time.perf_counter() - before) * 1000)
        await asyncio.sleep(TURN_EVERY_SECONDS)


async def _lateness(seconds: float) -> list[float]:
    late, until = [], time.perf_counter() + seconds
    while (now := time.perf_counter()) < until:
        await asyncio.sleep(0.005)
        late.append((time.perf_counter() - now - 0.005) * 1000)
    return late


async def _store(records: Records, templates: Sequence[Sequence[Entry]], count: int) -> None:
    began = time.perf_counter()
    lateness = asyncio.create_task(_lateness(5))
    for at in range(count):
        for entry in _handed_over(templates[at % len(templates)], at):
            records.ledger.note(entry)
        await asyncio.sleep(0)
        if records.ledger.waiting > 5_000:
            await records.ledger.flushed(60)
    while not await records.ledger.flushed(60):
        print(f"  {records.ledger.waiting} wait, {records.ledger.trouble}")
    seconds = time.perf_counter() - began
    each_ms = seconds / count / TURNS * 1000
    print(f"  {count} conversations of {TURNS} turns stored in {seconds:.1f} s, {each_ms:.2f} ms a turn")
    _tell("loop late, ledger at full speed", await lateness)


def _read(records: Records) -> None:
    def timed(what: str, question: Callable[[Connection], object], times: int = 20) -> None:
        taken = []
        for _ in range(times):
            before = time.perf_counter()
            with records.database.reading() as connection:
                question(connection)
            taken.append((time.perf_counter() - before) * 1000)
        _tell(what, taken)

    with records.database.reading() as connection:
        ids = list(connection.execute(select(conversations.c.id).limit(200)).scalars())
        caller = connection.execute(select(conversations.c.caller_id).limit(1)).scalar_one()
        newest = str(connection.scalars(select(conversations.c.id).order_by(conversations.c.started_at.desc())).first())
    filters = {
        "newest": Wanted(),
        "of a day": Wanted(since=TUESDAY_MORNING - timedelta(days=3), until=TUESDAY_MORNING - timedelta(days=2)),
        "by outcome": Wanted(outcome="handed_off"),
        "by language and line": Wanted(language="nb", line="twilio"),
        "by a rule": Wanted(rule="dont_know"),
        "by a rule nobody had": Wanted(rule="no_such_rule"),
        "passed on": Wanted(passed_on=True),
        "of one caller": Wanted(caller=caller),
    }
    for what, wanted in filters.items():
        timed(f"list, {what}", lambda connection, wanted=wanted: conversation_page(connection, wanted))  # type: ignore[misc]
    timed("list, tenth page", _tenth_page)
    timed("one opened, all turns", lambda connection: conversation_detail(connection, records.vault, ids.pop()), 100)
    timed("questions without an answer", lambda connection: read_questions(connection, records.vault))
    last = TUESDAY_MORNING.date()
    month, now, vault = (last - timedelta(days=30), last, OSLO), TUESDAY_MORNING + timedelta(minutes=1), records.vault
    timed("figures of a month", lambda connection: figures(connection, *month))
    timed("handovers of a month", lambda connection: handovers(connection, *month, now))
    timed("a hundred callbacks, opened", lambda connection: open_callbacks(connection, vault, now))
    hour = now - timedelta(hours=1)
    with records.database.reading() as connection:
        under_way = len(saved_transfers(connection, vault, hour))
    timed(f"{under_way} saved transfers, opened", lambda connection: saved_transfers(connection, vault, hour))
    timed("wrap-ups that wait for one person", lambda connection: waiting_wrap_ups(connection, "ada", hour))
    timed("earlier conversations of a caller", lambda connection: history(connection, newest))


def _tenth_page(connection: Connection) -> None:
    page = conversation_page(connection, Wanted())
    for _ in range(9):
        if page.older is None:
            return
        page = conversation_page(connection, Wanted(), after=page.older)


def _tell(what: str, times_ms: Sequence[float]) -> None:
    ordered = sorted(times_ms)
    p95 = ordered[int(len(ordered) * 0.95)]
    print(f"  {what}, n={len(ordered)}: p50 {statistics.median(ordered):.3f} p95 {p95:.3f} worst {ordered[-1]:.3f} ms")


if __name__ == "__main__":
    sys.exit(main())
