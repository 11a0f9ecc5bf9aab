"""Nordlys with offices of its own for a test: each has a few people, who can be rung."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from tests.serving import NORDLYS


@dataclass(frozen=True, slots=True)
class Office:
    """A department.

    Args:
        name: as callers ask for it, in English.
        people: number by name, in the order in which they are rung.
        at_once: all of them are rung at the same time.
        then: the id of the office that is rung when nobody here came; "" for none.
    """

    name: str
    people: Mapping[str, str]
    at_once: bool = False
    then: str = ""

    @property
    def id(self) -> str:
        """Its id in bot.yaml."""
        return self.name.replace(" ", "_")


def with_offices(folder: Path, offices: Sequence[Office], **settings: object) -> Path:
    """A copy of Nordlys in a folder, in English and open at any hour, with these offices instead of its own.

    Args:
        folder: made here.
        offices: the first is the one that callers get who name none.
        settings: further keys of bot.yaml.
    """
    shutil.copytree(NORDLYS, folder)
    path = folder / "bot.yaml"
    bot = yaml.safe_load(path.read_text(encoding="utf-8"))
    own = bot["departments"]
    bot["languages"] = ["en", "nb", "nn", "uk"]  # what the people speak
    bot["hours"] = {"timezone": "Europe/Oslo", "weekly": {"mon-sun": "00:00-24:00"}}
    bot["departments"] = {
        office.id: {
            "name": dict.fromkeys(bot["languages"], f"the {office.name}"),
            "number": f"+4420794608{place:02}",
            "default": office is offices[0],
            "words": dict.fromkeys(bot["languages"], [office.name]),
            "people": [{"name": name, "number": number} for name, number in office.people.items()],
            "ring": "all" if office.at_once else "in_order",
            **({"then": [office.then]} if office.then else {}),
        }
        for place, office in enumerate(offices)
    } | {name: {**department, "default": False} for name, department in own.items()}
    bot |= settings
    path.write_text(yaml.safe_dump(bot, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return folder
