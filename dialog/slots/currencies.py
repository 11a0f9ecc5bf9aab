"""Names of currencies and their coins, as callers in Norway say and write them."""

import re
from dataclasses import dataclass

from dialog.slots.number_words import simple

# Longer names first: "svenske kroner" before "kroner".
_MONEY: tuple[tuple[str, str], ...] = (
    ("ISK", r"islandsk\w* (?:kr\w*\.?)|icelandic (?:kron\w+|crowns?)|isk"),
    ("CZK", r"tsjekkisk\w* (?:kr\w*\.?)|czech (?:kor\w+|crowns?)|koruna|czk"),
    ("SEK", r"svensk\w* (?:kr\w*\.?)|swedish (?:kron\w+)|kronor|sek|шведськ\w+ крон\w*"),
    ("DKK", r"dansk\w* (?:kr\w*\.?)|danish (?:kron\w+|crowns?)|dkk|данськ\w+ крон\w*"),
    (
        "NOK",
        r"norsk\w* (?:kr\w*\.?)|norwegian (?:kron\w+|crowns?)|kroner|krone|krona|kroners|kroning|crowns?|kr\.?|nok"
        r"|spenn|(?:норвезьк\w+ )?крон\w*|,-|,--",
    ),
    ("CAD", r"(?:kanadisk\w* |canadian )dollar\w*|cad"),
    ("AUD", r"(?:australsk\w* |australian )dollar\w*|aud"),
    ("USD", r"(?:amerikansk\w* |us |american )?(?:dollars?|dollar\w*|bucks)|usd|\$|долар\w*"),
    ("EUR", r"euro\w*|eur|€|євро"),
    ("GBP", r"(?:britisk\w* |engelsk\w* |british )?(?:pund|pounds?|sterling|quid)|gbp|£|фунт\w*"),
    ("UAH", r"hryvni\w*|hrivn\w*|uah|₴|гривн\w*|гривень|грн\.?"),
    ("PLN", r"zloty\w*|złot\w*|pln|злот\w*"),
    ("JPY", r"yen|jpy|¥|єн\w?"),
    ("INR", r"rupi\w*|rupees?|rs\.?|inr|рупі\w+"),
    ("RUB", r"rub(?:el|ler|les?|lar)|рубл\w+|rub"),
    ("TRY", r"lira|liraer|лір\w?"),
    ("CHF", r"(?:sveitsisk\w* |swiss )?franc\w*|chf|франк\w*"),
)
_COINS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("NOK",), r"urra|øre\w?|ører|öre|oere|ørene|ере"),
    (("GBP",), r"pence|penny|пенс\w*"),
    (("EUR",), r"centimes?|centesimi|eurocents?"),
    (("EUR", "USD"), r"cents?|c|цент\w*"),
    (("PLN",), r"groszy|grosz\w*|грош\w*"),
    (("UAH",), r"kopek\w*|kopiyk\w*|копі\w+"),
    (("CNY",), r"fen"),
    (("CZK",), r"haler\w*"),
    (("INR",), r"paise|paisa"),
)
_SHARED_COIN = ("NOK", "SEK", "DKK")
"""All of them count in øre."""


@dataclass(frozen=True, slots=True)
class Money:
    """A currency named behind or before a number.

    Args:
        currency: ISO 4217.
        name: as it was said behind the number, "" when it stands before it.
    """

    currency: str
    name: str

    def rest(self, behind: str) -> str:
        """What stands behind the currency's name."""
        return behind.strip().removeprefix(self.name).strip(" ,.")


@dataclass(frozen=True, slots=True)
class Coin:
    """A hundredth of a currency.

    Args:
        currencies: those it may be of, the likeliest first.
        scandinavian: it is of any Scandinavian krone.
    """

    currencies: tuple[str, ...]
    scandinavian: bool = False


def _starting(expression: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{expression})(?!\w)")


def _ending(expression: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{expression})$")


_BEHIND = tuple((currency, _starting(expression)) for currency, expression in _MONEY)
_BEFORE = tuple((currency, _ending(expression)) for currency, expression in _MONEY)
_COIN_BEHIND = tuple((currencies, _starting(expression)) for currencies, expression in _COINS)


def money_of(behind: str, before: str) -> Money | None:
    """The currency of a number from the text behind it, or else right before it ("kr 499", "£9")."""
    text = simple(behind.replace("'", "").strip())
    for currency, pattern in _BEHIND:
        match = pattern.match(text)
        if match:
            return Money(currency, match[0])
    text = simple(before.rstrip())
    for currency, pattern in _BEFORE:
        if pattern.search(text):
            return Money(currency, "")
    return None


def coin_of(behind: str) -> Coin | None:
    """The coin a number counts, from the text behind it."""
    text = simple(behind.strip())
    for currencies, pattern in _COIN_BEHIND:
        if pattern.match(text):
            return Coin(currencies, currencies[0] in _SHARED_COIN)
    return None
