"""`python -m benchmarks.measuring_service BOT --port N`: a bot that answers whatever it hears, for measurements.

It is the whole service with one difference: any words are answered with the bot's first article, no call is ended or
passed on, and the keypad says what is expected next, so that one measurement can ask for numbers of every length.
`0`: anything; `1` to `9`: so many digits; `#` and `*`: from now on English, or Norwegian.
"""

import argparse
import asyncio
import signal
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import uvicorn

from dialog import Engine, load_bot
from dialog.events import CallerPressed, CallerSaid, Decision, Event, Listen, Prompt, Reply
from dialog.language import LanguageSense
from dialog.state import NothingOpen, State
from voicebot.app import build_app
from voicebot.config import load_config
from voicebot.house import House
from voicebot.logs import start_logging

READY = {"en": "Yes.", "nb": "Ja."}
LANGUAGE_KEYS = {"#": "en", "*": "nb"}


class MeasuringEngine(Engine):
    """Thinks as any mind does, then answers the same to all words, and always listens on."""

    def respond(self, state: State, event: Event, now: datetime) -> tuple[State, Reply]:
        """See `Engine.respond`."""
        if isinstance(event, CallerPressed):
            return self._pressed(state, event.digit)
        after, reply = super().respond(replace(state, misses=0, unknowns=0, silences=0), event, now)
        after = replace(after, finished=False, question=NothingOpen(), listened=state.listened)
        if isinstance(event, CallerSaid):
            # Without a score: this bot understands nothing, so it must not hasten the end of a turn.
            reply = replace(reply, prompts=(self._answer(after.language),), decision=Decision("measuring"))
        return after, replace(reply, action=state.listened)

    def _answer(self, language: str) -> Prompt:
        article = self.bot.articles[0]
        return Prompt(article.answers[language], language, article.id)

    def _pressed(self, state: State, key: str) -> tuple[State, Reply]:
        if key in LANGUAGE_KEYS:
            state = replace(state, sense=LanguageSense(LANGUAGE_KEYS[key], settled=True), listened=Listen())
        else:
            listen = Listen() if key == "0" else Listen("digits", length=int(key))
            state = replace(state, listened=listen)
        prompt = Prompt(READY[state.language], state.language)
        return state, Reply((prompt,), state.listened, Decision("key"))


async def serve(folder: Path, port: int) -> None:
    """Serve until told to stop."""
    config = load_config()
    start_logging(config.log.level, config.log.format)
    bot = await asyncio.to_thread(load_bot, folder)
    engine = await asyncio.to_thread(MeasuringEngine, bot, config.speech.cache_folder / "dialog")
    house = House(config, bot, engine)
    house.prepare()
    app, _ = build_app(config, house)
    server = uvicorn.Server(
        uvicorn.Config(app, port=port, log_config=None, access_log=False, ws_per_message_deflate=False)
    )
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: setattr(server, "should_exit", True))
    try:
        await server.serve()
    finally:
        await house.close()


def main() -> int:
    """Serve."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bot", type=Path)
    parser.add_argument("--port", type=int, required=True)
    arguments = parser.parse_args()
    asyncio.run(serve(arguments.bot, arguments.port))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
