"""How one setting's raw value becomes the typed one: text from the environment, or whatever YAML made of the file.

Each reader raises ValueError with the words that follow "key = value": what the value must be.
"""

import base64
import re
from collections.abc import Callable
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit


def text(value: Any) -> str:
    """Text of at least one character, trimmed; a number in the file counts as its digits."""
    if not isinstance(value, str | int) or isinstance(value, bool) or str(value).strip() == "":
        raise ValueError("must be text")
    return str(value).strip()


def whole(low: int, high: int) -> Callable[[Any], int]:
    """A whole number from `low` to `high`, both included."""

    def read(value: Any) -> int:
        try:
            number = int(str(value))
        except ValueError:
            raise ValueError("must be a whole number") from None
        if not low <= number <= high:
            raise ValueError(f"must be between {low} and {high}")
        return number

    return read


def seconds(low: float, high: float) -> Callable[[Any], float]:
    """A number of seconds from `low` to `high`, both included."""

    def read(value: Any) -> float:
        try:
            number = float(str(value))
        except ValueError:
            raise ValueError("must be a number of seconds") from None
        if not low <= number <= high:
            raise ValueError(f"must be between {low:g} and {high:g} seconds")
        return number

    return read


def one_of(*allowed: str) -> Callable[[Any], str]:
    """One of these words, in any case; read as lower case."""

    def read(value: Any) -> str:
        if str(value).lower() not in allowed:
            raise ValueError(f"must be one of {', '.join(allowed)}")
        return str(value).lower()

    return read


def flag(value: Any) -> bool:
    """True or false, in the words people write in files and environments."""
    words = {
        "true": True,
        "yes": True,
        "on": True,
        "1": True,
        "false": False,
        "no": False,
        "off": False,
        "0": False,
    }
    if str(value).lower() not in words:
        raise ValueError("must be true or false")
    return words[str(value).lower()]


def folder(value: Any) -> Path:
    """A path of a folder or file, with ~ for the home folder; it need not exist."""
    return Path(text(value)).expanduser()


def web_address(value: Any) -> str:
    """An http or https address without a query; a slash at its end is dropped."""
    address = text(value).rstrip("/")
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise ValueError("must look like https://bot.example.com, without a query")
    return address


def account_sid(value: Any) -> str:
    """The id of an account at Twilio."""
    sid = text(value)
    if not sid.startswith("AC") or not sid.isalnum():
        raise ValueError("must be AC followed by letters and digits, as the Twilio console shows it")
    return sid


def per_language(read: Callable[[Any], Any]) -> Callable[[Any], dict[str, Any]]:
    """A mapping in the file (`nb: x`), or `nb=x,en=y` in the environment."""

    def read_all(value: Any) -> dict[str, Any]:
        if isinstance(value, str):
            pairs = [pair.partition("=") for pair in value.split(",") if pair.strip()]
            if any(not sign for _, sign, _ in pairs):
                raise ValueError("must look like nb=...,en=...")
            value = {key.strip(): text.strip() for key, _, text in pairs}
        if not isinstance(value, dict):
            raise ValueError("must be a mapping from language to value")
        return {str(language): read(one) for language, one in value.items()}

    return read_all


def database_url(value: Any) -> str:
    """A PostgreSQL database, as SQLAlchemy names it with the driver this program uses."""
    address = text(value)
    scheme, separator, rest = address.partition("://")
    if scheme not in ("postgresql", "postgresql+psycopg") or not separator or not rest:
        raise ValueError("must look like postgresql://user:password@host/database")
    return f"postgresql+psycopg://{rest}"


def keys_of_32_bytes(value: Any) -> tuple[str, ...]:
    """Keys with commas between, each base64 of 32 bytes."""
    keys = tuple(key.strip() for key in text(value).split(","))
    for place, key in enumerate(keys, start=1):
        try:
            size = len(base64.b64decode(key, validate=True))
        except ValueError:
            size = -1
        if size != 32:
            raise ValueError(f"must be base64 of 32 bytes (`openssl rand -base64 32`); key {place} is not")
    return keys


def several(read: Callable[[Any], Any]) -> Callable[[Any], tuple[Any, ...]]:
    """A list in the file, or values with commas between; "none" is the empty list."""

    def read_all(value: Any) -> tuple[Any, ...]:
        if isinstance(value, str):
            value = [] if value.strip().lower() == "none" else [one for one in value.split(",") if one.strip()]
        if not isinstance(value, list):
            raise ValueError("must be a list")
        return tuple(read(one) for one in value)

    return read_all


def calling_code(value: Any) -> str:
    """What the numbers of a country, or of a part of one, begin with."""
    code = text(value)
    if not re.fullmatch(r"\+[1-9][0-9]{0,6}", code):
        raise ValueError("must look like +47, in quotes in a file")
    return code


def network(value: Any) -> str:
    """An IP address, or a network such as 10.0.0.0/8."""
    try:
        ip_network(text(value), strict=False)
    except ValueError:
        raise ValueError("must be an IP address, or a network such as 10.0.0.0/8") from None
    return text(value)
