"""The content owner's page: what callers asked and the bot did not know, put together, to be answered or set aside."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request, Response

from dialog.likeness import Group, grouped
from voicebot.records.questions import MOST_READ, STATUSES, Settled, read_questions, settle
from voicebot.web.forms import fields
from voicebot.web.links import see
from voicebot.web.pages.asked import ID_DIGITS, asked, one_of, told
from voicebot.web.pages.statistics import titles
from voicebot.web.permissions import Permission
from voicebot.web.signed_in import SignedIn, require

LANGUAGES = ("nb", "nn", "en", "uk")
MOST_SETTLED = 100
"""Questions settled by one press; ids of more would not fit a field of a form."""

MOST_GROUPS = 50
COPIED_PER_LANGUAGE = 4
"""Wordings of a group that are worth a line in an article; more of the same teach the bot nothing."""

LEAST_ASKED = 2
"""Conversations in which a question must have come up before its words leave the house in a file."""

Reader = Annotated[SignedIn, Depends(require(Permission.READ_UNANSWERED))]

router = APIRouter()


@router.get("/console/unanswered")
def questions(request: Request, signed_in: Reader) -> Response:
    """Groups of questions, the most frequent first."""
    page = asked(request)
    chosen = request.query_params
    status = one_of(chosen.get("status", ""), STATUSES) or "open"
    language = one_of(chosen.get("language", ""), LANGUAGES)
    with page.records.database.reading() as connection:
        found = read_questions(connection, page.records.vault, status, language)
    groups = grouped(found.asked)
    bot = page.parts.bot
    settled = chosen.get("settled", "")
    return page.parts.pages.page(
        request,
        signed_in,
        "unanswered.html",
        groups=groups[:MOST_GROUPS],
        chosen_status=status,
        statuses=told(STATUSES, page.t.unanswered.statuses),
        languages=told(LANGUAGES, page.t.languages),
        chosen_language=language,
        settled=int(settled) if settled.isdecimal() and len(settled) < 6 else 0,
        titles=titles(bot, signed_in.language),
        articles=frozenset(article.id for article in bot.articles) if bot is not None else frozenset(),
        cut=found.cut or len(groups) > MOST_GROUPS,
        most=MOST_READ,
        lines_of=yaml_lines,
        ids_of=lambda group: " ".join(asked.id for asked in group.questions[:MOST_SETTLED]),
        notes_of=lambda group: notes_of(group, found.settled),
    )


@router.post("/console/unanswered/settle")
def settle_questions(request: Request, signed_in: Reader, form: Annotated[dict[str, str], Depends(fields)]) -> Response:
    """Mark the questions of one group, and go back to where they stood."""
    page = asked(request)
    wanted = one_of(form.get("settle", ""), STATUSES)
    ids = [one for one in form.get("ids", "").split() if len(one) == ID_DIGITS][:MOST_SETTLED]
    settled = 0
    if wanted and ids:
        with page.records.database.writing() as connection:
            settled = settle(connection, ids, wanted, form.get("note", "")[:300], signed_in.name, page.parts.now())
    status = one_of(form.get("status", ""), STATUSES) or "open"
    return see(request, "/console/unanswered?" + urlencode({"status": status, "settled": settled}))


@router.get("/console/unanswered.csv")
def as_file(request: Request, signed_in: Reader) -> Response:
    """Open questions for a spreadsheet; words only where several callers used them."""
    page = asked(request)
    with page.records.database.reading() as connection:
        found = read_questions(connection, page.records.vault)
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(["nearest", "question", "language", "asked", "conversations", "last_day"])
    for group in grouped(found.asked):
        for wording in group.wordings:
            conversations = len({asked.conversation for asked in wording.questions})
            words = wording.text if conversations >= LEAST_ASKED else ""
            row = [group.near or "", words, wording.language, len(wording.questions), conversations]
            writer.writerow([_harmless(str(cell)) for cell in (*row, wording.questions[0].at.date().isoformat())])
    headers = {"Content-Disposition": 'attachment; filename="unanswered.csv"', "Cache-Control": "no-store"}
    # The mark at the front tells spreadsheets that this is UTF-8.
    return Response("\ufeff" + text.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


def yaml_lines(group: Group) -> list[str]:
    """The group's questions as they stand in an article: per language, ready to be pasted below `questions:`."""
    by_language: dict[str, list[str]] = {}
    for wording in group.wordings:
        written = by_language.setdefault(wording.language, [])
        if len(written) < COPIED_PER_LANGUAGE:
            written.append(f"    - {_quoted(wording.text)}")
    return [line for language, written in by_language.items() for line in (f"  {language}:", *written)]


def notes_of(group: Group, settled: Mapping[str, Settled]) -> list[Settled]:
    """What was decided about a group, each note once, the newest first."""
    notes: Iterable[Settled] = (settled[asked.id] for asked in group.questions if asked.id in settled)
    return sorted(Counter(notes), key=lambda one: one.at, reverse=True)


def _quoted(text: str) -> str:
    """A YAML string: bare when that means the same, in double quotes otherwise."""
    if re.fullmatch(r"\w[\w ,?!'-]*", text) and text.casefold() not in (
        "yes",
        "no",
        "on",
        "off",
        "true",
        "false",
        "null",
    ):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _harmless(cell: str) -> str:
    """A spreadsheet takes a cell that begins so for a formula."""
    return "'" + cell if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
