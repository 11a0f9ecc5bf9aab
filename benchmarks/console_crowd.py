"""The crowd around a service that `benchmarks.console_load` measures: callers on the phone, and agents' browsers.

`python -m benchmarks.console_crowd callers PORT CALLS` or `… browsers PORT`. Secrets come as a line on standard
input, whose end is that of the crowd.
"""

import asyncio
import os
import sys
from contextlib import suppress

import httpx

from telephony.simulator import Network, PhoneNetwork, Script
from telephony.simulator.feed import Feed
from tests.browser import open_page

KEY_SECONDS = 1.5
"""Between two keys of a caller."""


async def callers(port: int, calls: int) -> None:
    """So many people on the phone, who press a key now and then, until told to stop."""
    account, token = (await asyncio.to_thread(sys.stdin.readline)).split()
    network = Network(account, token, "https://bot.example.com", f"http://127.0.0.1:{port}")
    async with PhoneNetwork(network) as phones:

        async def one(number: int) -> None:
            call = phones.new_call(Script(f"caller {number}", ()))

            async def talk() -> None:
                while True:
                    await call.handset.until(lambda: False, KEY_SECONDS)
                    call.handset.press("0")

            await phones.hold(call, talk, Feed(call.clock, lambda entry: None), limit_seconds=3600.0)

        talking = [asyncio.create_task(one(number)) for number in range(calls)]
        await _until_told(talking)


async def browsers(port: int) -> None:
    """Streams as browsers hold them, and a few real windows, until told to stop."""
    os.nice(19)
    windows, live, *tokens = (await asyncio.to_thread(sys.stdin.readline)).split()
    base, conversations = f"http://127.0.0.1:{port}", live.split(",")
    connected: asyncio.Queue[None] = asyncio.Queue()
    events: list[int] = []
    sizes: list[int] = []

    async def stream(number: int, token: str) -> None:
        call = {"call": conversations[number % len(conversations)]} if number % 2 else {}
        headers = {"accept": "text/event-stream", "cookie": f"voicebot-session={token}"}
        async with (
            httpx.AsyncClient(trust_env=False, timeout=None) as client,
            client.stream("GET", f"{base}/agent/events", params=call, headers=headers) as answer,
        ):
            answer.raise_for_status()
            connected.put_nowait(None)
            async for received in answer.aiter_bytes():
                events.append(received.count(b"\nevent: ") + received.startswith(b"event: "))
                sizes.append(len(received))

    async def window(number: int, token: str) -> None:
        async with open_page(f"{base}/privacy") as page:
            await page.command("Network.enable")
            await page.command("Network.setCookie", name="voicebot-session", value=token, url=base)
            await page.open(f"{base}/agent/calls/{conversations[number % len(conversations)]}")
            await page.until("document.querySelector('#words')")
            connected.put_nowait(None)
            await asyncio.Event().wait()

    of_window = tokens[len(tokens) - int(windows) :]
    tasks = [asyncio.create_task(stream(n, token)) for n, token in enumerate(tokens[: len(tokens) - int(windows)])]
    tasks += [asyncio.create_task(window(n, token)) for n, token in enumerate(of_window)]
    for _ in tasks:
        await connected.get()
    await _until_told(tasks)
    print(sum(events), sum(sizes))


async def _until_told(tasks: list[asyncio.Task[None]]) -> None:
    """Say that everything is ready, wait for the end of what we read, and end the tasks."""
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    for task in tasks:
        task.cancel()
    for task in tasks:
        with suppress(asyncio.CancelledError):
            await task


def main() -> int:
    """Be part of the crowd."""
    role, port, *more = sys.argv[1:]
    asyncio.run(callers(int(port), int(more[0])) if role == "callers" else browsers(int(port)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
