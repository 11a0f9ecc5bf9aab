"""Reading a bot folder: everything is checked, and every fault is told at once."""

import hashlib
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from dialog.actions import ACTIONS_FILE, ActionSpec, load_actions
from dialog.articles import read_articles
from dialog.bot import Article, Bot
from dialog.callbacks import built_in_flows
from dialog.errors import BotInvalid, Fault
from dialog.flows.checking import Surroundings, check_flows
from dialog.flows.flow import Flow
from dialog.flows.reading import read_flows
from dialog.own_words import Words
from dialog.settings import Settings, read_settings
from dialog.words_file import WORDS_FILE, read_words

SETTINGS_FILE = "bot.yaml"
KNOWLEDGE = "knowledge"
FLOWS = "flows"


def check_bot(folder: Path, today: date | None = None) -> tuple[Fault, ...]:
    """Every fault of a bot folder, errors and warnings, in the order of files and lines.

    Args:
        folder: the bot folder.
        today: for review dates; None is the day of this machine.
    """
    return _read(folder, today or date.today())[1]


def load_bot(folder: Path, today: date | None = None) -> Bot:
    """The bot that a folder describes.

    Args:
        folder: the bot folder.
        today: for review dates; None is the day of this machine.

    Raises:
        BotInvalid: the folder has errors; carries all faults, warnings too.
    """
    bot, faults = _read(folder, today or date.today())
    if bot is None or any(not fault.warning for fault in faults):
        raise BotInvalid(str(folder), faults)
    return bot


def _read(folder: Path, today: date) -> tuple[Bot | None, tuple[Fault, ...]]:
    faults: list[Fault] = []
    if not folder.is_dir():
        what = "is a file, not a folder" if folder.exists() else "does not exist"
        return None, (Fault(folder.name, None, f"the bot folder {what}", "give the path of a bot folder"),)
    texts = _texts(folder, faults)
    if SETTINGS_FILE not in texts:
        if not (folder / SETTINGS_FILE).exists():
            faults.append(Fault(SETTINGS_FILE, None, "bot.yaml is missing", "write it as docs/bot-folder.md shows"))
        return None, _in_order(faults)
    settings = read_settings(SETTINGS_FILE, texts[SETTINGS_FILE], faults)
    articles = read_articles(_inside(texts, KNOWLEDGE), settings.languages, settings.required, faults, today)
    if not articles and not any(fault.file.startswith(KNOWLEDGE) for fault in faults):
        faults.append(
            Fault(
                KNOWLEDGE,
                None,
                "there is no article: the bot can answer nothing",
                "write knowledge/<name>.md",
                warning=True,
            )
        )
    actions = load_actions(folder, faults)
    flows = _with_built_in(_flows(texts, settings, articles, actions, faults), settings, faults)
    return _bot(settings, articles, flows, actions, _words(texts, settings, faults), texts), _in_order(faults)


def _words(texts: dict[str, str], settings: Settings, faults: list[Fault]) -> Words:
    if WORDS_FILE not in texts:
        return Words()
    departments = [department.id for department in settings.departments]
    return read_words(texts[WORDS_FILE], settings.languages, departments, faults)


def _flows(
    texts: dict[str, str],
    settings: Settings,
    articles: tuple[Article, ...],
    actions: Mapping[str, ActionSpec],
    faults: list[Fault],
) -> tuple[Flow, ...]:
    drafts = read_flows(_inside(texts, FLOWS), settings.languages, settings.required, faults)
    departments = [department.id for department in settings.departments]
    check_flows(drafts, Surroundings([article.id for article in articles], departments, actions, settings.identity.way))
    return tuple(draft.flow for draft in drafts)


def _with_built_in(flows: tuple[Flow, ...], settings: Settings, faults: list[Fault]) -> tuple[Flow, ...]:
    """The bot's flows and those that come with what bot.yaml offers."""
    added = built_in_flows(settings.callbacks.kinds if settings.callbacks else ())
    for flow in flows:
        if flow.id in {one.id for one in added}:
            what = f"the flow {flow.id} is built in, because bot.yaml has `callbacks`"
            faults.append(Fault(f"{FLOWS}/{flow.id}.yaml", None, what, "give this file another name"))
    return tuple(sorted((*flows, *added), key=lambda flow: flow.id))


def _inside(texts: dict[str, str], folder: str) -> dict[str, str]:
    return {name: text for name, text in texts.items() if name.startswith(f"{folder}/")}


def _texts(folder: Path, faults: list[Fault]) -> dict[str, str]:
    """Contents of the folder's files by path inside it, sorted."""
    found: dict[str, str] = {}
    listed = [*sorted((folder / KNOWLEDGE).glob("*.md")), *sorted((folder / FLOWS).glob("*.yaml"))]
    for path in [folder / SETTINGS_FILE, *listed, folder / ACTIONS_FILE, folder / WORDS_FILE]:
        name = path.relative_to(folder).as_posix()
        if not path.is_file():
            continue
        try:
            # utf-8-sig: Windows editors put a byte order mark in front, which is no fault of the writer.
            found[name] = path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
        except UnicodeDecodeError as error:
            line = error.object[: error.start].count(b"\n") + 1
            faults.append(Fault(name, line, "this file is not UTF-8", "save it again with the encoding UTF-8"))
        except OSError as error:
            faults.append(Fault(name, None, f"this file cannot be read: {error.strerror}", "check its permissions"))
    return found


def _bot(
    settings: Settings,
    articles: tuple[Article, ...],
    flows: tuple[Flow, ...],
    actions: Mapping[str, ActionSpec],
    words: Words,
    texts: dict[str, str],
) -> Bot:
    digest = hashlib.sha256()
    for name, text in texts.items():
        digest.update(f"{name}\0{len(text)}\0{text}".encode())
    return Bot(
        name=settings.name,
        languages=settings.languages,
        voices=settings.voices,
        greetings=settings.greetings,
        disclosures=settings.disclosures,
        privacy=settings.privacy,
        topics=settings.topics,
        hours=settings.hours,
        departments=settings.departments,
        articles=articles,
        limits=settings.limits,
        thresholds=settings.thresholds,
        wording=settings.wording,
        content_version=digest.hexdigest()[:16],
        flows=flows,
        actions=actions,
        sms=settings.sms,
        words=words,
        records=settings.records,
        identity=settings.identity,
        callbacks=settings.callbacks,
        rating=settings.rating,
    )


def _in_order(faults: list[Fault]) -> tuple[Fault, ...]:
    first_settings = sorted(faults, key=lambda fault: (fault.file != SETTINGS_FILE, fault.file, fault.line or 0))
    return tuple(first_settings)
