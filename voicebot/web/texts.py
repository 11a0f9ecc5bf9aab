"""What the console says, per language, from the YAML files in `texts/`."""

from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any, Final

import yaml

LANGUAGES: Final = ("nb", "nn", "en")
"""The console's own languages. Public pages may have more (`texts/public.uk.yaml`)."""

_SAME: Final = {"no": "nb"}


class Words:
    """Texts by name: `t.sign_in.title`. What is missing in a language is told in English."""

    def __init__(self, own: Mapping[str, Any], fallback: Mapping[str, Any]) -> None:
        self._own = own
        self._fallback = fallback

    def __getitem__(self, name: str) -> Any:
        own, fallback = self._own.get(name), self._fallback.get(name)
        if isinstance(own or fallback, Mapping):
            return Words(own or {}, fallback or {})
        if own is None and fallback is None:
            raise KeyError(name)
        return fallback if own is None else own

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


def load_texts() -> dict[str, dict[str, Any]]:
    """Every language's texts: the top keys of `<language>.yaml` and `<part>.<language>.yaml` merged.

    Raises:
        ValueError: a top key stands in two files of one language.
    """
    found: dict[str, dict[str, Any]] = {}
    folder = resources.files("voicebot.web") / "texts"
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if not file.name.endswith(".yaml"):
            continue
        language = file.name.removesuffix(".yaml").rpartition(".")[2]
        texts = found.setdefault(language, {})
        for key, value in (yaml.safe_load(file.read_text(encoding="utf-8")) or {}).items():
            if key in texts:
                raise ValueError(f"{file.name}: {key} stands in another file of this language too")
            texts[key] = value
    return found


def pick_language(accepted: str, offered: Sequence[str], otherwise: str) -> str:
    """The best language for a reader.

    Args:
        accepted: an Accept-Language header, RFC 9110 section 12.5.4; anything else in it is passed over.
        offered: what there is.
        otherwise: when nothing fits.
    """
    ranked: list[tuple[float, int, str]] = []
    for place, part in enumerate(accepted[:500].split(",")):
        tag, _, parameter = part.strip().partition(";")
        primary = tag.split("-")[0].strip().lower()
        language = _SAME.get(primary, primary)
        if language in offered and (weight := _weight(parameter)) > 0:
            ranked.append((-weight, place, language))
    return min(ranked)[2] if ranked else otherwise


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        weight = float(value)
    except ValueError:
        return 0.0
    return weight if 0 <= weight <= 1 else 0.0
