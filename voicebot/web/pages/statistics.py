"""The analyst's page: how many called, what came of it, and what was asked most."""

from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from dialog.bot import Bot
from voicebot.records.counting import KINDS, Figures, bots_of, figures
from voicebot.records.counting_handovers import MARKS, Handovers, handovers
from voicebot.web.charts import Chart, stacked
from voicebot.web.pages.asked import asked, day_of, one_of, zone_of
from voicebot.web.permissions import Permission
from voicebot.web.signed_in import SignedIn, require
from voicebot.web.texts import Words

USUAL_DAYS = 30
MOST_DAYS = 366

router = APIRouter()


@router.get("/console/statistics")
def statistics(
    request: Request, signed_in: Annotated[SignedIn, Depends(require(Permission.READ_STATISTICS))]
) -> Response:
    """Figures of a period: the last thirty days unless another is asked for; at most a year."""
    page = asked(request)
    zone = zone_of(page.parts)
    chosen = request.query_params
    last = day_of(chosen.get("to", "")) or page.parts.now().astimezone(zone).date()
    first = day_of(chosen.get("from", "")) or last - timedelta(days=USUAL_DAYS - 1)
    first = min(max(first, last - timedelta(days=MOST_DAYS - 1)), last)
    with page.records.database.reading() as connection:
        bots = bots_of(connection)
        bot = one_of(chosen.get("bot", ""), bots)
        found = figures(connection, first, last, zone, bot or None)
        people = handovers(connection, first, last, zone, page.parts.now(), bot or None)
    kinds = (*KINDS, "open")
    return page.parts.pages.page(
        request,
        signed_in,
        "statistics.html",
        figures=found,
        chart=chart(found, kinds, page.t),
        kinds=kinds,
        people=people,
        marks=marks_chart(people, page.t),
        departments=departments(page.parts.bot, signed_in.language),
        first=first,
        last=last,
        bots=[(name, name) for name in bots],
        bot=bot,
        titles=titles(page.parts.bot, signed_in.language),
    )


def chart(found: Figures, kinds: tuple[str, ...], t: Words) -> Chart:
    """Calls per day, stacked by what came of them; a pointer that rests on a day tells its numbers."""
    columns = []
    for one in found.days:
        parts = ", ".join(f"{t.statistics[kind]} {one.kinds[kind]}" for kind in kinds if one.kinds.get(kind))
        columns.append((_short(one.day), f"{_short(one.day)}: {parts or 0}", one.kinds))
    return stacked(columns, kinds)


def marks_chart(found: Handovers, t: Words) -> Chart:
    """How often callers gave each mark."""
    told = t.statistics.mark_told
    columns = [
        (str(mark), told.format(mark=mark, n=number), {"mark": number})
        for mark, number in zip(MARKS, found.marks, strict=True)
    ]
    return stacked(columns, ("mark",))


def departments(bot: Bot | None, language: str) -> dict[str, str]:
    """What departments are called, by id."""
    return {one.id: one.names.get(language, one.id) for one in bot.departments} if bot is not None else {}


def titles(bot: Bot | None, language: str) -> dict[str, str]:
    """What articles and flows are called, by id; the bot that answers now may not have all that answered then."""
    if bot is None:
        return {}
    named = {article.id: article.titles for article in bot.articles} | {flow.id: flow.titles for flow in bot.flows}
    return {name: title.get(language) or next(iter(title.values()), name) for name, title in named.items()}


def _short(day: date) -> str:
    return f"{day.day}.{day.month}."
