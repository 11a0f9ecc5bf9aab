"""Reading the texts of a flow: one per language, each remembered with its place for the checks."""

from collections.abc import Mapping

import yaml

from dialog.flows.flow import Texts
from dialog.yamlsource import Entry, Node, Source


class TextReader:
    """Reads texts, and remembers them in `found`: the node, what it is, and the text.

    Args:
        source: of the file.
        languages: of the bot.
        required: languages that every text must be in.
    """

    def __init__(self, source: Source, languages: tuple[str, ...], required: tuple[str, ...]) -> None:
        self.source = source
        self.languages = languages
        self.required = required
        self.found: list[tuple[Node, str, str]] = []

    def needed(self, entries: Mapping[str, Entry], key: str, where: str, line: int = 1) -> Texts:
        """A text that must be there; the fault stands in `line`."""
        entry = entries.get(key)
        if entry is None:
            self.source.fault(line, f"{where} is missing", f"add `{key}: {{nb: ..., en: ...}}`")
            return {}
        return self.by_language(entry.value, where)

    def optional(self, entries: Mapping[str, Entry], key: str, where: str) -> Texts:
        """A text that may be left out."""
        return self.by_language(entries[key].value, where) if key in entries else {}

    def by_language(self, node: Node, where: str) -> Texts:
        """One text per language; a fault for each language every text must be in."""
        nodes = self.source.by_language(node, where, self.languages)
        found: dict[str, str] = {}
        for language, inner in nodes.items():
            text = self.source.text(inner, f"{where} in {language}")
            if text is not None:
                found[language] = text
                self.found.append((inner, f"{where} in {language}", text))
        self.missing(node, where, nodes)
        return found

    def lists(self, node: Node, where: str) -> dict[str, tuple[str, ...]]:
        """Several texts per language."""
        nodes = self.source.by_language(node, where, self.languages)
        found = {language: self.source.texts(node, f"{where} in {language}") for language, node in nodes.items()}
        for language, texts in found.items():
            self.found += [(nodes[language], f"{where} in {language}", text) for text in texts]
        self.missing(node, where, nodes)
        return found

    def missing(self, node: Node, where: str, nodes: Mapping[str, Node]) -> None:
        """Faults for the languages it must be in and is not."""
        for language in self.required:
            if language not in nodes and isinstance(node, yaml.MappingNode):
                self.source.fault(node, f"{where} has no text in {language}", f"add `{language}:` below it")
