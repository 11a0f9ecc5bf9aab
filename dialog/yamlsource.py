"""YAML that remembers where everything stood, and says what is wrong in plain words."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches

import yaml

from dialog.errors import Fault

Node = yaml.Node
TAG = "tag:yaml.org,2002:"


@dataclass(frozen=True, slots=True)
class Entry:
    """A key of a mapping, where it stands, and its value."""

    key: str
    line: int
    value: Node


@dataclass(slots=True)
class Source:
    """One file being read; faults gather in a list that all files of a folder share.

    Args:
        file: path inside the bot folder.
        faults: where faults are put.
        first_line: 1-based line in the file of the first line of the YAML.
        yes_is_a_key: keys may be called yes and no, as those of a question are.
    """

    file: str
    faults: list[Fault]
    first_line: int = 1
    yes_is_a_key: bool = False

    def line(self, node: Node) -> int:
        """1-based line in the file."""
        return int(node.start_mark.line) + self.first_line

    def fault(self, place: Node | int | None, what: str, cure: str, warning: bool = False) -> None:
        """Note a fault at a node, a line, or (None) of the whole file."""
        line = self.line(place) if isinstance(place, Node) else place
        self.faults.append(Fault(self.file, line, what, cure, warning))

    def parse(self, text: str) -> Node | None:
        """The root node; None, with a fault, when the YAML is broken."""
        try:
            return yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = None if mark is None else mark.line + self.first_line
            self.fault(line, f"this is not YAML: {_plain(error)}", _cure_for(error, text))
        except yaml.YAMLError as error:
            self.fault(None, f"this is not YAML: {str(error).splitlines()[0]}", "remove the characters YAML refuses")
        except RecursionError:
            self.fault(None, "this YAML is nested too deeply", "write it flat, as docs/bot-folder.md shows")
        return None

    def entries(self, node: Node, where: str, known: Collection[str] | None = None) -> dict[str, Entry]:
        """Keys of a mapping; faults for what is no mapping, a key twice, and keys not in `known`."""
        if not isinstance(node, yaml.MappingNode):
            self.fault(node, f"{where} must be a list of `key: value` lines", "write it as docs/bot-folder.md shows")
            return {}
        found: dict[str, Entry] = {}
        for key_node, value in node.value:
            key = self._key(key_node, where)
            if key is None:
                continue
            if key in found:
                self.fault(
                    key_node,
                    f"{where}: `{key}` is written twice (first in line {found[key].line})",
                    "keep one of them",
                )
                continue
            if known is not None and key not in known:
                self.fault(key_node, f"{where}: `{key}` is not a key here", did_you_mean(key, known))
                continue
            found[key] = Entry(key, self.line(key_node), value)
        return found

    def _key(self, node: Node, where: str) -> str | None:
        if not isinstance(node, yaml.ScalarNode):
            self.fault(node, f"{where}: a key must be one word", "write `key: value`")
            return None
        if node.tag == f"{TAG}bool" and not self.yes_is_a_key:
            self.fault(
                node, f"{where}: YAML reads the key {node.value} as true or false", f'write "{node.value}" in quotes'
            )
            return None
        return str(node.value)

    def text(self, node: Node, where: str) -> str | None:
        """A text that is not empty; a fault for anything else."""
        if not isinstance(node, yaml.ScalarNode):
            self.fault(node, f"{where} must be one text", "write it on one line, or in quotes")
            return None
        if node.tag == f"{TAG}bool" and node.style is None:
            self.fault(
                node,
                f"{where}: YAML reads {node.value} as true or false, not as a word",
                f'write "{node.value}" in quotes',
            )
            return None
        value = str(node.value).strip()
        if not value or (node.tag == f"{TAG}null" and node.style is None):
            self.fault(node, f"{where} is empty", "write it, or remove the key")
            return None
        return value

    def texts(self, node: Node, where: str) -> tuple[str, ...]:
        """Texts from a list, or a single one."""
        if not isinstance(node, yaml.SequenceNode):
            single = self.text(node, where)
            return () if single is None else (single,)
        if not node.value:
            self.fault(node, f"{where} is an empty list", "write at least one, or remove the key")
        found = (self.text(item, where) for item in node.value)
        return tuple(text for text in found if text is not None)

    def number(self, node: Node, where: str, least: float, most: float) -> float | None:
        """A number in a range."""
        raw = node.value if isinstance(node, yaml.ScalarNode) else None
        try:
            value = float(str(raw))
        except ValueError:
            self.fault(node, f"{where} must be a number", f"write a number from {least:g} to {most:g}")
            return None
        if not least <= value <= most:
            self.fault(node, f"{where} is {value:g}", f"write a number from {least:g} to {most:g}")
            return None
        return value

    def flag(self, node: Node, where: str) -> bool:
        """true or false."""
        if isinstance(node, yaml.ScalarNode) and node.tag == f"{TAG}bool":
            return str(node.value).lower() in ("true", "yes", "on")
        self.fault(node, f"{where} must be true or false", "write true or false")
        return False

    def day(self, node: Node, where: str) -> date | None:
        """A date, 2026-12-24."""
        raw = str(node.value) if isinstance(node, yaml.ScalarNode) else ""
        try:
            if re.fullmatch(r"\d{4}-\d\d-\d\d", raw):
                return date.fromisoformat(raw)
        except ValueError:
            pass  # the form is right but there is no such day: the same fault as below
        self.fault(node, f"{where}: {raw or 'this'} is not a date", "write it as year-month-day: 2026-12-24")
        return None

    def items(self, node: Node, where: str) -> Iterator[Node]:
        """Items of a list."""
        if isinstance(node, yaml.SequenceNode):
            yield from node.value
        else:
            self.fault(node, f"{where} must be a list", "write it as [one, two]")

    def by_language(self, node: Node, where: str, languages: Collection[str]) -> dict[str, Node]:
        """Nodes per language; a fault for a language the bot does not have."""
        entries = self.entries(node, where)
        for entry in entries.values():
            if entry.key not in languages and languages:
                self.fault(
                    entry.line,
                    f"{where}: `{entry.key}` is not one of the bot's languages ({', '.join(languages)})",
                    "add it to `languages` in bot.yaml, or remove it here",
                )
        return {key: entry.value for key, entry in entries.items() if key in languages}


def did_you_mean(key: str, known: Collection[str]) -> str:
    """A cure for a name that is not known: the nearest one, or all there are."""
    close = get_close_matches(key, known, n=1, cutoff=0.6)
    return f"did you mean `{close[0]}`?" if close else f"remove it; known: {', '.join(known) or 'none'}"


def _plain(error: yaml.MarkedYAMLError) -> str:
    problem = error.problem or error.context or "it cannot be read"
    if "mapping values are not allowed" in problem:
        return "a colon inside a text, or a line that is indented wrongly"
    if "could not find expected ':'" in problem:
        return "a line without a colon after its key"
    if "cannot start any token" in problem:
        return "a character that may not begin a value (a tab, @ or `)"
    if "found unexpected end of stream" in problem:
        return "a quotation mark or bracket that is never closed"
    if "expected <block end>" in problem:
        return "a line that is indented differently from its neighbours"
    if "expected ',' or" in problem and "'?'" in problem:
        return "a question mark inside [ ] or { }"
    if "expected ',' or" in problem:
        return "a bracket that is never closed, or a comma missing in a list"
    return problem


def _cure_for(error: yaml.MarkedYAMLError, text: str) -> str:
    if "but got '?'" in (error.problem or ""):
        return "put the text in quotes, or write it on its own line after a dash"
    if "\t" in text:
        return "use spaces, not tabs, to indent"
    if "mapping values are not allowed" in (error.problem or ""):
        return "put the text in quotes, and check the spaces at the beginning of the line"
    return "correct this line or the one before it; put texts with : or # in them in quotes"
