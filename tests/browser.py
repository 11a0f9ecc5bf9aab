"""Debian's chromium, driven over the DevTools protocol: a page, a WAV as its microphone, and little else.

async with open_page("http://127.0.0.1:8080/try", wav=Path("question.wav")) as page:
    await page.click("#start")
    await page.until("document.querySelectorAll('#transcript .bot').length > 0")
    print(await page.text("#transcript"))
"""

import asyncio
import base64
import itertools
import json
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import websockets

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--autoplay-policy=user-gesture-required",
    "--remote-debugging-port=0",
)


def chromium() -> str | None:
    """Where the browser is, or None: tests skip with a reason then."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


class Page:
    """One tab."""

    def __init__(self, socket: websockets.ClientConnection, session: str) -> None:
        self._socket = socket
        self._session = session
        self._ids = itertools.count(100)
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self.complaints: list[str] = []
        """Exceptions nobody caught, errors in the console, and what the content policy refused."""

    async def read(self) -> None:
        """Sort what the browser sends, until it goes; a task of `open_page`."""
        with suppress(websockets.ConnectionClosed):
            async for text in self._socket:
                message = json.loads(text)
                waiting = self._answers.pop(message.get("id"), None)
                if waiting is not None and not waiting.done():
                    waiting.set_result(message)
                self._note(message)
        for waiting in self._answers.values():
            waiting.cancel()

    def _note(self, message: dict[str, Any]) -> None:
        what = message.get("params", {})
        match message.get("method"):
            case "Runtime.exceptionThrown":
                details = what["exceptionDetails"]
                self.complaints.append(details.get("exception", {}).get("description", details["text"]))
            case "Runtime.consoleAPICalled" if what["type"] == "error":
                self.complaints.append(" ".join(str(arg.get("value")) for arg in what["args"]))
            case "Log.entryAdded" if what["entry"]["level"] == "error":
                self.complaints.append(f"{what['entry']['text']} {what['entry'].get('url', '')}")

    async def command(self, method: str, **params: Any) -> dict[str, Any]:
        """One DevTools command; raises RuntimeError with the browser's own words."""
        number = next(self._ids)
        self._answers[number] = asyncio.get_running_loop().create_future()
        await self._socket.send(
            json.dumps({"id": number, "method": method, "params": params, "sessionId": self._session})
        )
        answer = await asyncio.wait_for(self._answers[number], 30)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']['message']}")
        return dict(answer["result"])

    async def run(self, script: str) -> Any:
        """Evaluate JavaScript as if the user had just done something; awaits promises; gives a JSON value."""
        result = await self.command(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True, userGesture=True
        )
        if "exceptionDetails" in result:
            raise RuntimeError(result["exceptionDetails"].get("exception", {}).get("description", "failed"))
        return result["result"].get("value")

    async def open(self, url: str) -> None:
        """Go to an address and wait until everything is loaded and has run."""
        await self.command("Page.navigate", url=url)
        await self.until("document.readyState === 'complete' && location.href !== 'about:blank'")

    async def click(self, selector: str) -> None:
        """Click in the middle of the element, as a mouse does."""
        await self.run(f"document.querySelector({json.dumps(selector)}).scrollIntoView({{block: 'nearest'}})")
        box = await self.run(
            f"(() => {{ const r = document.querySelector({json.dumps(selector)}).getBoundingClientRect();"
            " return [r.x + r.width / 2, r.y + r.height / 2]; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            await self.command("Input.dispatchMouseEvent", type=kind, x=box[0], y=box[1], button="left", clickCount=1)

    async def type(self, words: str) -> None:
        """Type where the focus is."""
        await self.command("Input.insertText", text=words)

    async def press(self, key: str) -> None:
        """Press one key: "Enter", "Tab" or a character."""
        special = {"Enter": ("\r", 13), "Tab": ("", 9), " ": (" ", 32)}
        text, code = special.get(key, (key, ord(key[0])))
        down = "keyDown" if text else "rawKeyDown"
        await self.command("Input.dispatchKeyEvent", type=down, key=key, text=text, windowsVirtualKeyCode=code)
        await self.command("Input.dispatchKeyEvent", type="keyUp", key=key, windowsVirtualKeyCode=code)

    async def text(self, selector: str) -> str:
        """What can be read in the element; empty when it is hidden or missing."""
        return str(await self.run(f"document.querySelector({json.dumps(selector)})?.innerText ?? ''"))

    async def until(self, script: str, seconds: float = 20.0) -> None:
        """Wait until the expression is true, looked at on every change of the page and ten times a second.

        Raises:
            TimeoutError: with the expression, what the page shows and what it complained of.
        """
        most_ms = round(min(seconds, 25) * 1000)  # a DevTools command has 30 s
        watch = (
            f"new Promise(done => {{ const look = () => {{ if ({script}) {{ clearInterval(timer); done(true); }} }};"
            " const timer = setInterval(look, 100); look();"
            f" setTimeout(() => {{ clearInterval(timer); done(false); }}, {most_ms}); }})"
        )
        deadline = asyncio.get_running_loop().time() + seconds
        while not await self._watch(watch):
            if asyncio.get_running_loop().time() >= deadline:
                shown = await self.text("body")
                raise TimeoutError(f"not true: {script}\ncomplaints: {self.complaints}\nthe page:\n{shown}")

    async def _watch(self, watch: str) -> bool:
        """What the page answers; no when it was left for another one meanwhile."""
        try:
            return bool(await self.run(watch))
        except RuntimeError as left:
            if "navigated" in str(left) or "context was destroyed" in str(left):
                return False
            raise

    async def size(self, width: int, height: int, scale: float = 1.0, mobile: bool = False) -> None:
        """Give the page another window."""
        await self.command(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=mobile
        )

    async def prefer(self, **features: str) -> None:
        """Set media features: `prefers_color_scheme="dark"`."""
        chosen = [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]
        await self.command("Emulation.setEmulatedMedia", features=chosen)

    async def screenshot(self, path: Path) -> None:
        """Write what the window shows as PNG."""
        shot = await self.command("Page.captureScreenshot", format="png")
        await asyncio.to_thread(path.write_bytes, base64.b64decode(shot["data"]))


@asynccontextmanager
async def open_page(
    url: str, *, wav: Path | None = None, language: str = "en-GB", microphone: bool = True
) -> AsyncIterator[Page]:
    """Start a browser of its own on this address and end it afterwards.

    Args:
        url: what to open.
        wav: what its microphone hears, once, from the moment the microphone is opened; None: the browser's own beeps.
        language: what the user reads.
        microphone: False refuses the microphone as a user would.
    """
    program = chromium()
    if program is None:
        raise FileNotFoundError("no chromium: apt install chromium")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        flags = [*FLAGS, f"--user-data-dir={profile}", f"--accept-lang={language}", f"--lang={language}"]
        flags.append("--use-fake-device-for-media-stream")
        if microphone:
            flags.append("--use-fake-ui-for-media-stream")
        else:
            flags.append("--deny-permission-prompts")
        if wav is not None:
            flags.append(f"--use-file-for-fake-audio-capture={wav}%noloop")
        process = await asyncio.create_subprocess_exec(
            program,
            *flags,
            "about:blank",
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        saying: asyncio.Task[bytes] | None = None
        try:
            async with asyncio.timeout(60):
                address = await _debugger(process)
            assert process.stderr is not None
            saying = asyncio.create_task(process.stderr.read())  # a full pipe would stop the browser
            async with websockets.connect(address, max_size=None) as socket:
                page = Page(socket, await _session(socket))
                reading = asyncio.create_task(page.read())
                try:
                    for domain in ("Page", "Runtime", "Log"):
                        await page.command(f"{domain}.enable")
                    await page.open(url)
                    yield page
                finally:
                    reading.cancel()
                    with suppress(asyncio.CancelledError):
                        await reading
        finally:
            await _stop(process)
            if saying is not None:
                await saying


async def _debugger(process: asyncio.subprocess.Process) -> str:
    """The address chromium says it can be driven at."""
    assert process.stderr is not None
    said = []
    async for line in process.stderr:
        said.append(line.decode(errors="replace"))
        if "DevTools listening on " in said[-1]:
            return said[-1].split("listening on ")[1].strip()
    raise RuntimeError("chromium did not start:\n" + "".join(said[-10:]))


async def _session(socket: websockets.ClientConnection) -> str:
    """Attach to the one tab there is."""
    targets = await _ask(socket, 1, "Target.getTargets")
    tab = next(target for target in targets["targetInfos"] if target["type"] == "page")
    attached = await _ask(socket, 2, "Target.attachToTarget", targetId=tab["targetId"], flatten=True)
    return str(attached["sessionId"])


async def _ask(socket: websockets.ClientConnection, number: int, method: str, **params: Any) -> dict[str, Any]:
    await socket.send(json.dumps({"id": number, "method": method, "params": params}))
    while True:
        message = json.loads(await asyncio.wait_for(socket.recv(), 30))
        if message.get("id") == number:
            return dict(message["result"])


async def _stop(process: asyncio.subprocess.Process) -> None:
    """End the browser and everything it started: it has a session of its own."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        await asyncio.wait_for(process.wait(), 10)
    except TimeoutError:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
