"""Reading bot.yaml."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from dialog.bot import LANGUAGES, Department, Limits, Thresholds
from dialog.callback_rules import CallbackRules, read_callbacks
from dialog.departments_source import read_departments
from dialog.errors import Fault
from dialog.hours import DAYS, Hours
from dialog.hours_source import read_hours
from dialog.identity import IdentityRules
from dialog.identity_source import read_identity
from dialog.markup import faults_of_text
from dialog.notices import faults_of_notices
from dialog.records_rules import RecordsRules
from dialog.records_source import read_records
from dialog.wording import PLACEHOLDERS, WORDING_KEYS
from dialog.yamlsource import Entry, Source

FORMAT_VERSION = 1
KEYS = (
    "version", "name", "languages", "required", "voices", "greeting", "disclosure", "privacy", "topics",
    "hours", "departments", "limits", "wording", "thresholds", "sms",
    "records", "recording", "identity", "callbacks", "rating",
)  # fmt: skip


@dataclass(slots=True)
class Settings:
    """What bot.yaml says; parts with faults keep their defaults."""

    name: str = ""
    languages: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    voices: Mapping[str, str] = field(default_factory=dict)
    greetings: Mapping[str, str] = field(default_factory=dict)
    disclosures: Mapping[str, str] = field(default_factory=dict)
    privacy: Mapping[str, str] = field(default_factory=dict)
    topics: Mapping[str, str] = field(default_factory=dict)
    hours: Hours | None = None
    departments: tuple[Department, ...] = ()
    limits: Limits = field(default_factory=Limits)
    thresholds: Thresholds = field(default_factory=Thresholds)
    wording: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    sms: bool = False
    records: RecordsRules = field(default_factory=RecordsRules)
    identity: IdentityRules = IdentityRules()
    callbacks: CallbackRules | None = None
    rating: bool = False


def read_settings(file: str, text: str, faults: list[Fault]) -> Settings:
    """Settings from the text of bot.yaml; what is wrong goes to `faults`."""
    source = Source(file, faults)
    settings = Settings()
    root = source.parse(text)
    if root is None:
        if not any(fault.file == file for fault in faults):
            source.fault(None, "bot.yaml is empty", "write it as docs/bot-folder.md shows")
        return settings
    entries = source.entries(root, "bot.yaml", KEYS)
    _version(source, entries)
    _languages(source, entries, settings)
    reader = _Reader(source, entries, settings)
    reader.name()
    settings.voices = reader.texts("voices", needed=False)
    settings.greetings = reader.texts("greeting", needed=True)
    settings.disclosures = reader.texts("disclosure", needed=True)
    settings.privacy = reader.texts("privacy", needed=True)
    settings.topics = reader.texts("topics", needed=False)
    if "hours" in entries:
        settings.hours = read_hours(source, entries["hours"].value, "hours", None)
    settings.departments = read_departments(source, entries, settings.languages, settings.hours)
    settings.callbacks = read_callbacks(source, entries, bool(settings.departments))
    settings.rating = "rating" in entries and source.flag(entries["rating"].value, "`rating`")
    settings.limits = reader.limits()
    settings.thresholds = reader.thresholds()
    settings.wording = reader.wording()
    settings.sms = "sms" in entries and source.flag(entries["sms"].value, "`sms`")
    settings.identity = read_identity(source, entries)
    settings.records = read_records(source, entries, settings.languages, settings.required)
    line = entries["privacy"].line if "privacy" in entries else None
    faults += faults_of_notices(settings.privacy, settings.records, file, line)
    return settings


def _version(source: Source, entries: dict[str, Entry]) -> None:
    entry = entries.get("version")
    if entry is None:
        source.fault(None, "`version` is missing", f"write `version: {FORMAT_VERSION}` as the first line")
    elif str(entry.value.value) != str(FORMAT_VERSION):
        source.fault(
            entry.line,
            f"`version` is {entry.value.value}; this program reads {FORMAT_VERSION}",
            "see docs/bot-folder.md",
        )


def _languages(source: Source, entries: dict[str, Entry], settings: Settings) -> None:
    entry = entries.get("languages")
    if entry is None:
        source.fault(None, "`languages` is missing", f"write `languages: [nb]`, or more of {', '.join(LANGUAGES)}")
        return
    settings.languages = _language_list(source, entry, LANGUAGES, "the program speaks")
    settings.required = settings.languages
    if "required" in entries and settings.languages:
        settings.required = _language_list(source, entries["required"], settings.languages, "`languages` names")


def _language_list(source: Source, entry: Entry, known: tuple[str, ...], who: str) -> tuple[str, ...]:
    found: list[str] = []
    if any(str(item.value).lower() == "no" for item in getattr(entry.value, "value", ())):
        source.fault(entry.value, f"`{entry.key}`: no is not a language here", "write nb (bokmål) or nn (nynorsk)")
        return ()
    for text in source.texts(entry.value, f"`{entry.key}`"):
        if text not in known:
            source.fault(entry.value, f"`{entry.key}`: {text} is not a language here", f"{who} {', '.join(known)}")
        elif text not in found:
            found.append(text)
    return tuple(found)


@dataclass(slots=True)
class _Reader:
    """The keys of bot.yaml that depend on its languages."""

    source: Source
    entries: dict[str, Entry]
    settings: Settings

    def name(self) -> None:
        entry = self.entries.get("name")
        if entry is None:
            self.source.fault(None, "`name` is missing", "write the name of the company: `name: Nordlys`")
        else:
            self.settings.name = self.source.text(entry.value, "`name`") or ""

    def texts(self, key: str, needed: bool) -> dict[str, str]:
        """One text per language; with `needed`, a fault for each language without one."""
        entry = self.entries.get(key)
        if entry is None:
            if needed:
                self.source.fault(None, f"`{key}` is missing", "write it in every language of the bot")
            return {}
        nodes = self.source.by_language(entry.value, f"`{key}`", self.settings.languages)
        found: dict[str, str] = {}
        for language, node in nodes.items():
            where = f"`{key}` in {language}"
            text = self.source.text(node, where)
            if text is not None:
                found[language] = text
                for what, cure in faults_of_text(text):
                    self.source.fault(node, f"{where}: {what}", cure)
        if needed:
            for language in self.settings.languages:
                if language not in nodes:
                    self.source.fault(entry.line, f"`{key}` has no text in {language}", f"add `{language}:` below it")
        return found

    def limits(self) -> Limits:
        seconds = {"call_seconds": (30.0, 7200.0), "idle_seconds": (10.0, 600.0)}
        times = {"no_match": (0.0, 20.0), "no_input": (0.0, 20.0)}
        found = self._numbers("limits", seconds | times)
        usual = Limits()
        return Limits(
            call_seconds=found.get("call_seconds", usual.call_seconds),
            idle_seconds=found.get("idle_seconds", usual.idle_seconds),
            no_match=int(found.get("no_match", usual.no_match)),
            no_input=int(found.get("no_input", usual.no_input)),
        )

    def thresholds(self) -> Thresholds:
        found = Thresholds(**self._numbers("thresholds", {"answer": (0, 1), "choice": (0, 1)}))
        if found.choice > found.answer:
            self.source.fault(
                self.entries["thresholds"].line,
                f"thresholds: choice ({found.choice:g}) is above answer ({found.answer:g})",
                "choice must be the lower one",
            )
        return found

    def _numbers(self, key: str, ranges: Mapping[str, tuple[float, float]]) -> dict[str, float]:
        if key not in self.entries:
            return {}
        found: dict[str, float] = {}
        for entry in self.source.entries(self.entries[key].value, f"`{key}`", tuple(ranges)).values():
            value = self.source.number(entry.value, f"{key}: {entry.key}", *ranges[entry.key])
            if value is not None:
                found[entry.key] = value
        return found

    def wording(self) -> dict[str, dict[str, tuple[str, ...]]]:
        if "wording" not in self.entries:
            return {}
        entries = self.source.entries(self.entries["wording"].value, "`wording`", WORDING_KEYS)
        return {key: self._own_wording(entry) for key, entry in entries.items()}

    def _own_wording(self, entry: Entry) -> dict[str, tuple[str, ...]]:
        where = f"wording: {entry.key}"
        found: dict[str, tuple[str, ...]] = {}
        for language, node in self.source.by_language(entry.value, where, self.settings.languages).items():
            found[language] = self.source.texts(node, f"{where} in {language}")
            for text in found[language]:
                for what, cure in faults_of_text(text, PLACEHOLDERS[entry.key]):
                    self.source.fault(node, f"{where} in {language}: {what}", cure)
            if entry.key == "opening_weekday" and len(found[language]) != len(DAYS):
                self.source.fault(node, f"{where} in {language} needs seven texts", "write one per day, Monday first")
        return found
