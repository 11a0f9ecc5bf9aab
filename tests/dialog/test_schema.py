"""What editors are told about a bot folder is what the readers hold to."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from dialog import (
    articles,
    callback_rules,
    check_bot,
    departments_source,
    people,
    records_source,
    scripts,
    settings,
    words_file,
)
from dialog.flows import reading as flows
from dialog.schema import SCHEMAS, keyed
from dialog.slots.catalogue import SLOT_KINDS
from tests.dialog.conftest import TODAY
from tests.dialog.test_bot_folder import BOT, the_fault, write

ROOT = Path(__file__).parents[2]
BOTS = sorted(path.parent for path in ROOT.glob("**/bot.yaml") if ".venv" not in path.parts)


class Core(yaml.SafeLoader):
    """YAML as editors read it, by its core schema of version 1.2: `yes` is a word and a day is a text."""


Core.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith((":bool", ":timestamp"))]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Core.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("true|false"), list("tf"))


def faults(name: str, text: str) -> list[str]:
    value = yaml.load(text, Loader=Core)
    return [
        f"{list(error.path)}: {error.message}" for error in Draft202012Validator(SCHEMAS[name]()).iter_errors(value)
    ]


def files(bot: Path) -> Iterator[tuple[str, Path]]:
    yield "bot", bot / "bot.yaml"
    for name, pattern in (("article", "knowledge/*.md"), ("flow", "flows/*.yaml"), ("script", "tests/*.yaml")):
        yield from ((name, path) for path in sorted(bot.glob(pattern)))
    if (bot / "words.yaml").exists():
        yield "words", bot / "words.yaml"


@pytest.mark.parametrize("bot", BOTS, ids=lambda bot: bot.relative_to(ROOT).as_posix())
def test_every_bot_is_right_by_the_schemas(bot: Path):
    for name, path in files(bot):
        text = path.read_text(encoding="utf-8")
        assert faults(name, text.split("---\n")[1] if name == "article" else text) == [], path


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_one(name: str):
    Draft202012Validator.check_schema(SCHEMAS[name]())


def keys_of(schema: Any) -> set[str]:
    return set(schema["properties"])


def test_keys_are_those_of_the_readers():
    bot, flow, script = SCHEMAS["bot"](), SCHEMAS["flow"](), SCHEMAS["script"]()
    assert keys_of(bot) == set(settings.KEYS)
    department = bot["properties"]["departments"]["additionalProperties"]
    assert keys_of(department) == set(departments_source.KEYS)
    assert keys_of(department["properties"]["people"]["items"]) == set(people.KEYS)
    assert keys_of(bot["properties"]["callbacks"]) == set(callback_rules.KEYS)
    assert keys_of(SCHEMAS["article"]()) == set(articles.KEYS)
    assert keys_of(SCHEMAS["words"]()) == set(words_file.KEYS)
    assert keys_of(flow) == set(flows.KEYS)
    steps = [frozenset(step["properties"]) for step in flow["$defs"]["step"]["anyOf"] if "properties" in step]
    assert set(steps) == {frozenset(keys) for keys in flows.STEP_KEYS.values()}
    assert keys_of(script["items"]) == set(scripts.SCRIPT_KEYS)
    turn = script["items"]["properties"]["turns"]["items"]
    assert keys_of(turn) == set(scripts.TURN_KEYS)
    assert keys_of(turn["properties"]["bot"]) == set(scripts.EXPECTED_KEYS)


@pytest.mark.parametrize("key", ["limits", "thresholds"])
def test_limits_and_thresholds_are_those_that_the_reader_knows(key: str, tmp_path: Path):
    fault = the_fault(check_bot(write(tmp_path, f"{BOT}{key}: {{qqqqqq: 1}}\n"), TODAY), "qqqqqq")
    known = set(fault.cure.partition("known: ")[2].split(", "))
    assert known == keys_of(SCHEMAS["bot"]()["properties"][key])


@pytest.mark.parametrize(
    ("page", "keys"),
    [
        ("bot-folder.md", {*settings.KEYS, *departments_source.KEYS, *articles.KEYS}),
        ("bot-folder.md", {*people.KEYS, *callback_rules.KEYS}),
        ("bot-folder.md", {*words_file.KEYS, *words_file.TOPIC_KEYS}),
        ("bot-folder.md", {*records_source.RECORDS_KEYS, *records_source.DAYS_KEYS, *records_source.RECORDING_KEYS}),
        ("testing-a-bot.md", {*scripts.SCRIPT_KEYS, *scripts.TURN_KEYS, *scripts.EXPECTED_KEYS}),
    ],
)
def test_every_key_is_explained(page: str, keys: set[str]):
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    assert {key for key in keys if not re.search(rf"\b{key}:", text)} == set()


def test_a_key_that_only_one_side_has_is_found_when_the_schema_is_made():
    with pytest.raises(ValueError, match="'two'"):
        keyed(("one", "two"), {"one": {}})


@pytest.mark.parametrize("kind", sorted(SLOT_KINDS))
def test_a_slot_has_the_options_of_its_kind_and_no_others(kind: str):
    every = {option for options in SLOT_KINDS.values() for option in options}

    def flow(option: str) -> str:
        slot = {"type": kind, "ask": {"nb": "Hva?"}, option: None}
        return json.dumps({"version": 1, "title": {"nb": "x"}, "slots": {"a": slot}, "steps": ["end"]})

    assert {option for option in every if not faults("flow", flow(option))} == SLOT_KINDS[kind]


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("bot", BOT.replace("name: Verk", "nmae: Verk"), "nmae"),
        ("bot", BOT.replace("[nb, en]", "[nb, de]"), "de"),
        ("bot", BOT.replace("+442079460201", "22334455"), "22334455"),
        ("bot", BOT.replace("en: Hello.", "fr: Salut."), "fr"),
        ("article", "questions: {nb: Frakt}", "title"),
        ("article", "title: {nb: x}\nreview: i morgen", "i morgen"),
        ("flow", "{version: 1, title: {nb: x}, steps: [{collect: a, cases: {}}]}", "cases"),
        ("words", "{version: 1, sensitive: {death: {say: {nb: Nei.}}}}", "words"),
        ("script", "[{name: x, turns: [{caller: Hei, bot: {artikkel: y}}]}]", "artikkel"),
    ],
)
def test_what_a_reader_refuses_an_editor_underlines(name: str, text: str, told: str):
    assert any(told in fault for fault in faults(name, text)), faults(name, text)
