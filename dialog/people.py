"""The people of a department who may be rung for a caller, as bot.yaml names them."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from dialog.hours import Hours
from dialog.hours_source import read_hours
from dialog.yamlsource import Entry, Node, Source

E164 = re.compile(r"\+[1-9]\d{6,14}")
SIP = re.compile(r"sips?:[^\s@]+@[^\s@]+", re.IGNORECASE)

KEYS = ("name", "number", "languages", "hours", "account")
UNDERSTOOD = {"nb": "nn", "nn": "nb"}
"""Two written forms of one spoken language: who answers in one is understood in the other."""


@dataclass(frozen=True, slots=True)
class Callee:
    """Somebody who answers for a department.

    Args:
        id: their name in bot.yaml: for records and the console; a caller whom they write to reads it, nobody hears it.
        number: E.164 or SIP URI.
        department: its id.
        languages: they answer in; empty is every language of the bot.
        hours: when they answer; None is whenever their department does.
        account: their sign-in name at the console, compared casefolded.
    """

    id: str
    number: str
    department: str = ""
    languages: tuple[str, ...] = ()
    hours: Hours | None = None
    account: str = ""

    def answers(self, now: datetime, language: str) -> bool:
        """True when they are at work at `now` (timezone-aware) and speak the language. Whether they are free is not
        known here."""
        return self.speaks(language) and (self.hours is None or self.hours.is_open(now))

    def speaks(self, language: str) -> bool:
        """True when they can be talked to in the language."""
        return not self.languages or language in self.languages or UNDERSTOOD.get(language) in self.languages


def shared_language(people: Iterable[Callee], languages: Sequence[str]) -> str:
    """The first of some languages that all of these people understand, or else the first.

    Args:
        people: who will hear the same words.
        languages: those of the bot, at least one.
    """
    heard_by = tuple(people)
    return next((each for each in languages if all(callee.speaks(each) for callee in heard_by)), languages[0])


def read_people(
    source: Source, entry: Entry, department: str, languages: Collection[str], parent: Hours | None
) -> tuple[Callee, ...]:
    """`people: [{name: Ada, number: "+47..."}]`, in the order in which they are rung.

    Args:
        source: of bot.yaml.
        entry: the key `people` of a department.
        department: its id.
        languages: of the bot.
        parent: hours of the department, for what those of a person leave out.
    """
    found: list[Callee] = []
    for node in source.items(entry.value, f"department {department}: people"):
        person = _person(source, node, department, languages, parent)
        if person is not None and any(person.id.casefold() == other.id.casefold() for other in found):
            where = f"department {department}: people"
            source.fault(node, f"{where}: {person.id} is named twice", "give each their own name")
        elif person is not None:
            found.append(person)
    return tuple(found)


def _person(
    source: Source, node: Node, department: str, languages: Collection[str], parent: Hours | None
) -> Callee | None:
    where = f"department {department}: people"
    entries = source.entries(node, where, KEYS)
    name = source.text(entries["name"].value, f"{where}: name") if "name" in entries else None
    number = read_number(source, entries["number"], where) if "number" in entries else None
    if name is None or number is None:
        source.fault(node, f"{where}: somebody has no name or no number", 'write {name: Ada, number: "+47..."}')
        return None
    where = f"{where}: {name}"
    account = source.text(entries["account"].value, f"{where}: account") if "account" in entries else None
    hours = read_hours(source, entries["hours"].value, f"{where}: hours", parent) if "hours" in entries else None
    spoken = _languages(source, entries["languages"], where, languages) if "languages" in entries else ()
    return Callee(name, number, department, spoken, hours, account or name)


def _languages(source: Source, entry: Entry, where: str, known: Collection[str]) -> tuple[str, ...]:
    found: list[str] = []
    for text in source.texts(entry.value, f"{where}: languages"):
        if text not in known:
            what = f"{where}: languages: {text} is not one of the bot's languages ({', '.join(known)})"
            source.fault(entry.line, what, "write one of those, or leave `languages` out: then it is all of them")
        elif text not in found:
            found.append(text)
    return tuple(found)


def read_number(source: Source, entry: Entry, where: str) -> str | None:
    """A telephone number with its country, or a SIP address; None with a fault."""
    text = source.text(entry.value, f"{where}: {entry.key}")
    if text is None:
        return None
    number = text if SIP.fullmatch(text) else re.sub(r"[\s().-]", "", text)
    if not (E164.fullmatch(number) or SIP.fullmatch(number)):
        source.fault(
            entry.value,
            f"{where}: {text} is not a telephone number with its country",
            'write it in quotes, as "+4722123456" or "sip:desk@example.com"',
        )
    return number
