"""Whether what callers are told at the beginning of a call is what the bot's rules really do."""

import re
from collections.abc import Mapping

from dialog.errors import Fault
from dialog.markup import unmarked
from dialog.records_rules import RECORDINGS, RecordsRules

_NORWEGIAN_NOT = (
    r"\b(?:tas|blir|vert|er)\s+(?:ikke|ikkje)\s+(?:tatt\s+opp|teken\s+opp|tekne\s+opp|opptak\w*|lagret\s+lyd)"
)
NOT_RECORDED = {
    "nb": re.compile(rf"\btas ikke opp\b|{_NORWEGIAN_NOT}|\bikke (?:gjøres )?opptak\b", re.IGNORECASE),
    "nn": re.compile(rf"\btas ikkje opp\b|{_NORWEGIAN_NOT}|\bikkje (?:gjort )?opptak\b", re.IGNORECASE),
    "en": re.compile(r"\b(?:not|never) (?:being )?recorded\b|\bdo(?:es)? not record\b", re.IGNORECASE),
    "uk": re.compile(r"\bне записує", re.IGNORECASE),
}
"""How a notice says that calls are not recorded."""

NOTHING_KEPT = {
    "nb": re.compile(r"\b(?:ingenting|ikke noe) (?:lagres|blir lagret)|\blagrer (?:ingenting|ikke)", re.IGNORECASE),
    "nn": re.compile(r"\b(?:ingenting|ikkje noko) blir lagra|\blagrar (?:ingenting|ikkje)", re.IGNORECASE),
    "en": re.compile(r"\bnothing is (?:kept|stored|saved)|\b(?:keep|store|save) nothing", re.IGNORECASE),
    "uk": re.compile(r"\bнічого не (?:зберіга|записує)|\bне зберіга", re.IGNORECASE),
}
"""How a notice says that nothing is kept."""

DAYS_TOLD = {
    "nb": re.compile(r"(\d+) (?:dager|døgn)"),
    "nn": re.compile(r"(\d+) (?:dagar|døger|døgn)"),
    "en": re.compile(r"(\d+) days"),
    "uk": re.compile(r"(\d+) дн"),
}
"""How a notice names a number of days."""


def faults_of_notices(notices: Mapping[str, str], rules: RecordsRules, file: str, line: int | None) -> list[Fault]:
    """Warnings where what callers are told at the beginning is not what the rules do.

    Args:
        notices: the `privacy` texts per language.
        rules: as read.
        file: where the texts stand.
        line: of the key `privacy`.
    """
    faults = []
    for language, notice in notices.items():
        if rules.recording is not None and NOT_RECORDED[language].search(notice):
            what = f"`privacy` in {language} says that calls are not recorded, but `recording` is set"
            cure = "say that they are recorded only when the caller agrees, or remove `recording`"
            faults.append(Fault(file, line, what, cure, warning=True))
        if rules.keep != "nothing" and NOTHING_KEPT[language].search(notice):
            what = f"`privacy` in {language} says that nothing is kept, but `records: keep` is {rules.keep}"
            cure = "say what is kept, or write `records: {keep: nothing}`"
            faults.append(Fault(file, line, what, cure, warning=True))
        told = {int(number) for number in DAYS_TOLD[language].findall(unmarked(notice))}
        if told and not told & {rules.days["conversations"], rules.days[RECORDINGS]}:
            what = f"`privacy` in {language} names another number of days than `records: days: conversations`"
            cure = f"write {rules.days['conversations']}, or change the rule"
            faults.append(Fault(file, line, what, cure, warning=True))
    return faults
