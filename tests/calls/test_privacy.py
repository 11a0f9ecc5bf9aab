"""What callers say, type and press, their numbers and all secrets: in no line of the log, no number, no page, nothing
printed and no file of the store, even when every room breaks in turn and everything is logged."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import websockets

from dialog.events import CallerSaid, Event, Reply
from speech.errors import SpeechError
from speech.models import ModelStore
from telephony.browser.messages import RATE_HZ, VERSION
from telephony.simulator import CallReport, PhoneNetwork, Script
from telephony.simulator.script import Keys, Sentence, Turn
from telephony.simulator.signature import feed_token, sign_request
from tests.calls.test_records import bytes_below
from tests.logged import kept_log
from tests.serving import PUBLIC_URL, Service, serving, test_config
from voicebot.commands.call import caller_voice
from voicebot.house import House

pytestmark = pytest.mark.models

SPOKEN = "My name is Penelope Waterhouse, and I lost the penguin 4 7 1 1 0 8."
TYPED = "Rumpelstiltskin wants his 90807060 crocodiles"
EXPLOSIVE = "An explosive kaleidoscope, 55667788"
HOARSE = "A hoarse hippopotamus sings 23571113"
FORGETFUL = "My forgetful rhinoceros owes 31415926"
CALLER = "+4798765432"


class Broken:
    """One of the house's parts, real until it is told to break; then what it raises repeats what it was given.

    Args:
        real: the part.
        method: its method that breaks.
        fault: what is raised, once per `due`, after as many uses as are `spared`.
    """

    def __init__(self, real: Any, method: str, fault: type[Exception]) -> None:
        self._real, self._method, self._fault = real, method, fault
        self.due: str | None = None
        self.spared = 0

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._real, name)
        if name != self._method or self.due is None:
            return real
        if self.spared:
            self.spared -= 1
            return real
        words, self.due = self.due, None

        def raising(*given: Any, **named: Any) -> Any:
            raise self._fault(f"cannot bear {words!r} with {given!r} {named!r}")

        return raising


class ExplodingMind:
    """The real mind, until somebody says something explosive; other words make other rooms break next.

    Args:
        real: the mind.
        rooms: what breaks at the next use, by a word of the caller's.
    """

    def __init__(self, real: Any, rooms: Mapping[str, Broken]) -> None:
        self._real, self._rooms = real, rooms

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def respond(self, state: Any, event: Event, now: datetime) -> tuple[Any, Reply]:
        if isinstance(event, CallerSaid) and "explosive" in event.text:
            raise ValueError(f"cannot bear {event.text!r}")
        answer: tuple[Any, Reply] = self._real.respond(state, event, now)
        if isinstance(event, CallerSaid):
            for word, room in self._rooms.items():
                if word in event.text:
                    room.due = event.text
        return answer


async def type_to_it(service: Service, text: str) -> None:
    """A call from the page: type, and listen until the bot has said something about it or has passed us on."""
    address = "ws" + service.base_url.removeprefix("http") + "/try/call"
    async with asyncio.timeout(60), websockets.connect(address, origin=service.base_url, max_size=None) as socket:  # type: ignore[arg-type]
        hello = {"type": "hello", "version": VERSION, "rate": RATE_HZ, "language": "en", "microphone": False}
        for message in (hello, {"type": "text", "text": text}):
            await socket.send(json.dumps(message))
        try:
            async for heard in socket:
                if isinstance(heard, str) and '"decision"' in heard and text not in heard:
                    await socket.send(json.dumps({"type": "hang_up"}))
        except websockets.ConnectionClosed:
            return


async def speak_to_it(service: Service) -> CallReport:
    turns = (Turn(Sentence(SPOKEN, "en")), Turn(Keys("739739")))
    script = Script("tells", turns, caller=CALLER)
    async with PhoneNetwork(service.network) as phones:
        report, _ = await phones.place(script, caller_voice(service.house.mouth), limit_seconds=120)
    return report


def given_away(report: CallReport, service: Service) -> Iterator[str]:
    """Everything that must not be found, in lower case."""
    for sentence in (SPOKEN, TYPED, EXPLOSIVE, HOARSE, FORGETFUL, *(turn.understood or "" for turn in report.turns)):
        yield from (word.strip(".,").lower() for word in sentence.split() if len(word) > 5)
    yield from ("471108", "4 7 1 1", "739739", "23571113", "31415926", CALLER[1:])
    yield from (service.network.auth_token, feed_token(service.network.auth_token, report.call_sid), "/media/")


async def knock_everywhere(service: Service, call_sid: str) -> str:
    """Marked words into everything that can refuse them; what it answered."""
    fields = {"CallSid": call_sid, "AccountSid": service.network.account_sid, "From": CALLER, "Penelope": SPOKEN}
    carrier = {
        "/twilio/dial-ended": {"DialCallStatus": "failed", "DialSipResponseCode": "486", "DialSipHeader_X-Who": HOARSE},
        "/twilio/stream-status": {"StreamEvent": "stream-error", "StreamError": f"lost while hearing {HOARSE}"},
        "/twilio/status": {"CallStatus": f"waterhouse {CALLER}", "ErrorMessage": SPOKEN},
        "/twilio/fallback": {"ErrorUrl": f"https://x.example/{HOARSE}", "ErrorCode": "11200"},
        "/twilio/voice": {"AccountSid": HOARSE},
    }
    told = []
    async with httpx.AsyncClient(base_url=service.base_url, trust_env=False) as client:
        for path, more in carrier.items():
            body = {**fields, **more}
            signature = sign_request(service.network.auth_token, PUBLIC_URL + path, body.items())
            told.append(await client.post(path, data=body, headers={"X-Twilio-Signature": signature}))
        told.append(await client.post("/twilio/voice", data=fields))
        told.append(await client.get(f"/calls/{call_sid}/feed", headers={"Authorization": "Bearer 471108"}))
        # These two give back what was asked for, to whoever asked: where to go after signing in, and the name.
        await client.get(f"/console/conversations/{HOARSE}", params={"q": SPOKEN})
        await client.post("/console/sign-in", data={"name": "Penelope", "password": HOARSE, "csrf": SPOKEN})
        told.append(await client.post("/privacy", data={"number": CALLER, "code": "471108"}))
        told.append(await client.get(f"/{HOARSE}"))
        told += [await client.get(path) for path in ("/metrics", "/readyz", "/healthz")]
    for path in (f"/twilio/media/{HOARSE.replace(' ', '')}", "/try/call"):
        address = "ws" + service.base_url.removeprefix("http") + path
        with suppress(websockets.WebSocketException):
            async with websockets.connect(address, origin=service.base_url) as socket:  # type: ignore[arg-type]
                await socket.send(json.dumps({"type": HOARSE, "text": SPOKEN}))
                await socket.recv()
    return "".join(f"{answer.headers}{answer.text}" for answer in told)


async def test_nothing_a_caller_gives_away_is_logged_counted_shown_or_stored_in_the_open(
    models: ModelStore, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    rooms: dict[str, Broken] = {}

    def breakable(house: House) -> None:
        assert house.kept is not None
        rooms["hoarse"] = house.mouth = Broken(house.mouth, "stream", SpeechError)  # type: ignore[assignment]
        rooms["deaf"] = house.recogniser = Broken(house.recogniser, "transcribe", RuntimeError)  # type: ignore[assignment]
        vault = house.kept.records.vault
        rooms["forgetful"] = Broken(vault, "seal", ValueError)
        seal = vault.seal
        vault.seal = lambda *given: (rooms["forgetful"].seal if rooms["forgetful"].due else seal)(*given)  # type: ignore[method-assign]
        house.engine = ExplodingMind(house.engine, rooms)  # type: ignore[assignment]

    config = test_config()
    config = replace(config, records=replace(config.records, folder=tmp_path))
    with kept_log("debug", "json") as stream:
        async with serving(config, prepared=breakable, keep=True) as service:
            rooms["deaf"].due, rooms["deaf"].spared = SPOKEN, 1
            async with asyncio.TaskGroup() as tasks:
                spoken = [tasks.create_task(speak_to_it(service)) for _ in range(2)]
                for text in (TYPED, EXPLOSIVE, HOARSE, FORGETFUL):
                    tasks.create_task(type_to_it(service, text))
            report, other = (task.result() for task in spoken)
            shown = await knock_everywhere(service, report.call_sid)
            secrets = [*given_away(report, service), *given_away(other, service)]
    logged = stream.getvalue()
    stored = bytes_below(tmp_path)
    for kind in ("ValueError", "SpeechError", "RuntimeError"):
        assert kind in logged, "the explosion is told"
    assert report.call_sid in logged, "the call is told"
    assert "kaleidoscope" in secrets
    printed = capfd.readouterr()
    places = {"log": logged, "pages": shown, "printed": printed.out + printed.err, "store": stored.decode("latin-1")}
    found = {place: [secret for secret in secrets if secret in text.lower()] for place, text in places.items()}
    assert {place: given for place, given in found.items() if given} == {}
