"""Reading the departments of bot.yaml: where callers are passed on to, who answers there, and who stands in."""

from collections.abc import Sequence
from dataclasses import dataclass

from dialog.bot import Department
from dialog.hours import Hours
from dialog.hours_source import read_hours
from dialog.people import read_number, read_people
from dialog.yamlsource import Entry, Source, did_you_mean

KEYS = ("name", "number", "default", "words", "hours", "out_of_hours", "people", "ring", "then")


def read_departments(
    source: Source, entries: dict[str, Entry], languages: tuple[str, ...], hours: Hours | None
) -> tuple[Department, ...]:
    """The departments that the key `departments` names, in its order.

    Args:
        source: of bot.yaml.
        entries: its keys.
        languages: of the bot.
        hours: of the company.
    """
    entry = entries.get("departments")
    if entry is None:
        source.fault(
            None,
            "`departments` is missing: nobody can be reached",
            "add one with a number, as docs/bot-folder.md shows",
            warning=True,
        )
        return ()
    reader = _Reader(source, languages, hours)
    items = source.entries(entry.value, "`departments`")
    found = [reader.department(item) for item in items.values()]
    defaults = [department for department in found if department.default]
    if len(defaults) > 1:
        names = ", ".join(department.id for department in defaults)
        source.fault(entry.line, f"more than one department is the default: {names}", "keep one `default: true`")
    if len(found) > 1 and not defaults:
        source.fault(
            entry.line,
            f'no department is the default; "a person, please" goes to {found[0].id}',
            "write `default: true` in one of them",
            warning=True,
        )
    _check_stand_ins(source, found, items)
    return tuple(found)


def _check_stand_ins(source: Source, found: Sequence[Department], items: dict[str, Entry]) -> None:
    """That `then` names departments whose people can be rung. A circle is no fault: nobody is rung twice."""
    staffed = {department.id: bool(department.people) for department in found}
    for department in found:
        line, where = items[department.id].line, f"department {department.id}: then"
        if department.then and not department.people:
            what = f"{where}: nobody of {department.id} is rung, so nobody comes after them"
            source.fault(line, what, "add `people` to it, or remove `then`", warning=True)
        for other in department.then:
            if other == department.id:
                source.fault(line, f"{where}: it names itself", "remove it")
            elif other not in staffed:
                known = [one for one in staffed if one != department.id]
                source.fault(line, f"{where}: there is no department {other}", did_you_mean(other, known))
            elif not staffed[other]:
                what = f"{where}: {other} has no people who could be rung"
                source.fault(line, what, f"add `people` to {other}, or remove it here", warning=True)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads one department after the other."""

    source: Source
    languages: tuple[str, ...]
    hours: Hours | None

    def department(self, item: Entry) -> Department:
        where = f"department {item.key}"
        entries = self.source.entries(item.value, where, KEYS)
        if "number" not in entries:
            self.source.fault(item.line, f"{where} has no number", 'add `number: "+47..."`')
        given = [key for key in ("number", "out_of_hours") if key in entries]
        numbers = {key: read_number(self.source, entries[key], where) for key in given}
        hours = self.hours
        if "hours" in entries:
            hours = read_hours(self.source, entries["hours"].value, f"{where}: hours", hours)
        default, people = entries.get("default"), entries.get("people")
        return Department(
            id=item.key,
            names=self._names(item, entries, where),
            number=numbers.get("number") or "",
            default=default is not None and self.source.flag(default.value, f"{where}: default"),
            words=self._words(entries, where),
            hours=hours,
            out_of_hours=numbers.get("out_of_hours"),
            people=read_people(self.source, people, item.key, self.languages, hours) if people else (),
            ring_all=self._ring_all(entries, where),
            then=self.source.texts(entries["then"].value, f"{where}: then") if "then" in entries else (),
        )

    def _ring_all(self, entries: dict[str, Entry], where: str) -> bool:
        if "ring" not in entries:
            return False
        how = self.source.text(entries["ring"].value, f"{where}: ring")
        if how not in ("in_order", "all"):
            self.source.fault(entries["ring"].line, f"{where}: ring: {how} is not known", "write in_order or all")
        return how == "all"

    def _names(self, item: Entry, entries: dict[str, Entry], where: str) -> dict[str, str]:
        if "name" not in entries:
            self.source.fault(item.line, f"{where} has no name", "add `name: {nb: ..., en: ...}`")
            return {}
        nodes = self.source.by_language(entries["name"].value, f"{where}: name", self.languages)
        names = {language: self.source.text(node, f"{where}: name") for language, node in nodes.items()}
        for language in self.languages:
            if language not in names:
                self.source.fault(
                    entries["name"].line, f"{where} has no name in {language}", f"add `{language}:` to its name"
                )
        return {language: name for language, name in names.items() if name}

    def _words(self, entries: dict[str, Entry], where: str) -> dict[str, tuple[str, ...]]:
        if "words" not in entries:
            return {}
        nodes = self.source.by_language(entries["words"].value, f"{where}: words", self.languages)
        return {language: self.source.texts(node, f"{where}: words") for language, node in nodes.items()}
