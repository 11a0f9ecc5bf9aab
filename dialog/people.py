"""The people of a department who may be rung for a caller, as bot.yaml names them."""

import re
from dataclasses import dataclass

from dialog.yamlsource import Entry, Source

E164 = re.compile(r"\+[1-9]\d{6,14}")
SIP = re.compile(r"sips?:[^\s@]+@[^\s@]+", re.IGNORECASE)

KEYS = ("name", "number")


@dataclass(frozen=True, slots=True)
class Callee:
    """Somebody who answers for a department.

    Args:
        id: their name in bot.yaml: for records and the console, never said to a caller.
        number: E.164 or SIP URI.
    """

    id: str
    number: str


def read_people(source: Source, entry: Entry, where: str) -> tuple[Callee, ...]:
    """`people: [{name: Ada, number: "+47..."}]`, in the order in which they are rung."""
    found: list[Callee] = []
    for node in source.items(entry.value, f"{where}: people"):
        entries = source.entries(node, f"{where}: people", KEYS)
        name = source.text(entries["name"].value, f"{where}: people: name") if "name" in entries else None
        number = read_number(source, entries["number"], f"{where}: people") if "number" in entries else None
        if name is None or number is None:
            source.fault(node, f"{where}: somebody has no name or no number", 'write {name: Ada, number: "+47..."}')
        elif any(name == other.id for other in found):
            source.fault(node, f"{where}: {name} is named twice", "give each their own name")
        else:
            found.append(Callee(name, number))
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
