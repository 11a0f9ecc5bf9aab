"""What redaction finds, what it may know beforehand, and what it writes instead."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from dialog.bot import LANGUAGES

Kind = Literal[
    "national_id", "card", "account", "email", "phone", "kid", "number", "code", "birth_date", "address", "name"
]  # fmt: skip
"""What a piece of personal data is. "code" is a PIN, a one-time code or a password; "number" a row of so many digits
that it points to somebody, with no check digits that would say what it is."""

KINDS: tuple[Kind, ...] = (
    "national_id", "card", "account", "email", "phone", "kid", "number", "code", "birth_date", "address", "name",
)  # fmt: skip
"""The weightiest first: of two that overlap it gives its name to both."""

LABELS: Mapping[str, Mapping[Kind, str]] = {
    "nb": {
        "national_id": "[fødselsnummer]", "card": "[kortnummer]", "account": "[kontonummer]", "email": "[e-post]",
        "phone": "[telefonnummer]", "kid": "[KID]", "number": "[nummer]", "code": "[kode]",
        "birth_date": "[fødselsdato]", "address": "[adresse]", "name": "[navn]",
    },
    "nn": {
        "national_id": "[fødselsnummer]", "card": "[kortnummer]", "account": "[kontonummer]", "email": "[e-post]",
        "phone": "[telefonnummer]", "kid": "[KID]", "number": "[nummer]", "code": "[kode]",
        "birth_date": "[fødselsdato]", "address": "[adresse]", "name": "[namn]",
    },
    "en": {
        "national_id": "[national id]", "card": "[card number]", "account": "[account number]", "email": "[email]",
        "phone": "[phone number]", "kid": "[KID]", "number": "[number]", "code": "[code]",
        "birth_date": "[date of birth]", "address": "[address]", "name": "[name]",
    },
    "uk": {
        "national_id": "[ідент. номер]", "card": "[номер картки]", "account": "[номер рахунку]",
        "email": "[ел. пошта]", "phone": "[номер телефону]", "kid": "[KID]", "number": "[номер]", "code": "[код]",
        "birth_date": "[дата народження]", "address": "[адреса]", "name": "[ім'я]",
    },
}  # fmt: skip
"""What stands in the place of what was found, by language."""

SHORT_LABEL, SHORTEST_LABEL = "[…]", "…"
"""In the place of something so short that its label would be more than twice as long."""

ANY_LABEL = re.compile(
    "|".join(
        re.escape(label)
        for label in sorted({one for labels in LABELS.values() for one in labels.values()} | {SHORT_LABEL}, key=len)
    )
)


@dataclass(frozen=True, slots=True)
class Found:
    """A piece of personal data.

    Args:
        kind: what it is.
        start: offset in the text as it was given.
        end: offset behind it.
    """

    kind: Kind
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text without what was found in it.

    Args:
        text: with a label in the place of each piece.
        found: the pieces, from left to right; they do not overlap.
    """

    text: str
    found: tuple[Found, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a conversation beside the text at hand.

    Args:
        names: of people who take part, as "Kari Nordmann"; each of their words is found too.
        values: kind and canonical value of what was given or is being given in parts: ("phone", "+4792243711").
        plain: values that are nobody's, though they look like it: an order number of eight digits.
        collecting: what has been given so far of a value that is said or keyed in in parts.
    """

    names: tuple[str, ...] = ()
    values: tuple[tuple[Kind, str], ...] = ()
    plain: tuple[str, ...] = ()
    collecting: str = ""


def label_for(kind: Kind, language: str, length: int) -> str:
    """The label of a kind, never more than twice as long as the text whose place it takes.

    Args:
        kind: what was found.
        language: nb, nn, en or uk; any other is taken as the first of them.
        length: of what was found.
    """
    label = LABELS.get(language, LABELS[LANGUAGES[0]])[kind]
    for shorter in (label, SHORT_LABEL):
        if len(shorter) <= 2 * length:
            return shorter
    return SHORTEST_LABEL
