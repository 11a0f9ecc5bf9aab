"""Rules over words that have senses: the leftmost longest rule puts one item in the place of those it matched.

A rule is written with the names of senses: `"AT? =HOUR PAST =MINUTE"`. Values of senses with `=` are handed to its
function, in their order, None for one that was optional and not said.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

_NAME = re.compile(r"=?[A-Z_]+")


@dataclass(frozen=True, slots=True)
class Item:
    """One or more words and all that they can mean.

    Args:
        values: value by sense; a word like "i" has several senses.
        start: index of its first word.
        end: index after its last word.
    """

    values: Mapping[str, object]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Rule:
    """What items in a row mean together.

    Args:
        pattern: over the spelled senses of items.
        captured: names of the senses whose values are handed on, in the order of the pattern's groups.
        sense: of the new item.
        make: gets the scene and the values; None when they make no sense together ("31 February").
    """

    pattern: re.Pattern[str]
    captured: tuple[str, ...]
    sense: str
    make: Callable[..., object | None]


def rule(pattern: str, sense: str, make: Callable[..., object | None]) -> Rule:
    """A rule from its written form; blanks between names do not matter."""
    captured: list[str] = []

    def spell(found: re.Match[str]) -> str:
        name = found[0].lstrip("=")
        one_item = rf"(?:[A-Z_]+,)*{name},(?:[A-Z_]+,)*;"
        if found[0].startswith("="):
            captured.append(name)
            return f"({one_item})"
        return f"(?:{one_item})"

    written = re.sub(r"\((?!\?)", "(?:", pattern)
    return Rule(re.compile(_NAME.sub(spell, written).replace(" ", "")), tuple(captured), sense, make)


def rewrite(items: Sequence[Item], rules: Sequence[Rule], scene: object) -> list[Item]:
    """The items after one pass of the rules, from left to right."""
    spelled, starts = "", []
    for item in items:
        starts.append(len(spelled))
        spelled += "".join(f"{sense}," for sense in item.values) + ";"
    at = {start: index for index, start in enumerate(starts)} | {len(spelled): len(items)}
    found: list[Item] = []
    index = 0
    while index < len(items):
        item = items[index]
        if item.values:
            new = _longest(spelled, starts[index], index, items, rules, scene, at)
            if new is not None:
                item, index = new
                found.append(item)
                continue
        found.append(item)
        index += 1
    return found


def _longest(
    spelled: str,
    start: int,
    index: int,
    items: Sequence[Item],
    rules: Sequence[Rule],
    scene: object,
    at: Mapping[int, int],
) -> tuple[Item, int] | None:
    matches = [(match, one) for one in rules if (match := one.pattern.match(spelled, start)) and match.end() > start]
    # sorted() keeps the order of the rules among equally long ones.
    for match, one in sorted(matches, key=lambda pair: -pair[0].end()):
        values = [
            None if match.start(group) < 0 else items[at[match.start(group)]].values[name]
            for group, name in enumerate(one.captured, start=1)
        ]
        value = one.make(scene, *values)
        if value is not None:
            end = at[match.end()]
            return Item({one.sense: value}, items[index].start, items[end - 1].end), end
    return None
