"""Reading a bot's `words.yaml`; its values are in `dialog.own_words`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from dialog.bot import LANGUAGES
from dialog.errors import Fault
from dialog.own_words import SensitiveTopic, Words
from dialog.signs import expression
from dialog.yamlsource import Entry, Node, Source

WORDS_FILE = "words.yaml"
VERSION = 1
KEYS = ("version", "names", "pronounce", "anger", "innocent", "sensitive")
TOPIC_KEYS = ("words", "department", "say")
LEAST_LETTERS = 3
"""A phrase of two letters is found in half of what people say."""


def read_words(
    text: str, languages: Sequence[str], departments: Sequence[str], faults: list[Fault], file: str = WORDS_FILE
) -> Words:
    """The values of a words.yaml; faults gather in `faults`.

    Args:
        text: of the file.
        languages: of the bot; others are faults.
        departments: ids that a sensitive topic may name.
        faults: where faults are put.
        file: path inside the bot folder.
    """
    source = Source(file, faults)
    root = source.parse(text)
    if root is None:
        return Words()
    return _Reader(source, source.entries(root, file, KEYS), tuple(languages) or LANGUAGES, departments).words()


@dataclass(slots=True)
class _Reader:
    source: Source
    entries: dict[str, Entry]
    languages: tuple[str, ...]
    departments: Sequence[str]

    def words(self) -> Words:
        self._version()
        return Words(
            names=self._names(),
            pronunciations=self._pronunciations(),
            anger=self._phrases_of("anger"),
            innocent=self._phrases_of("innocent"),
            sensitive=self._sensitive(),
        )

    def _version(self) -> None:
        entry = self.entries.get("version")
        if entry is None:
            self.source.fault(1, "`version` is missing", f"write version: {VERSION} in the first line")
        elif self.source.text(entry.value, "version") not in (None, str(VERSION)):
            self.source.fault(entry.line, "this `version` is not known", f"write version: {VERSION}")

    def _names(self) -> tuple[str, ...]:
        entry = self.entries.get("names")
        return self.source.texts(entry.value, "names") if entry else ()

    def _pronunciations(self) -> dict[str, dict[str, str]]:
        entry = self.entries.get("pronounce")
        if entry is None:
            return {}
        found: dict[str, dict[str, str]] = {}
        for word in self.source.entries(entry.value, "pronounce").values():
            where = f"pronounce: {word.key}"
            nodes = self.source.by_language(word.value, where, self.languages)
            forms = {language: self.source.text(node, f"{where}: {language}") for language, node in nodes.items()}
            found[word.key] = {language: form for language, form in forms.items() if form}
        return found

    def _phrases_of(self, key: str) -> dict[str, tuple[str, ...]]:
        entry = self.entries.get(key)
        return self._phrases(entry.value, key) if entry else {}

    def _phrases(self, node: Node, where: str) -> dict[str, tuple[str, ...]]:
        nodes = self.source.by_language(node, where, self.languages)
        return {language: self._checked(found, f"{where}: {language}") for language, found in nodes.items()}

    def _checked(self, node: Node, where: str) -> tuple[str, ...]:
        phrases = self.source.texts(node, where)
        for phrase in phrases:
            if len(re.findall(r"\w", phrase)) < LEAST_LETTERS:
                self.source.fault(node, f"{where}: `{phrase}` is too short", "write at least three letters")
            elif not expression(phrase):
                self.source.fault(node, f"{where}: `{phrase}` has no word", "write the words callers say")
        return phrases

    def _sensitive(self) -> tuple[SensitiveTopic, ...]:
        entry = self.entries.get("sensitive")
        if entry is None:
            return ()
        topics = (self._topic(item) for item in self.source.entries(entry.value, "sensitive").values())
        return tuple(topic for topic in topics if topic.phrases)

    def _topic(self, item: Entry) -> SensitiveTopic:
        where = f"sensitive: {item.key}"
        entries = self.source.entries(item.value, where, TOPIC_KEYS)
        if "words" not in entries:
            self.source.fault(item.line, f"{where}: `words` is missing", "write what callers say, per language")
        phrases = self._phrases(entries["words"].value, f"{where}: words") if "words" in entries else {}
        says = (
            self.source.by_language(entries["say"].value, f"{where}: say", self.languages) if "say" in entries else {}
        )
        texts = {language: self.source.text(node, f"{where}: say: {language}") for language, node in says.items()}
        return SensitiveTopic(
            item.key, phrases, self._department(entries, where), {one: said for one, said in texts.items() if said}
        )

    def _department(self, entries: dict[str, Entry], where: str) -> str:
        entry = entries.get("department")
        named = self.source.text(entry.value, f"{where}: department") if entry else None
        if entry and named and named not in self.departments:
            known = ", ".join(self.departments) or "none"
            self.source.fault(entry.line, f"{where}: there is no department `{named}`", f"use one of: {known}")
            return ""
        return named or ""
