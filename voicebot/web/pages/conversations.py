"""Conversations as pages: a list that gives nobody away, and one of them with what was said and why.

Each look at one conversation, each search for a number and each recording played leaves its line in the access log, in
the transaction that reads what is shown. A number only ever comes in the body of a form.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, HTTPException, Request, Response

from dialog.explaining import rules_told
from voicebot.records import access_log
from voicebot.records.agents import wrap_up
from voicebot.records.counting import KINDS, bots_of
from voicebot.records.numbers import read_number
from voicebot.records.reading import (
    ConversationPage,
    ConversationRow,
    Place,
    Wanted,
    conversation_detail,
    conversation_page,
)
from voicebot.records.subjects import subject_of_number
from voicebot.web.forms import fields
from voicebot.web.pages.asked import (
    ID_DIGITS,
    YEARS,
    Asked,
    asked,
    day_of,
    end_of,
    id_of,
    one_of,
    start_of,
    told,
    zone_of,
)
from voicebot.web.pages.spoken import spoken
from voicebot.web.pages.statistics import departments, titles
from voicebot.web.permissions import Permission
from voicebot.web.signed_in import SignedIn, require
from voicebot.web.texts import Words

LIST = "/console/conversations"
LANGUAGES = ("nb", "nn", "en", "uk")
LINES = ("twilio", "browser", "microphone")
OUTCOMES = (*(outcome for outcomes in KINDS.values() for outcome in outcomes), "open")
MOST_LOOKS = 20

Reader = Annotated[SignedIn, Depends(require(Permission.READ_CONVERSATIONS))]

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the reader chose, as it stands in the address; "" for no choice."""

    first: str = ""
    last: str = ""
    outcome: str = ""
    line: str = ""
    language: str = ""
    handed: str = ""
    rule: str = ""
    flow: str = ""
    article: str = ""
    bot: str = ""

    @property
    def any(self) -> bool:
        """Whether anything was chosen."""
        return self != Chosen()

    def address(self, **more: str) -> str:
        """Of the list with these choices."""
        named = {"from": self.first, "to": self.last}
        named |= {name: getattr(self, name) for name in self.__slots__ if name not in ("first", "last")}
        return f"{LIST}?" + urlencode({name: value for name, value in (named | more).items() if value})


@router.get(LIST)
def conversation_list(request: Request, signed_in: Reader) -> Response:
    """A page of the list, narrowed by what the address says."""
    page = asked(request)
    with page.records.database.reading() as connection:
        chosen = _chosen(request, page, bots_of(connection))
        after, before = (_place(request.query_params.get(name, "")) for name in ("after", "before"))
        found = conversation_page(connection, _wanted(chosen, page), after=after, before=before)
        bots = bots_of(connection)
    return _list(request, signed_in, page, found, chosen, bots)


@router.post(f"{LIST}/search")
def search(request: Request, signed_in: Reader, form: Annotated[dict[str, str], Depends(fields)]) -> Response:
    """The newest conversations with a phone number."""
    page = asked(request)
    try:
        number = read_number(form.get("number", ""))
    except ValueError:
        nothing = ConversationPage((), None, None)
        return _list(request, signed_in, page, nothing, Chosen(), (), told=page.t.conversations.bad_number, status=422)
    with page.records.database.writing() as connection:
        subject = subject_of_number(connection, page.records.vault, number)
        rows: list[ConversationRow] = []
        for caller in subject.caller_ids:
            rows += conversation_page(connection, Wanted(caller=caller)).rows
        access_log.note(
            connection, page.records.vault, signed_in.name, signed_in.role, "conversation.search", subject.name
        )
    return _list(request, signed_in, page, ConversationPage(tuple(rows), None, None), Chosen(), (), searched=True)


@router.get(LIST + "/{conversation}")
def conversation(request: Request, signed_in: Reader, conversation: str) -> Response:
    """One conversation, and a line that it was looked at."""
    page = asked(request)
    conversation = id_of(conversation)
    with page.records.database.writing() as connection:
        found = conversation_detail(connection, page.records.vault, conversation)
        if found is None:
            raise HTTPException(404)
        access_log.note(
            connection, page.records.vault, signed_in.name, signed_in.role, "conversation.read", conversation
        )
        said_of_it = wrap_up(connection, page.records.vault, conversation)
        looked = access_log.shown(connection, subject=conversation, most=MOST_LOOKS)
    return page.parts.pages.page(
        request,
        signed_in,
        "conversation.html",
        told=found.head,
        detail=found,
        wrapped=said_of_it,
        said=[spoken(turn, zone_of(page.parts), signed_in.language) for turn in found.turns],
        looked=looked,
        kind_of=kind_of,
        length_of=lambda row: length_of(row, page.t),
        may_play=signed_in.may(Permission.EXPORT_CALLER),
        departments=departments_named(page, signed_in.language),
    )


def kind_of(row: ConversationRow) -> str:
    """What the outcome comes to, for its colour: see `voicebot.records.counting.KINDS`."""
    return next((kind for kind, outcomes in KINDS.items() if row.outcome in outcomes), "open")


def length_of(row: ConversationRow, t: Words) -> str:
    """How long a conversation took, in minutes and seconds."""
    if row.seconds is None:
        return str(t.outcomes.open)
    minutes, seconds = divmod(round(row.seconds), 60)
    return f"{minutes}:{seconds:02d}"


def _list(
    request: Request,
    signed_in: SignedIn,
    page: Asked,
    found: ConversationPage,
    chosen: Chosen,
    bots: tuple[str, ...],
    **values: Any,
) -> Response:
    named = titles(page.parts.bot, signed_in.language)
    bot = page.parts.bot
    return page.parts.pages.page(
        request,
        signed_in,
        "conversations.html",
        rows=found.rows,
        older=found.older and chosen.address(after=_written(found.older)),
        newer=found.newer and chosen.address(before=_written(found.newer)),
        chosen=chosen,
        outcomes=told(OUTCOMES, page.t.outcomes),
        lines=told(LINES, page.t.lines),
        languages=told(LANGUAGES, page.t.languages),
        rules=sorted(rules_told(signed_in.language).items(), key=lambda rule: rule[1]),
        flows=[(flow.id, named[flow.id]) for flow in bot.flows] if bot is not None else [],
        articles=[(article.id, named[article.id]) for article in bot.articles] if bot is not None else [],
        bots=[(name, name) for name in bots],
        kind_of=kind_of,
        length_of=lambda row: length_of(row, page.t),
        **{"told": "", "searched": False, **values},
    )


def _chosen(request: Request, page: Asked, bots: tuple[str, ...]) -> Chosen:
    given = request.query_params
    bot = page.parts.bot
    first, last = day_of(given.get("from", "")), day_of(given.get("to", ""))
    return Chosen(
        first=first.isoformat() if first else "",
        last=last.isoformat() if last else "",
        outcome=one_of(given.get("outcome", ""), OUTCOMES),
        line=one_of(given.get("line", ""), LINES),
        language=one_of(given.get("language", ""), LANGUAGES),
        handed=one_of(given.get("handed", ""), ("yes", "no")),
        rule=one_of(given.get("rule", ""), rules_told("en")),
        flow=one_of(given.get("flow", ""), [flow.id for flow in bot.flows] if bot is not None else []),
        article=one_of(given.get("article", ""), [one.id for one in bot.articles] if bot is not None else []),
        bot=one_of(given.get("bot", ""), bots),
    )


def _wanted(chosen: Chosen, page: Asked) -> Wanted:
    zone = zone_of(page.parts)
    return Wanted(
        since=start_of(day_of(chosen.first), zone),
        until=end_of(day_of(chosen.last), zone),
        line=chosen.line,
        language=chosen.language,
        bot=chosen.bot,
        outcome=chosen.outcome,
        rule=chosen.rule,
        article=chosen.article,
        flow=chosen.flow,
        passed_on={"yes": True, "no": False}.get(chosen.handed),
    )


def departments_named(page: Asked, language: str) -> dict[str, str]:
    """What departments are called."""
    return departments(page.parts.bot, language)


def _written(place: Place) -> str:
    return f"{place.started_at.isoformat()}~{place.id}"


def _place(text: str) -> Place | None:
    """Where a list goes on, as `_written` wrote it; None for anything else."""
    moment, _, row_id = text.partition("~")
    try:
        at = datetime.fromisoformat(moment)
    except ValueError:
        return None
    good = at.tzinfo is not None and at.year in YEARS and len(row_id) == ID_DIGITS and row_id.isalnum()
    return Place(at, row_id) if good else None
