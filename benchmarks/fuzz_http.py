"""Requests of every form to every route, from strangers, from somebody signed in, and in the carrier's name.

    python -m benchmarks.fuzz_http --examples 200

What addresses, queries and headers look like comes from schemathesis, which reads the application's own description of
its routes; forms are filled in with the fields the pages have. Every answer must come in time, and none may be a fault
of ours. The tests do the same with a few examples per route.
"""

import argparse
import asyncio
import gc
import json
import re
import sys
import tempfile
import tracemalloc
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlencode

import requests
import schemathesis
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute, iter_route_contexts
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as hypothesis_seed
from hypothesis import strategies as st
from schemathesis.core.result import Err
from starlette.types import Message

from telephony.simulator.signature import sign_request
from tests.serving import NORDLYS, PUBLIC_URL, test_config
from voicebot.app import build_app
from voicebot.house import House, open_house
from voicebot.web.permissions import Role
from voicebot.web.sign_in import accounts, sessions
from voicebot.web.sign_in.sessions import SessionRules, Stage

ANSWER_SECONDS = 20.0
TEMPLATES = Path(__file__).parent.parent / "voicebot" / "web" / "templates"
CALL_SID = "CA" + "f" * 32
CARRIER_FIELDS = (
    "From To CallStatus Direction DialCallStatus DialCallSid DialBridged ParentCallSid StreamEvent StreamSid Digits "
    "ConferenceSid StatusCallbackEvent MessageStatus SpeechResult ErrorCode"
).split()
UNAVAILABLE = frozenset({"/readyz"})
"""Routes whose 503 is an answer and no fault: there are no models here."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it goes over the wire.

    Args:
        route: the path as the application declares it.
        target: path and query, percent-encoded.
        body: the bytes behind the head.
    """

    method: str
    route: str
    target: str
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes


@dataclass(slots=True)
class Tally:
    """What came of it.

    Args:
        answers: by status.
        faults: each request that met a fault of ours or no answer, so that it can be sent again.
        grown_bytes: memory held after asking everything a second time that was not held after the first.
    """

    answers: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    grown_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Fuzzed:
    """A house without models, with records of its own and somebody who may do everything.

    Args:
        token: the carrier's.
        account: the carrier's account.
        cookie: of the session.
        csrf: its forms' token.
    """

    app: FastAPI
    token: str
    account: str
    cookie: str
    csrf: str


@asynccontextmanager
async def fuzzed_house(folder: Path) -> AsyncIterator[Fuzzed]:
    """Open one below a folder that exists."""
    config = test_config()
    assert config.twilio is not None
    config = replace(
        config,
        # Nothing leaves this machine, whatever a page asks for.
        twilio=replace(config.twilio, api_url="http://127.0.0.1:1"),
        models=replace(config.models, folder=folder / "no-models"),
        records=replace(config.records, folder=folder / "records"),
    )
    assert config.twilio is not None
    async with open_house(config, NORDLYS) as house:
        app, line = build_app(config, house)
        assert line is not None
        cookie, csrf = _session(house)
        try:
            yield Fuzzed(app, config.twilio.auth_tokens[0], config.twilio.account_sid, cookie, csrf)
        finally:
            await line.close("the fuzzing is over")


def _session(house: House) -> tuple[str, str]:
    """Somebody who may do everything, signed in: the session's token and its forms' token."""
    assert house.kept is not None
    database, rules, now = (
        house.kept.records.database,
        SessionRules(timedelta(hours=8), timedelta(hours=8)),
        datetime.now(UTC),
    )
    with database.writing() as connection:
        account, _ = accounts.add(connection, "fuzz", tuple(Role), "en", now)
        token = sessions.begin(connection, account.id, Stage.FULL, "fuzz", rules, now)
        found = sessions.look_up(connection, token, rules, now)
    assert found is not None
    return token, found[0].csrf


def described(app: FastAPI) -> dict[str, Any]:
    """OpenAPI of all routes, those too that the public is told nothing of."""
    plain = FastAPI()
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if isinstance(route, APIRoute) and context.path is not None:
            plain.add_api_route(context.path, route.endpoint, methods=sorted(route.methods or ()), response_model=None)
    return get_openapi(title="voicebot", version="1", routes=plain.routes)


def field_names() -> tuple[str, ...]:
    """Every field that a form of the console has."""
    pages = (path.read_text(encoding="utf-8") for path in sorted(TEMPLATES.rglob("*.html")))
    return tuple(sorted({name for page in pages for name in re.findall(r'name="([a-z_]+)"', page)} | {"csrf"}))


def asked(fuzzed: Fuzzed, examples: int, seed: int) -> list[Asked]:
    """So many requests for each method of each route, each as a stranger and as who may come in."""
    schema = schemathesis.openapi.from_dict(described(fuzzed.app))
    found: list[Asked] = []
    for result in schema.get_all_operations():
        if isinstance(result, Err):
            raise result.err()
        operation = result.ok()
        forms = st.one_of(
            _forms(CARRIER_FIELDS) if operation.path.startswith("/twilio") else _forms(field_names()), st.binary()
        )

        @hypothesis_seed(seed)
        @settings(
            max_examples=examples,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(operation.as_strategy(), forms)
        def collect(case: schemathesis.Case[Any], form: list[tuple[str, str]] | bytes) -> None:
            found.extend(_as_sent(fuzzed, case, form))

        collect()
    return found


def _forms(names: Sequence[str]) -> st.SearchStrategy[list[tuple[str, str]]]:
    values = st.text(max_size=40) | st.sampled_from(
        ["", "0", "-1", "9" * 20, "1e999", "../..", "%00", "f" * 32, "nb", "no"]
    )
    return st.lists(st.tuples(st.sampled_from(list(names)), values), max_size=8)


def _as_sent(fuzzed: Fuzzed, case: schemathesis.Case[Any], form: list[tuple[str, str]] | bytes) -> Iterator[Asked]:
    """The request as a stranger sends it, and as somebody does who may."""
    try:
        prepared = requests.Request(**case.as_transport_kwargs(base_url=PUBLIC_URL)).prepare()
    except (requests.RequestException, ValueError):
        return  # cannot be put on a wire
    target = str(prepared.path_url)
    headers = {name.lower(): value for name, value in prepared.headers.items()}
    body = form if isinstance(form, bytes) else urlencode(form).encode()
    if case.method.upper() in ("GET", "HEAD"):
        body = b""
    headers |= {"content-type": "application/x-www-form-urlencoded", "content-length": str(len(body))}
    yield _asked(case, target, headers, body)
    if case.path.startswith("/twilio"):
        mine = [("CallSid", CALL_SID), ("AccountSid", fuzzed.account), *(form if isinstance(form, list) else [])]
        headers["x-twilio-signature"] = sign_request(fuzzed.token, PUBLIC_URL + target, mine)
        yield _asked(case, target, headers, urlencode(mine).encode())
    else:
        headers["cookie"] = f"__Host-voicebot-session={fuzzed.cookie}"
        if body and isinstance(form, list):
            body = urlencode([("csrf", fuzzed.csrf), *form]).encode()
        yield _asked(case, target, headers, body)


def _asked(case: schemathesis.Case[Any], target: str, headers: Mapping[str, Any], body: bytes) -> Asked:
    headers = {**headers, "host": "bot.example.com", "content-length": str(len(body))}
    pairs = (
        (str(name), value if isinstance(value, str) else value.decode("latin-1")) for name, value in headers.items()
    )
    wire = tuple((name.encode("latin-1", "replace"), value.encode("latin-1", "replace")) for name, value in pairs)
    return Asked(case.method.upper(), case.path, target, wire, body)


async def answered(app: FastAPI, question: Asked) -> int:
    """Send one request straight to the application; the status of the answer.

    Raises:
        TimeoutError: there was none.
    """
    path, _, query = question.target.partition("?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": question.method,
        "scheme": "https",
        "path": unquote(path),
        "raw_path": path.encode("latin-1", "replace"),
        "query_string": query.encode("latin-1", "replace"),
        "root_path": "",
        "headers": question.headers,
        "client": ("192.0.2.1", 4711),
        "server": ("bot.example.com", 443),
    }
    messages: list[Message] = [{"type": "http.request", "body": question.body, "more_body": False}]
    status = 0

    async def receive() -> Message:
        return messages.pop() if messages else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        nonlocal status
        status = message.get("status", status)

    async with asyncio.timeout(ANSWER_SECONDS):
        # The server too answers 500 for what an application raises, and so it is counted.
        try:
            await app(scope, receive, send)
        except Exception:
            return 500
    return status


async def fuzz(fuzzed: Fuzzed, questions: Sequence[Asked]) -> Tally:
    """Ask everything twice, one after the other, and see what the second time leaves behind."""
    tally = Tally()
    # Whoever signs out gets no further: that comes last.
    staying = [question for question in questions if "sign-out" not in question.route]
    leaving = [question for question in questions if "sign-out" in question.route]
    tracemalloc.start()
    held = []
    for once in (staying, [*staying, *leaving]):
        for question in once:
            try:
                status = await answered(fuzzed.app, question)
            except TimeoutError:
                status = 0
            tally.answers[status] += 1
            if status == 0 or (status >= 500 and not (status == 503 and question.route in UNAVAILABLE)):
                tally.faults.append(f"{status} {question.method} {question.target} {question.body!r}")
        gc.collect()
        held.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    tally.grown_bytes = held[1] - held[0]
    return tally


async def run(examples: int, seed: int) -> tuple[int, Tally]:
    """Everything in a house of its own; how many requests, and what came of them."""
    with tempfile.TemporaryDirectory() as folder:
        async with fuzzed_house(Path(folder)) as fuzzed:
            questions = await asyncio.to_thread(asked, fuzzed, examples, seed)
            return len(questions), await fuzz(fuzzed, questions)


def main() -> int:
    """Print the tally; 1 when there was a fault."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=int, default=100, help="requests per method of a route, times two")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    asked_count, tally = asyncio.run(run(arguments.examples, arguments.seed))
    print(
        json.dumps(
            {"requests": asked_count, "answers": dict(sorted(tally.answers.items())), "grown": tally.grown_bytes}
        )
    )
    for fault in tally.faults[:20]:
        print(fault, file=sys.stderr)
    return 1 if tally.faults else 0


if __name__ == "__main__":
    sys.exit(main())
