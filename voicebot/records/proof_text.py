"""The proof of an erasure in plain words: to be kept, or sent to who asked for it."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from voicebot.records.erasing import Proof

LANGUAGES = ("nb", "en")
YES = ("yes", "ja")


def proof_text(proof: Proof, language: str) -> str:
    """A proof as text, without anything personal.

    Args:
        proof: of an erasure.
        language: one of `LANGUAGES`.
    """
    texts = _texts(language)
    tables: Mapping[str, str] = texts["tables"]
    known = list(tables)

    def order(row: tuple[str, int]) -> int:
        return known.index(row[0]) if row[0] in known else len(known)

    lines = [
        texts["title"],
        "",
        texts["subject"].format(subject=proof.subject),
        texts["at"].format(at=f"{proof.at:%Y-%m-%d %H:%M:%S} UTC"),
        texts["by"].format(by=proof.by),
        "",
        texts["removed"] if proof.removed else texts["nothing"],
        *(f"  {number:>6}  {tables.get(name, name)}" for name, number in sorted(proof.removed.items(), key=order)),
    ]
    if proof.files:
        lines.append(f"  {proof.files:>6}  {texts['files']}")
    lines += ["", texts["checked"]]
    lines.append("  - " + texts["rows_gone" if not proof.left else "rows_left"])
    lines += [f"      {place}: {number}" for place, number in proof.left.items()]
    lines.append("  - " + texts["scrubbed" if proof.scrubbed else "not_scrubbed"])
    lines.append("  - " + texts["escrow" if proof.escrow else "no_escrow"])
    lines += ["  - " + texts["tombstone"], "", texts["complete" if proof.complete else "incomplete"]]
    return "\n".join(lines)


@cache
def _texts(language: str) -> Mapping[str, Any]:
    source = files("voicebot.records") / "wording" / f"proof.{language}.yaml"
    texts: Mapping[str, Any] = yaml.safe_load(source.read_text(encoding="utf-8"))
    return texts
