"""Reading the rules for what is kept from bot.yaml: `records` and `recording`."""

import re
from collections.abc import Collection

from dialog.markup import faults_of_text
from dialog.records_rules import KEEPING, RECORDINGS, USUAL_DAYS, RecordingRules, RecordsRules
from dialog.yamlsource import Entry, Source

RECORDS_KEYS = ("keep", "days", "purpose", "basis", "controller", "contact", "page", "history")
RECORDING_KEYS = ("purpose", "ask", "version", "days")
DAYS_KEYS = tuple(kind for kind in USUAL_DAYS if kind != RECORDINGS)
LONGEST_DAYS = 3650
LINK = re.compile(r"https?://\S+")


def read_records(
    source: Source, entries: dict[str, Entry], languages: Collection[str], required: Collection[str]
) -> RecordsRules:
    """The rules that the keys `records` and `recording` of bot.yaml give; what they leave out is as usual."""
    days = dict(USUAL_DAYS)
    found: dict[str, Entry] = {}
    if "records" in entries:
        found = source.entries(entries["records"].value, "`records`", RECORDS_KEYS)
    if "days" in found:
        for entry in source.entries(found["days"].value, "records: days", DAYS_KEYS).values():
            days[entry.key] = _days(source, entry, f"records: days: {entry.key}", days[entry.key])
    recording = None
    if "recording" in entries:
        recording = _recording(source, entries["recording"], days, languages, required)
    keep = _keep(source, found)
    if recording is not None and keep != "redacted":
        source.fault(
            entries["recording"].line,
            f"calls are recorded, but `records: keep: {keep}` says that words are not kept",
            "remove `recording`, or write `keep: redacted`",
            warning=keep == "facts",
        )
    return RecordsRules(
        keep=keep,
        days=days,
        recording=recording,
        controller=_text(source, found, "controller"),
        contact=_text(source, found, "contact"),
        page=_page(source, found),
        purposes=_by_language(source, found.get("purpose"), "records: purpose", languages),
        bases=_by_language(source, found.get("basis"), "records: basis", languages),
        history=source.flag(found["history"].value, "records: history") if "history" in found else True,
    )


def _keep(source: Source, found: dict[str, Entry]) -> str:
    if "keep" not in found:
        return KEEPING[0]
    text = source.text(found["keep"].value, "records: keep")
    if text is not None and text not in KEEPING:
        source.fault(found["keep"].value, f"records: keep is {text}", f"write one of {', '.join(KEEPING)}")
    return text if text in KEEPING else KEEPING[0]


def _days(source: Source, entry: Entry, where: str, usual: int) -> int:
    value = source.number(entry.value, where, 1, LONGEST_DAYS)
    if value is not None and not value.is_integer():
        source.fault(entry.value, f"{where} is {value:g}", "write whole days")
    return usual if value is None else int(value)


def _recording(
    source: Source, entry: Entry, days: dict[str, int], languages: Collection[str], required: Collection[str]
) -> RecordingRules:
    found = source.entries(entry.value, "`recording`", RECORDING_KEYS)
    if "days" in found:
        days[RECORDINGS] = _days(source, found["days"], "recording: days", days[RECORDINGS])
    for key, cure in (
        ("purpose", "write what the sound is for, in every language: consent without a purpose is none"),
        ("version", 'write `version: "1"`, and count it up whenever the wording changes'),
    ):
        if key not in found:
            source.fault(entry.line, f"`recording` has no {key}", cure)
    purposes = _by_language(source, found.get("purpose"), "recording: purpose", languages)
    asks = _by_language(source, found.get("ask"), "recording: ask", languages)
    for language in languages if "purpose" in found else ():
        if language not in purposes and language not in asks:
            place = found["purpose"].line
            needed = language in required
            source.fault(
                place, f"recording: purpose has no text in {language}", f"add `{language}:` below it", not needed
            )
    return RecordingRules(purposes, asks, _text(source, found, "version", "recording"))


def _text(source: Source, found: dict[str, Entry], key: str, of: str = "records") -> str:
    return (source.text(found[key].value, f"{of}: {key}") or "") if key in found else ""


def _page(source: Source, found: dict[str, Entry]) -> str | None:
    text = _text(source, found, "page")
    if text and not LINK.fullmatch(text):
        source.fault(found["page"].value, f"records: page: {text} is not a web address", "write it with https://")
    return text or None


def _by_language(source: Source, entry: Entry | None, where: str, languages: Collection[str]) -> dict[str, str]:
    if entry is None:
        return {}
    texts: dict[str, str] = {}
    for language, node in source.by_language(entry.value, where, languages).items():
        text = source.text(node, f"{where} in {language}")
        if text is not None:
            texts[language] = text
            for what, cure in faults_of_text(text):
                source.fault(node, f"{where} in {language}: {what}", cure)
    return texts
