"""Telephone numbers as an officer types them."""

import re

_SEPARATORS = re.compile(r"[\s().\-\u00a0\u2010-\u2015]+")
_INTERNATIONAL = re.compile(r"(?:\+|00)([1-9]\d{5,14})", re.ASCII)
_NORWEGIAN = re.compile(r"[2-9]\d{7}", re.ASCII)
"""Source: Nkom's numbering plan."""


def read_number(text: str) -> str:
    """The number in E.164, as calls are kept under.

    Args:
        text: with a plus (or 00) and the country's code, or eight Norwegian digits; spaces, dots and hyphens may stand
            anywhere.
    Raises:
        ValueError: it is no such number; the message does not repeat it.
    """
    plain = _SEPARATORS.sub("", text.strip())
    if _NORWEGIAN.fullmatch(plain):
        return f"+47{plain}"
    if found := _INTERNATIONAL.fullmatch(plain):
        return f"+{found[1]}"
    raise ValueError("not a telephone number: write eight Norwegian digits, or + and the country's code first")
