"""Reads a caller's script from YAML and tells every fault of it at once, each with its line."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from telephony.simulator.script import (
    CALLED,
    CALLER,
    GREETING,
    IMMEDIATELY,
    REPLY,
    TOGETHER,
    Act,
    Background,
    CodeKeys,
    Colleague,
    Expectation,
    Keys,
    Loudspeaker,
    PutDown,
    Recording,
    Script,
    ScriptInvalid,
    Sentence,
    Silence,
    Turn,
    Wait,
)


def load_script(path: Path) -> Script:
    """Read a script.

    Raises:
        ScriptInvalid: with every fault at once.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ScriptInvalid((f"{path}: cannot be read ({error})",)) from error
    return read_script(text, str(path), path.parent)


def read_script(text: str, name: str, folder: Path) -> Script:
    """A script from its text.

    Args:
        text: YAML.
        name: how faults call it.
        folder: where its sound files are.
    Raises:
        ScriptInvalid: with every fault at once.
    """
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{name}:{mark.line + 1}" if mark else name
        raise ScriptInvalid((f"{place}: is not YAML ({getattr(error, 'problem', error)})",)) from error
    reader = _Reader(name, folder)
    script = reader.script(root)
    if reader.faults or script is None:
        raise ScriptInvalid(tuple(reader.faults))
    return script


@dataclass(slots=True)
class _Reader:
    name: str
    folder: Path
    faults: list[str] = field(default_factory=list)
    language: str = "en"

    def fault(self, node: yaml.Node | None, what: str) -> None:
        line = f":{node.start_mark.line + 1}" if node is not None else ""
        self.faults.append(f"{self.name}{line}: {what}")

    def mapping(self, node: yaml.Node | None, what: str, keys: str) -> dict[str, yaml.Node]:
        if not isinstance(node, yaml.MappingNode):
            self.fault(node, f"{what} must be a mapping with {keys}")
            return {}
        found: dict[str, yaml.Node] = {}
        for key, value in node.value:
            if key.value not in keys.split():
                self.fault(key, f"{what} has no key {key.value!r}; there are {keys}")
            elif key.value in found:
                self.fault(key, f"{key.value} is given twice")
            else:
                found[key.value] = value
        return found

    def read(self, node: yaml.Node, what: str, check: Callable[[Any], bool], must: str) -> Any:
        value = yaml.SafeLoader("").construct_object(node, deep=True)
        if not check(value):
            self.fault(node, f"{what} must be {must}")
            return None
        return value

    def words(self, node: yaml.Node, what: str) -> str:
        return str(self.read(node, what, lambda value: isinstance(value, str) and bool(value.strip()), "text") or "")

    def seconds(self, node: yaml.Node, what: str, most: float = 600) -> float:
        return float(self.read(node, what, _between(0, most), f"seconds, 0 to {most:g}") or 0)

    def script(self, root: yaml.Node | None) -> Script | None:
        keys = self.mapping(root, "a script", "name language from to noise loudspeaker seed people turns")
        if "language" in keys:
            self.language = self.words(keys["language"], "language")
        turns = self.turns(keys.get("turns"), root)
        script = Script(
            name=self.words(keys["name"], "name") if "name" in keys else Path(self.name).stem,
            turns=turns,
            people=self.people(keys.get("people")),
            language=self.language,
            caller=self.number(keys["from"], "from") if "from" in keys else CALLER,
            called=self.number(keys["to"], "to") if "to" in keys else CALLED,
            noise=self.noise(keys["noise"]) if "noise" in keys else None,
            loudspeaker=self.loudspeaker(keys["loudspeaker"]) if "loudspeaker" in keys else None,
            seed=self.read(keys["seed"], "seed", _is_whole, "a whole number") or 0 if "seed" in keys else 0,
        )
        return None if self.faults else script

    def number(self, node: yaml.Node, what: str) -> str:
        value = self.words(node, what) if node.tag.endswith(":str") else ""
        if not re.fullmatch(r"\+\d{6,15}|anonymous|client:\w+", value):
            self.fault(node, f'{what} must be a number in quotes like "+4799999999", or anonymous')
        return value

    def reachable(self, node: yaml.Node) -> str:
        value = self.words(node, "number") if node.tag.endswith(":str") else ""
        if not re.fullmatch(r"\+\d{6,15}|sips?:[^\s@]+@\S+", value):
            self.fault(node, 'number must be in quotes like "+4722000011", or an address like sip:ada@example.com')
        return value

    def noise(self, node: yaml.Node) -> Background:
        keys = self.mapping(node, "noise", "file snr_db")
        if "file" not in keys:
            self.fault(node, "noise needs a file")
            return Background(self.folder, 0)
        snr_db = (
            self.read(keys["snr_db"], "snr_db", _between(-20, 80), "a number of decibels") if "snr_db" in keys else 15
        )
        return Background(self.file(keys["file"]), float(snr_db or 0))

    def loudspeaker(self, node: yaml.Node) -> Loudspeaker:
        keys = self.mapping(node, "loudspeaker", "db delay_ms")
        default = Loudspeaker()
        db = self.read(keys["db"], "db", _between(-80, -1), "decibels, -80 to -1") if "db" in keys else default.db
        delay_ms = (
            self.read(keys["delay_ms"], "delay_ms", _between(0, 500), "milliseconds, 0 to 500")
            if "delay_ms" in keys
            else default.delay_ms
        )
        return Loudspeaker(float(db or 0), float(delay_ms or 0))

    def file(self, node: yaml.Node) -> Path:
        path = self.folder / self.words(node, "file")
        if not path.is_file():
            self.fault(node, f"there is no file {path}")
        return path

    def turns(self, node: yaml.Node | None, root: yaml.Node | None) -> tuple[Turn, ...]:
        if not isinstance(node, yaml.SequenceNode) or not node.value:
            self.fault(node or root, "turns must be a list with at least one turn")
            return ()
        return tuple(self.turn(one, first=index == 0) for index, one in enumerate(node.value))

    def people(self, node: yaml.Node | None) -> tuple[Colleague, ...]:
        if node is None:
            return ()
        if not isinstance(node, yaml.SequenceNode):
            self.fault(node, "people must be a list")
            return ()
        found = tuple(self.colleague(one) for one in node.value)
        for number in {one.number for one in found if one.number}:
            if [one.number for one in found].count(number) > 1:
                self.fault(node, f"two people have the number {number}")
        return found

    def colleague(self, node: yaml.Node) -> Colleague:
        keys = self.mapping(node, "one of people", "name number result rings turns")
        for key in ("name", "number"):
            if key not in keys:
                self.fault(node, f"one of people has no {key}")
        result = keys.get("result")
        if result is not None:
            self.read(result, "result", lambda value: value in _RESULTS, ", ".join(_RESULTS))
        return Colleague(
            self.words(keys["name"], "name") if "name" in keys else "",
            self.reachable(keys["number"]) if "number" in keys else "",
            self.turns(keys["turns"], node) if "turns" in keys else (),
            str(result.value) if result is not None else "answered",
            self.seconds(keys["rings"], "rings", 120) if "rings" in keys else 2.0,
        )

    def turn(self, node: yaml.Node, *, first: bool) -> Turn:
        acts = "say wav press press_code wait silence hang_up"
        keys = self.mapping(node, "a turn", f"{acts} after expect language pressing")
        given = [key for key in acts.split() if key in keys]
        act: Act = PutDown()
        if len(given) != 1:
            self.fault(node, f"a turn does exactly one of {acts}; this one does {' and '.join(given) or 'nothing'}")
        else:
            act = self.act(given[0], keys[given[0]], keys.get("language"))
        after: str | float = GREETING if first else REPLY
        if "after" in keys:
            after = (
                self.read(keys["after"], "after", _is_moment, "reply, greeting, immediately, together, or seconds")
                or 0.0
            )
        expect = self.expect(keys["expect"]) if "expect" in keys else Expectation()
        return Turn(act, after, expect, node.start_mark.line + 1, self.pressing(keys.get("pressing"), act))

    def pressing(self, node: yaml.Node | None, act: Act) -> str:
        if node is None:
            return ""
        if not isinstance(act, Sentence | Recording):
            self.fault(node, "pressing goes with say or wav; press alone is a turn of its own")
        return self.digits(node, "pressing")

    def digits(self, node: yaml.Node, what: str) -> str:
        return str(self.read(node, what, _is_keys, 'keys in quotes, like "0" or "12#"') or "")

    def act(self, kind: str, node: yaml.Node, language: yaml.Node | None) -> Act:
        match kind:
            case "say":
                spoken = self.words(language, "language") if language is not None else self.language
                return Sentence(self.words(node, "say"), spoken)
            case "wav":
                return Recording(self.file(node))
            case "press":
                return Keys(self.digits(node, "press"))
            case "press_code":
                must = "the number of digits of the code, 4 to 10"
                return CodeKeys(self.read(node, "press_code", _is_code_length, must) or 0)
            case "wait":
                return Wait(self.seconds(node, "wait"))
            case "silence":
                return Silence(self.seconds(node, "silence"))
            case _:
                self.read(node, "hang_up", lambda value: value is True, "true")
                return PutDown()

    def expect(self, node: yaml.Node) -> Expectation:
        keys = self.mapping(node, "expect", "article rule said transfer hung_up within_ms")
        said = keys.get("said")
        patterns = said.value if isinstance(said, yaml.SequenceNode) else [said] if said is not None else []
        within = (
            self.read(keys["within_ms"], "within_ms", _between(1, 60_000), "milliseconds")
            if "within_ms" in keys
            else None
        )
        hung_up = (
            self.read(keys["hung_up"], "hung_up", lambda value: value is True, "true") if "hung_up" in keys else False
        )
        return Expectation(
            article=self.words(keys["article"], "article") if "article" in keys else None,
            rule=self.words(keys["rule"], "rule") if "rule" in keys else None,
            said=tuple(self.pattern(one) for one in patterns),
            transfer=self.words(keys["transfer"], "transfer") if "transfer" in keys else None,
            hung_up=bool(hung_up),
            within_ms=within,
        )

    def pattern(self, node: yaml.Node) -> str:
        text = self.words(node, "said")
        try:
            re.compile(text)
        except re.error as error:
            self.fault(node, f"said is not a regular expression ({error})")
        return text


_MOMENTS = "reply, greeting, immediately, together, or seconds"
_RESULTS = ("answered", "busy", "no-answer", "failed")


def _between(low: float, high: float) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_code_length(value: Any) -> bool:
    return _is_whole(value) and 4 <= value <= 10


def _is_moment(value: Any) -> bool:
    return value in (REPLY, GREETING, IMMEDIATELY, TOGETHER) or _between(0, 60)(value)


def _is_keys(value: Any) -> bool:
    return isinstance(value, str) and bool(re.fullmatch(r"[0-9*#]+", value))
