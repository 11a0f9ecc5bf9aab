"""Bringing a bot folder that was written for an older format to the one this program reads.

A migration edits the text of a file where something stands otherwise now; comments, order and layout stay as their
author left them. Files carry their own `version`; articles have that of bot.yaml. A file without one is of version 0:
written by hand, or before there were versions.

Version 1 is today's. Flows, actions, words.yaml, scripts and the rules of keeping came to it as files and keys that may
be left out, so nothing in an older folder had to change, and there is no version 2.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TypeAlias

import yaml

from dialog.bot import LANGUAGES
from dialog.errors import DialogError
from dialog.folder import FLOWS, KNOWLEDGE, SETTINGS_FILE
from dialog.settings import FORMAT_VERSION
from dialog.words_file import WORDS_FILE

NORWEGIAN = "no"
"""How Norwegian was written before bokmål and nynorsk were told apart; YAML reads it as false."""


class MigrationFailed(DialogError):
    """A file cannot be brought to today's format; names the file and the cure."""


@dataclass(frozen=True, slots=True)
class Edit:
    """Characters from `start` to before `end`, counted from 0, give way to `text`."""

    start: int
    end: int
    text: str


Edits: TypeAlias = Callable[[str, str], Sequence[Edit]]
"""What is to be changed in the file of this path with this text."""


@dataclass(frozen=True, slots=True)
class Migration:
    """From one version of the format to the next.

    Args:
        to: the version after it.
        why: what it does, for the person whose files it edits.
        edits: in one file; the version itself is written by `migrate`.
    """

    to: int
    why: str
    edits: Edits


@dataclass(frozen=True, slots=True)
class Migrated:
    """What a migration makes of a folder.

    Args:
        texts: of the files that change, by path inside the folder.
        done: what was done, in words.
    """

    texts: Mapping[str, str]
    done: tuple[str, ...]


def migrate(texts: Mapping[str, str], migrations: Sequence[Migration] | None = None) -> Migrated:
    """Today's form of a folder's files.

    Args:
        texts: content by path inside the folder, as `files_of` gives it.
        migrations: one per version, in order; None is `MIGRATIONS`.

    Raises:
        MigrationFailed: a file is not YAML, or newer than this program.
    """
    steps = MIGRATIONS if migrations is None else tuple(migrations)
    newest = steps[-1].to
    of_bot = _version(SETTINGS_FILE, texts[SETTINGS_FILE]) if SETTINGS_FILE in texts else newest
    changed: dict[str, str] = {}
    done: dict[str, None] = {}
    for file, before in texts.items():
        text, versioned = before, not file.endswith(".md")
        version = _version(file, text) if versioned else of_bot
        if version > newest:
            raise MigrationFailed(f"{file} is of version {version}; this program reads {newest} -> use a newer program")
        for step in steps:
            if step.to <= version:
                continue
            after = edited(text, step.edits(file, text))
            if versioned:
                after = _with_version(file, after, step.to)
            if after != text:
                done.setdefault(f"version {step.to}: {step.why}")
            text = after
        if text != before:
            changed[file] = text
    return Migrated(changed, tuple(done))


def files_of(folder: Path) -> dict[str, str]:
    """Texts of a folder's files that a migration may change, byte for byte but for the encoding.

    Raises:
        MigrationFailed: there is no bot.yaml, or a file is not UTF-8.
    """
    if not (folder / SETTINGS_FILE).is_file():
        raise MigrationFailed(f"{folder} has no bot.yaml -> give the path of a bot folder")
    found = [folder / SETTINGS_FILE, *sorted((folder / KNOWLEDGE).glob("*.md"))]
    found += [*sorted((folder / FLOWS).glob("*.yaml")), folder / WORDS_FILE]
    texts = {}
    for path in (path for path in found if path.is_file()):
        name = path.relative_to(folder).as_posix()
        try:
            texts[name] = path.read_bytes().decode("utf-8")
        except UnicodeDecodeError as error:
            raise MigrationFailed(f"{name} is not UTF-8 -> save it again with the encoding UTF-8") from error
    return texts


def edited(text: str, edits: Sequence[Edit]) -> str:
    """The text after edits, which may stand in any order.

    Raises:
        ValueError: two of them overlap.
    """
    end = len(text)
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end), reverse=True):
        if edit.end > end:
            raise ValueError(f"edits overlap at {edit.start}")
        text, end = text[: edit.start] + edit.text + text[edit.end :], edit.start
    return text


def rename_keys(root: yaml.Node, rename: Callable[[str, Sequence[str]], str | None]) -> Iterator[Edit]:
    """Edits that give keys of mappings another name, wherever they stand.

    Args:
        root: of the file.
        rename: from a key and all keys of its mapping to the new name, or None to leave it.
    """
    for node in _nodes(root):
        if isinstance(node, yaml.MappingNode):
            keys = [str(key.value) for key, _ in node.value]
            for key, _ in node.value:
                new = rename(str(key.value), keys)
                if new is not None:
                    yield Edit(key.start_mark.index, key.end_mark.index, new)


def parsed(file: str, text: str) -> yaml.Node | None:
    """The root node of a file, its marks counted in characters of the text; None for an empty one.

    Raises:
        MigrationFailed: it is not YAML.
    """
    try:
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError) as error:
        raise MigrationFailed(f"{file} is not YAML -> run `voicebot check` and correct it first") from error


def _nodes(root: yaml.Node) -> Iterator[yaml.Node]:
    """Every node once: an alias (`*name`) is the node it stands for, and may even stand inside it."""
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        yield node
        for item in node.value if isinstance(node, yaml.CollectionNode) else ():
            waiting += item if isinstance(item, tuple) else (item,)


def _version_entry(file: str, text: str) -> tuple[yaml.Node | None, yaml.Node | None]:
    """The root, and the value of its `version`."""
    root = parsed(file, text)
    entries = root.value if isinstance(root, yaml.MappingNode) else ()
    return root, next((value for key, value in entries if key.value == "version"), None)


def _version(file: str, text: str) -> int:
    node = _version_entry(file, text)[1]
    if node is None:
        return 0
    try:
        return int(str(node.value))
    except ValueError as error:
        raise MigrationFailed(f"{file}: `version` is no number -> write `version: {FORMAT_VERSION}`") from error


def _with_version(file: str, text: str, version: int) -> str:
    """The text with this version: changed where it stands, else written above the first key."""
    root, node = _version_entry(file, text)
    if root is None:
        return text
    if node is not None:
        changed = edited(text, [Edit(node.start_mark.index, node.end_mark.index, str(version))])
    elif isinstance(root, yaml.MappingNode) and root.value:
        first = root.value[0][0].start_mark
        line_end = "\r\n" if "\r\n" in text else "\n"
        after = ", " if root.flow_style else f"{line_end}{' ' * first.column}"
        changed = edited(text, [Edit(first.index, first.index, f"version: {version}{after}")])
    else:
        raise MigrationFailed(f"{file} has no `key: value` lines -> write it as docs/bot-folder.md shows")
    if _version(file, changed) != version:
        raise MigrationFailed(
            f"{file} is written in a way that cannot be edited -> write `version: {version}` yourself"
        )
    return changed


# Version 1.


def _to_version_1(file: str, text: str) -> list[Edit]:
    if PurePosixPath(file).suffix == ".md":
        return _article_to_version_1(file, text)
    root = parsed(file, text)
    if root is None:
        return []
    found = list(rename_keys(root, _bokmal))
    if file == SETTINGS_FILE and isinstance(root, yaml.MappingNode):
        lists = [value for key, value in root.value if key.value in ("languages", "required")]
        items = [item for node in lists if isinstance(node, yaml.SequenceNode) for item in node.value]
        found += [
            Edit(item.start_mark.index, item.end_mark.index, "nb")
            for item in items
            if str(item.value).lower() == NORWEGIAN
        ]
    return found


def _article_to_version_1(file: str, text: str) -> list[Edit]:
    found = [Edit(match.start(1), match.end(1), "nb") for match in re.finditer(r"(?m)^## +(no)[ \t]*\r?$", text)]
    front = re.match(r"\ufeff?---[ \t]*\r?\n(.*?)^---", text, re.DOTALL | re.MULTILINE)
    root = parsed(file, front[1]) if front else None
    if front is None or root is None:
        return found
    moved = front.start(1)
    return found + [Edit(edit.start + moved, edit.end + moved, edit.text) for edit in rename_keys(root, _bokmal)]


def _bokmal(key: str, keys: Sequence[str]) -> str | None:
    """`no` among languages is bokmål; the `no` of a flow's question has other neighbours."""
    among_languages = all(one in (*LANGUAGES, NORWEGIAN) for one in keys)
    return "nb" if key == NORWEGIAN and among_languages and "nb" not in keys else None


MIGRATIONS: tuple[Migration, ...] = (
    Migration(1, "files say the version of their format, and Norwegian is nb (bokmål) or nn (nynorsk)", _to_version_1),
)
