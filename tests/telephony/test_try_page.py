"""The page in a real browser: a spoken turn, a typed one, the keys, and what it says when things go wrong."""

import asyncio
import json
import re
import wave
from pathlib import Path

import numpy as np
import pytest

from telephony.browser import BrowserSettings
from telephony.call import CallEnded, Caption, EndReason, KeyPressed, MarkCleared, MarkPlayed, TextTyped
from telephony.front_desk import Refusal
from tests.browser import Page, chromium, open_page
from tests.telephony.web_house import PERSON, EchoDesk, serve, until

pytestmark = pytest.mark.skipif(chromium() is None, reason="no chromium here: apt install chromium")


@pytest.fixture
def spoken(tmp_path: Path) -> Path:
    """A second of quiet, a second of "speech" (noise in syllables, which no echo canceller takes away), and quiet."""
    rng = np.random.default_rng(7)
    at = np.arange(48_000) / 48_000
    syllables = np.clip(rng.normal(0, 9000, 48_000) * (np.sin(2 * np.pi * 4 * at) > -0.5), -32000, 32000)
    path = tmp_path / "spoken.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 48_000, 0, "NONE", ""))
        file.writeframes(np.concatenate([np.zeros(48_000), syllables, np.zeros(48_000 * 8)]).astype("<i2").tobytes())
    return path


def says(words: str, where: str = "#transcript") -> str:
    """A condition on the page: these words can be read there."""
    return f"document.querySelector({json.dumps(where)}).innerText.includes({json.dumps(words)})"


async def in_call(page: Page) -> None:
    await page.until(says("Hello in"))


@pytest.mark.parametrize("prefix", ["", "/phone/bot"])
async def test_a_spoken_turn(spoken: Path, prefix: str) -> None:
    """Also behind a proxy that serves the page under a path of its own."""
    desk = EchoDesk()
    async with serve(desk, prefix=prefix) as address, open_page(f"{address}/try", wav=spoken) as page:
        await page.click("#start")
        await page.until(says("ms of speech"))
        await page.until(says("I heard"))
        assert "93%" in await page.run("document.querySelector('#transcript .caller details').textContent")
        transcript = await page.run("document.querySelector('#transcript').textContent")
        assert "recognition 0.31 s · to first sound 0.74 s" in transcript
        await page.until("document.querySelector('#status-words').innerText === 'Listening'")
        await page.click("#end")
        await page.until("document.body.dataset.phase === 'over'")
        await desk.over.wait()
        assert page.complaints == []
    assert MarkPlayed("greeting") in desk.events
    assert desk.events[-1] == CallEnded(EndReason.CALLER_HUNG_UP)
    assert {len(frame) for frame in desk.frames} == {320}


async def test_a_typed_call_needs_no_microphone_and_no_mouse() -> None:
    desk = EchoDesk()
    async with serve(desk) as address, open_page(f"{address}/try", microphone=False) as page:
        await page.run("document.querySelector('#start-typing').focus()")
        await page.press("Enter")
        await in_call(page)
        await page.until("document.activeElement.id === 'words'")
        await page.type("Where is my parcel 24?")
        await page.press("Enter")
        await page.until(says("I heard: Where is my parcel 24?"))
        assert await page.run("document.querySelectorAll('#transcript .caller').length") == 1
        assert await page.run("document.querySelector('#microphone').hidden")
        async with asyncio.timeout(10):
            await until(lambda: MarkPlayed("answer-1") in desk.events)
        await page.run("document.querySelector('#end').focus()")
        await page.press("7")
        await page.until(says("pressed 7"))
        await page.press("0")
        await page.until("!document.querySelector('#notice-number').hidden")
        assert await page.run("document.querySelector('#notice-number').href") == f"tel:{PERSON.number}"
        assert PERSON.name in await page.text("#notice")
        assert page.complaints == []
    assert [event for event in desk.events if isinstance(event, TextTyped | KeyPressed)] == [
        TextTyped("Where is my parcel 24?"),
        KeyPressed("7"),
        KeyPressed("0"),
    ]
    assert desk.events[-1] == CallEnded(EndReason.TRANSFERRED)


async def test_a_person_who_writes_is_told_apart_from_the_bot(tmp_path: Path) -> None:
    desk = EchoDesk()
    async with serve(desk) as address, open_page(f"{address}/try", microphone=False) as page:
        await page.click("#start-typing")
        await in_call(page)
        (call,) = desk.calls
        assert call.caller.writes
        await call.show(Caption("state", "with_person"))
        await call.show(Caption("person", "Ada", {"here": True}))
        await call.show(Caption("agent", "Hi, I have read your question.", {"agent": "Ada"}))
        await page.until(says("Hi, I have read your question."))
        assert await page.text("#transcript .agent .who") == "Ada"
        assert "now writing with Ada" in await page.text("#transcript .note")
        assert await page.text("#status-words") == "You are writing with a person"
        for scheme in ("light", "dark"):
            await page.prefer(prefers_color_scheme=scheme)
            await page.screenshot(tmp_path / f"with-a-person-{scheme}.png")
            assert await page.run(LOWEST_CONTRAST) >= 4.5
        await call.show(Caption("person", "Ada", {"here": False}))
        await page.until(says("Ada has left"))
        assert page.complaints == []


async def test_who_wants_to_know_what_is_kept_is_led_there_in_the_language_chosen() -> None:
    settings = BrowserSettings(name="Nordlys", privacy_page="privacy")
    async with serve(EchoDesk(), settings) as address, open_page(f"{address}/try", language="nb-NO") as page:
        assert await page.text("#privacy-more") == "Hva vet dere om meg?"
        assert await page.run("document.querySelector('#privacy-more').href") == f"{address}/privacy?language=nb"
    async with serve(EchoDesk()) as address, open_page(f"{address}/try") as page:
        assert await page.run("document.querySelector('#privacy-more').hidden")


async def test_clear_silences_the_page_at_once() -> None:
    desk = EchoDesk(greeting_seconds=15)
    async with serve(desk) as address, open_page(f"{address}/try") as page:
        await page.click("#start")
        await in_call(page)
        await page.click("#keypad-toggle")
        await page.click("#keypad [data-key='8']")
        await page.until(says("Bot (interrupted)"))
        await page.run("document.querySelector('#words').focus()")
        await page.type("go on")
        await page.press("Enter")
        async with asyncio.timeout(5):  # far less than the greeting would have taken
            await until(lambda: MarkPlayed("answer-1") in desk.events)
    assert MarkCleared("greeting") in desk.events
    assert MarkPlayed("greeting") not in desk.events


async def test_without_permission_the_page_offers_to_type() -> None:
    desk = EchoDesk()
    async with serve(desk) as address, open_page(f"{address}/try", microphone=False, language="nb-NO") as page:
        await page.click("#start")
        await page.until(says("fikk ikke lov", "#notice"))
        assert "skriv i stedet" in await page.text("#notice")
        await page.click("#start-typing")
        await page.until(says("Hello in nb"))
    assert len(desk.calls) == 1


async def test_a_full_house_in_words_with_a_number() -> None:
    desk = EchoDesk(refused=Refusal("full", (), PERSON))
    async with serve(desk) as address, open_page(f"{address}/try", language="nn-NO") as page:
        await page.click("#start-typing")
        await page.until(says("opptekne", "#notice"))
        assert PERSON.number in await page.text("#notice")
        desk.refused = None
        await page.click("#retry")
        await page.until(says("Hello in nn"))


async def test_a_bot_that_breaks_says_so_and_can_be_tried_again() -> None:
    desk = EchoDesk()
    async with serve(desk) as address, open_page(f"{address}/try", microphone=False) as page:
        await page.click("#start-typing")
        await in_call(page)
        await page.run("document.querySelector('#end').focus()")
        await page.press("5")
        await page.until(says("Something went wrong", "#notice"))
        assert PERSON.number in await page.text("#notice")
        await page.click("#retry")
        await in_call(page)
    assert len(desk.calls) == 2


async def test_a_lost_connection_says_so_and_can_be_tried_again() -> None:
    desk = EchoDesk()
    async with open_page("about:blank#", microphone=False) as page:
        async with serve(desk) as address:
            await page.open(f"{address}/try")
            await page.click("#start-typing")
            await in_call(page)
        await page.until(says("The connection was lost", "#notice"))
        assert await page.run("document.activeElement.id") == "retry"


async def test_the_menu_changes_every_word_and_the_call() -> None:
    desk = EchoDesk()
    settings = BrowserSettings(name="Nordlys", privacy={"uk": "Розмова не записується."})
    async with serve(desk, settings) as address, open_page(f"{address}/try", language="de-DE") as page:
        assert await page.run("document.documentElement.lang") == "nb"  # the first language offered
        await page.run(
            "(() => { const menu = document.querySelector('#language'); menu.value = 'uk';"
            " menu.dispatchEvent(new Event('change')); })()"
        )
        assert "Ви розмовляєте з роботом" in await page.text("#intro")
        assert "Розмова не записується." in await page.text("#intro")
        await page.click("#start-typing")
        await page.until(says("Hello in uk"))
        await page.until("document.querySelector('#status-words').innerText === 'Чекаю на вас'")


async def test_the_texts_are_whole_in_every_language() -> None:
    async with serve(EchoDesk()) as address, open_page(f"{address}/try") as page:
        texts = await page.run("import('/try/assets/texts.js').then(texts => texts.TEXTS)")
        script = await page.run("fetch('/try/assets/main.js').then(answer => answer.text())")
        used = await page.run("[...document.querySelectorAll('[data-text]')].map(part => part.dataset.text)")
        preferred = await page.run(
            "import('/try/assets/texts.js').then(({preferredLanguage: p}) =>"
            " [['no', 'en'], ['nn-NO'], ['de', 'uk-UA'], ['fr']].map(wanted => p(wanted, ['nb', 'nn', 'en', 'uk'])))"
        )
    assert preferred == ["nb", "nn", "uk", "nb"]
    keys = set(texts["nb"])
    for language, words in texts.items():
        assert set(words) == keys, language
        for key, text in words.items():
            assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", texts["nb"][key])), key
            if language == "uk":
                assert not re.search(r"[A-Za-z]", re.sub(r"\{\w+\}|https|JavaScript", "", text)), text
    assert set(used) | set(re.findall(r'showNotice\("(\w+)"', script)) <= keys


async def test_colours_can_be_read_in_light_and_dark() -> None:
    """WCAG 2.2, 1.4.3: 4.5 to 1 between words and what they stand on."""
    desk = EchoDesk()
    async with serve(desk) as address, open_page(f"{address}/try") as page:
        for scheme in ("light", "dark"):
            await page.prefer(prefers_color_scheme=scheme, prefers_reduced_motion="reduce")
            await page.open(f"{address}/try")
            assert await page.run(LOWEST_CONTRAST) >= 4.5, scheme
            await page.click("#start")
            await in_call(page)
            await page.click("#keypad-toggle")
            await page.run("document.querySelector('#words').focus()")
            await page.type("hello")
            await page.press("Enter")
            await page.until(says("I heard"))
            assert await page.run(LOWEST_CONTRAST) >= 4.5, scheme
            await page.click("#end")
            await page.until("document.body.dataset.phase === 'over'")
            assert await page.run(LOWEST_CONTRAST) >= 4.5, scheme


async def test_nothing_runs_over_the_edge_of_a_phone() -> None:
    async with serve(EchoDesk()) as address, open_page(f"{address}/try", language="uk-UA") as page:
        await page.size(320, 640, mobile=True)
        await page.open(f"{address}/try")
        await page.click("#start")
        await in_call(page)
        await page.click("#keypad-toggle")
        assert await page.run("document.documentElement.scrollWidth") <= 320
        small = await page.run(
            "[...document.querySelectorAll('button, select, input')].filter(part => part.offsetParent)"
            ".map(part => part.getBoundingClientRect()).filter(box => box.height < 44 || box.width < 44).length"
        )
        assert small == 0


async def test_every_control_has_a_name() -> None:
    async with serve(EchoDesk()) as address, open_page(f"{address}/try", microphone=False) as page:
        await page.click("#start-typing")
        await in_call(page)
        await page.click("#keypad-toggle")
        tree = (await page.command("Accessibility.getFullAXTree"))["nodes"]
    controls = [
        node
        for node in tree
        if node.get("role", {}).get("value") in {"button", "textbox", "combobox", "link", "log", "status", "group"}
        and not node.get("ignored")
    ]
    roles = [node["role"]["value"] for node in controls]
    assert {"log", "textbox", "combobox", "button", "status"} <= set(roles)
    nameless = [
        node["role"]["value"]
        for node in controls
        if not node.get("name", {}).get("value") and node["role"]["value"] != "status"
    ]
    assert nameless == []


async def test_the_microphone_is_resampled_cleanly() -> None:
    """Where the context cannot run at 16 kHz: a tone stays itself, and what 16 kHz cannot carry is gone."""
    async with serve(EchoDesk()) as address, open_page(f"{address}/try") as page:
        for rate in (44_100, 48_000):
            kept, folded = await page.run(f"({RESAMPLE})({rate})")
            assert 0.97 < kept < 1.03
            assert folded < 0.003


LOWEST_CONTRAST = """(() => {
  const parse = text => { const n = text.match(/[\\d.]+/g).map(Number); return n.length < 4 ? [...n, 1] : n; };
  const linear = v => v <= 10.3 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => [r, g, b].map(linear)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = part => { for (let at = part; at; at = at.parentElement) {
    const colour = parse(getComputedStyle(at).backgroundColor); if (colour[3] === 1) return colour; }
    return parse(getComputedStyle(document.body).backgroundColor); };
  let lowest = 21;
  for (const part of document.querySelectorAll('body *')) {
    const words = [...part.childNodes].some(node => node.nodeType === 3 && node.textContent.trim());
    if (!words || !part.offsetParent || part.closest('script, noscript')) continue;
    const [a, b] = [light(parse(getComputedStyle(part).color)), light(ground(part))];
    lowest = Math.min(lowest, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05));
  }
  return lowest;
})()"""

RESAMPLE = """async (rate) => {
  const level = async (hertz) => {
    const context = new OfflineAudioContext(1, rate, rate);
    await context.audioWorklet.addModule('/try/assets/capture-worklet.js');
    const tone = new OscillatorNode(context, { frequency: hertz });
    const capture = new AudioWorkletNode(context, 'capture', { channelCount: 1, channelCountMode: 'explicit' });
    const frames = [];
    capture.port.onmessage = ({ data }) => frames.push(new Int16Array(data.pcm));
    tone.connect(capture).connect(context.destination);
    tone.start();
    await context.startRendering();
    await new Promise(done => setTimeout(done, 200));
    if (frames.length < 48 || frames.length > 50) throw new Error(frames.length + ' frames');
    const middle = frames.slice(10, 40).flatMap(frame => [...frame]);
    return Math.sqrt(2 * middle.reduce((sum, v) => sum + v * v, 0) / middle.length) / 32767;
  };
  return [await level(1000), await level(9500)];
}"""
