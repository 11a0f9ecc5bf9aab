"""The papers: facts put into a document that a company reads, completes and signs. Markdown, in bokmål or English."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from voicebot.privacy.facts import Facts

PAPERS = ("record", "dpia")
"""The record of processing (GDPR article 30), and an assessment of what it means for people (article 35)."""

LANGUAGES = ("nb", "en")


def paper(facts: Facts, kind: str, language: str) -> str:
    """One document.

    Args:
        facts: of the installation.
        kind: one of `PAPERS`.
        language: one of `LANGUAGES`.
    """
    return (
        _environment()
        .get_template(f"{kind}.{language}.md")
        .render(facts=facts, rules=facts.rules, said=_said(language))
    )


def _said(language: str) -> Any:
    """Picks a text of bot.yaml in the language of the paper, or in the one there is."""

    def said(texts: Mapping[str, str], otherwise: str = "") -> str:
        return texts.get(language) or next(iter(texts.values()), otherwise)

    return said


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("voicebot.privacy", "papers"),
        autoescape=False,  # Markdown; everything put into it is the company's own configuration
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=StrictUndefined,
    )
