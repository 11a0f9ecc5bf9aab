"""The README says nothing that is not so: its commands, paths and addresses exist, and its call is the bot's own."""

import argparse
import re
from pathlib import Path

import pytest
from httpx import ASGITransport, AsyncClient

from dialog import Engine, load_bot
from speech.spoken_forms import display
from tests.serving import NORDLYS, test_config
from voicebot import cli
from voicebot.app import build_app
from voicebot.config import load_config
from voicebot.house import House

ROOT = Path(__file__).parent.parent
CACHE = load_config(environ={}).speech.cache_folder / "dialog"
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_make_target_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"make ([a-z]+)", README)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_every_command_exists_with_its_options() -> None:
    parser = argparse.ArgumentParser()
    subparsers = parser.add_subparsers()
    for command in cli.COMMANDS:
        command.add_parser(subparsers)
    names = "serve|call|mic|chat|check|models|config|bench|new|test|explain"
    for line in re.findall(rf"voicebot ((?:{names})\b[^`\n]*)", README):
        name, *rest = line.split()
        help_text = subparsers.choices[name].format_help()
        for option in (word for word in rest if word.startswith("--")):
            assert option in help_text, line


def test_every_path_exists() -> None:
    for path in set(re.findall(r"`((?:docs|bots|benchmarks|voicebot|telephony|speech|dialog)/[\w./-]*)`", README)):
        assert (ROOT / path).exists(), path


async def test_every_address_answers() -> None:
    config = test_config()
    bot = load_bot(NORDLYS)
    app, _ = build_app(config, House(config, bot, Engine(bot, CACHE)))
    async with AsyncClient(transport=ASGITransport(app), base_url="http://bot") as client:
        for path in set(re.findall(r"https?://[\w.:]+(/[\w/]+)", README)):
            answers = {(await client.get(path)).status_code, (await client.post(path)).status_code}
            assert answers != {404}, path


def test_every_sentence_of_the_bot_in_the_transcript_is_one_it_can_say() -> None:
    said = re.findall(r"^ +bot +(.+)$", README, re.MULTILINE)
    assert len(said) > 10, "there is a transcript"
    bot = load_bot(NORDLYS)
    known = " ".join(display(prompt.text, prompt.language) for prompt in Engine(bot, CACHE).fixed_prompts())
    known = " ".join(known.split())
    titles = sorted((title for article in bot.articles for title in article.titles.values()), key=len, reverse=True)
    for sentence in (" ".join(sentence.split()) for sentence in said):
        # A sentence that names topics is a text of the wording with titles in its places.
        parts = re.split("|".join(map(re.escape, titles)), sentence)
        assert sentence in known or all(part.strip() in known for part in parts), sentence


@pytest.mark.parametrize("name", ["CHANGELOG.md", "LICENSE", "Dockerfile", "docs/operations.md", "docs/first-bot.md"])
def test_what_a_newcomer_looks_for_is_there(name: str) -> None:
    assert (ROOT / name).is_file()
