"""Amounts of money: kroner and øre, and the currencies callers in Norway name."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from dialog.slots import options
from dialog.slots.checksums import is_national_id
from dialog.slots.corrections import latest
from dialog.slots.currencies import Money, coin_of, money_of
from dialog.slots.national_id import holds_national_id
from dialog.slots.number import answers_with_no, fault_in_range, without_dates
from dialog.slots.slot_type import Parsed, SlotContext, SlotOptionsInvalid
from dialog.slots.spoken_numbers import Found, numbers
from dialog.text import folded, words

HOME = "NOK"
LARGEST = Decimal(10) ** 12
_CENT = Decimal("0.01")
_EITHER = re.compile(r"^\W*(?:eller|til|og|or|to|and|або|чи|до|[-–])\W*$")
_JOINTS = ("", "og", "å", "and", "і", "та", "й")
_BESIDE_AMOUNT = frozenset(
    "takk tror trur i på for eller cirka omtrent sånn ja nei please thanks thank about or дякую десь приблизно".split()
)
_MARKS = {"NOK": "nok", "EUR": "eur", "USD": "usd", "GBP": "gbp", "SEK": "sek", "DKK": "dkk", "UAH": "uah"}


@dataclass(frozen=True, slots=True)
class Amount:
    """Money: "499.50" is kroner; any other currency stands behind: "20.00 EUR".

    Args:
        least: the smallest amount, or None.
        most: the largest, or None.
    """

    least: Decimal | None = None
    most: Decimal | None = None
    kind: str = "amount"

    def parse(self, said: str, context: SlotContext) -> Parsed:
        """The amount in a caller's words; a bare number is kroner when an amount was asked for."""
        if holds_national_id(said, context.language):
            return Parsed(fault="national_id")
        said = without_dates(latest(said, context.language))
        values = amounts_in(said, context.language, bare=context.expected)
        if len(values) > 1 and not context.expected:
            return Parsed()
        faults = [fault_in_range(Decimal(value.split()[0]), self.least, self.most) for value in values]
        fitting = tuple(value for value, fault in zip(values, faults, strict=True) if not fault)
        if len(fitting) == 1:
            return Parsed(value=fitting[0], words=said, sure=_is_plain(said, context.language))
        if fitting:
            return Parsed(alternatives=fitting[:3], words=said, sure=False)
        return Parsed(fault=faults[0], words=said) if faults else Parsed()

    def keys(self, pressed: str, context: SlotContext) -> Parsed:
        """Whole kroner, done with "#"; "*" parts kroner and øre."""
        kroner, _, ore = pressed.rstrip("#").partition("*")
        if not kroner.isascii() or not kroner.isdecimal() or len(kroner) > 12 or not (ore + "0").isdecimal():
            return Parsed()
        value = Decimal(f"{kroner}.{ore or 0}").quantize(_CENT)
        if not pressed.endswith("#"):
            return Parsed(partial=pressed)
        if is_national_id(kroner):
            return Parsed(fault="national_id")
        fault = fault_in_range(value, self.least, self.most)
        return Parsed(fault=fault) if fault else Parsed(value=str(value))

    def correct(self, value: str, said: str, context: SlotContext) -> Parsed:
        """Another amount behind a "no"."""
        if not answers_with_no(said):
            return Parsed()
        found = self.parse(said, context)
        return Parsed() if found.value == value else found

    def listen(self, partial: str) -> tuple[str, int | None]:
        """A few words that hold a number."""
        return "digits", None

    def read_back(self, value: str, language: str) -> str:
        """The amount with its mark; a currency the voices have no words for as a number and its code."""
        number, _, currency = value.partition(" ")
        mark = _MARKS.get(currency or HOME)
        return f"{{{number}|{mark}}}" if mark else f"{{{number}|number}} {currency}"


def amount(given: Mapping[str, object]) -> Amount:
    """Type "amount": `min` and `max`. Raises SlotOptionsInvalid."""
    least, most = options.decimal(given, "min"), options.decimal(given, "max")
    if least is not None and most is not None and least > most:
        raise SlotOptionsInvalid("min is greater than max", "exchange them")
    return Amount(least, most)


def amounts_in(said: str, language: str, bare: bool = True) -> tuple[str, ...]:
    """Every amount of an utterance in its canonical form, each once.

    Args:
        said: one utterance.
        language: nb, nn, en or uk.
        bare: a number without a currency counts when no other has one.
    """
    text = folded(said)
    found = _between_neighbours([_in_text(each) for each in numbers(said, language, ordinals=False)], text)
    amounts: list[str] = []
    position = 0
    while position < len(found):
        money, coin = money_of(found[position].behind, found[position].before), coin_of(found[position].behind)
        if money is not None:
            joined = _EITHER.search(found[position].before) if position else None
            if joined:  # "300 eller 400 kroner"
                amounts.append(_written(found[position - 1].value, money.currency))
            value, position = _with_coins(found, position, money)
            amounts.append(_written(value, money.currency))
        elif coin is not None:
            amounts += [_written(found[position].value / 100, each) for each in coin.currencies]
        position += 1
    if not amounts and bare:
        amounts = _bare(found, language)
    return tuple(dict.fromkeys(each for each in amounts if each))


@dataclass(frozen=True, slots=True)
class _Number:
    """A number and the text around it, up to its neighbours."""

    value: Decimal
    doubtful: bool
    starts_at: int
    ends_at: int
    before: str = ""
    behind: str = ""


def _is_plain(said: str, language: str) -> bool:
    """False for an amount without a currency that several numbers make, or that counts something ("20 stykker")."""
    text = folded(said)
    found = _between_neighbours([_in_text(each) for each in numbers(said, language, ordinals=False)], text)
    if any(money_of(each.behind, each.before) or coin_of(each.behind) for each in found):
        return True
    following = words(found[0].behind)[:1]
    return len(found) == 1 and (not following or following[0] in _BESIDE_AMOUNT)


def _in_text(found: Found) -> _Number:
    return _Number(found.value, found.doubtful, found.starts_at, found.ends_at)


def _between_neighbours(found: list[_Number], text: str) -> list[_Number]:
    ends = [0, *(each.ends_at for each in found)]
    starts = [*(each.starts_at for each in found), len(text)]
    return [
        replace(each, before=text[ends[place] : each.starts_at], behind=text[each.ends_at : starts[place + 1]])
        for place, each in enumerate(found)
    ]


def _with_coins(found: list[_Number], position: int, money: Money) -> tuple[Decimal, int]:
    """The value with the øre behind it ("to kroner og 23 øre", "to kroner 23"), and the position of its last number."""
    value = found[position].value
    if position + 1 == len(found) or value != int(value):
        return value, position
    following = found[position + 1]
    between = money.rest(found[position].behind)
    if not 0 <= following.value < 100 or following.value != int(following.value) or between not in _JOINTS:
        return value, position
    coin = coin_of(following.behind)
    named = coin is not None and (money.currency in coin.currencies or coin.scandinavian)
    last = following.behind.strip(" .!,") == ""
    unnamed = (
        coin is None and following.value >= 10 and (last or (between == "" and not money_of(following.behind, "")))
    )
    if named or unnamed:
        return value + following.value / 100, position + 1
    return value, position


def _bare(found: list[_Number], language: str) -> list[str]:
    """Numbers without a currency: kroner."""
    touching = all(each.behind.strip() == "" for each in found[:-1]) and len(found) > 1
    prices = _short_prices([each.value for each in found], language) if touching else []
    if prices:
        return [_written(price, HOME) for price in prices]
    return [_written(each.value, HOME) for each in found if len(found) == 1 or not each.doubtful]


def _short_prices(said: list[Decimal], language: str) -> list[Decimal]:
    """What a row of numbers may cost.

    "fire nittini" is 499, "fire nittini femti" 499.50, "nittini nitti" 99.90 or 9990, "four ninety-nine" 4.99 or 499.
    """
    if any(each != int(each) for each in said) or not all(10 <= each <= 99 for each in said[1:]):
        return []
    first, second = said[0], said[1]
    if len(said) == 3 and 1 <= first <= 99:
        return [first * 100 + second + said[2] / 100]
    if len(said) != 2 or first < 1:
        return []
    with_coins, hundreds = first + second / 100, first * 100 + second
    if first >= 100:
        return [with_coins]
    return [hundreds] if first < 10 and language in ("nb", "nn") else [with_coins, hundreds]


def _written(value: Decimal, currency: str) -> str:
    if not 0 <= value < LARGEST:
        return ""
    number = str(value.quantize(_CENT))
    return number if currency == HOME else f"{number} {currency}"
