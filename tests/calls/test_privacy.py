"""What callers say, type and press, their numbers and all secrets: in no line of the log and no number, even when
things break and everything is logged."""

import asyncio
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import httpx
import pytest
import websockets

from dialog.events import CallerSaid, Event, Reply
from speech.models import ModelStore
from telephony.browser.messages import RATE_HZ, VERSION
from telephony.simulator import CallReport, PhoneNetwork, Script
from telephony.simulator.script import Keys, Sentence, Turn
from telephony.simulator.signature import feed_token
from tests.logged import kept_log
from tests.serving import Service, serving, test_config
from voicebot.commands.call import caller_voice
from voicebot.house import House

pytestmark = pytest.mark.models

SPOKEN = "My name is Penelope Waterhouse, and I lost the penguin 4 7 1 1 0 8."
TYPED = "Rumpelstiltskin wants his 90807060 crocodiles"
EXPLOSIVE = "An explosive kaleidoscope, 55667788"
CALLER = "+4798765432"


class ExplodingMind:
    """The real mind, until somebody says something explosive."""

    def __init__(self, real: Any) -> None:
        self._real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def respond(self, state: Any, event: Event, now: datetime) -> tuple[Any, Reply]:
        if isinstance(event, CallerSaid) and "explosive" in event.text:
            raise ValueError(f"cannot bear {event.text!r}")
        answer: tuple[Any, Reply] = self._real.respond(state, event, now)
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
    for sentence in (SPOKEN, TYPED, EXPLOSIVE, *(turn.understood or "" for turn in report.turns)):
        yield from (word.strip(".,").lower() for word in sentence.split() if len(word) > 5)
    yield from ("471108", "4 7 1 1", "739739", CALLER[1:])
    yield from (service.network.auth_token, feed_token(service.network.auth_token, report.call_sid), "/media/")


async def test_nothing_a_caller_gives_away_is_logged_or_counted(models: ModelStore) -> None:
    def explosive(house: House) -> None:
        house.engine = ExplodingMind(house.engine)  # type: ignore[assignment]

    with kept_log("debug", "json") as stream:
        async with serving(test_config(), prepared=explosive) as service:
            report, *_ = await asyncio.gather(
                speak_to_it(service), type_to_it(service, TYPED), type_to_it(service, EXPLOSIVE)
            )
            async with httpx.AsyncClient(base_url=service.base_url, trust_env=False) as client:
                numbers = (await client.get("/metrics")).text
                await client.post("/twilio/voice", data={"From": CALLER, "CallSid": report.call_sid})
                await client.get(f"/calls/{report.call_sid}/feed", headers={"Authorization": "Bearer 471108"})
            secrets = list(given_away(report, service))
    logged = stream.getvalue()
    assert "ValueError" in logged, "the explosion is told"
    assert report.call_sid in logged, "the call is told"
    assert "kaleidoscope" in secrets
    told = (logged + numbers).lower()
    assert [secret for secret in secrets if secret in told] == []
