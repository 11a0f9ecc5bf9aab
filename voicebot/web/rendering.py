"""Pages from templates: the reader's language, the navigation their roles allow, and nothing that can be injected."""

from datetime import datetime
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from voicebot.web.forms import form_cookie, form_token, is_secure
from voicebot.web.links import link
from voicebot.web.navigation import navigation_of
from voicebot.web.parts import parts_of
from voicebot.web.texts import LANGUAGES, Words, load_texts, pick_language

if TYPE_CHECKING:
    from voicebot.web.signed_in import SignedIn


class Pages:
    """Every template and text of the console, read once.

    Args:
        company: whose console this is; stands at the top of every page.
        language: for readers who ask for none of ours.
        zone: the time zone pages show times in.
    """

    def __init__(self, company: str, language: str = "nb", zone: str = "Europe/Oslo") -> None:
        self.company = company
        self._texts = load_texts()
        self._otherwise = language if language in self._texts else "nb"
        self._zone = ZoneInfo(zone)
        folder = Path(str(resources.files("voicebot.web") / "templates"))
        self._templates = Environment(
            loader=FileSystemLoader(folder),
            autoescape=True,
            undefined=StrictUndefined,
            auto_reload=False,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters["fill"] = _fill

    def page(
        self,
        request: Request,
        signed_in: "SignedIn | None",
        template: str,
        *,
        status: int = 200,
        language: str | None = None,
        **values: Any,
    ) -> HTMLResponse:
        """One page. It knows `t`, `language`, `signed_in`, `csrf`, `link`, `navigation`, `moment`, `day`, `number`.

        Args:
            request: what is answered.
            signed_in: who reads it; None for a page for everybody, whose form token comes with a cookie.
            template: its file in `templates/`.
            status: of the answer.
            language: other than the reader's own.
            values: what else the template uses.
        """
        language = language or self.language(request, signed_in)
        token = form_token(request) if signed_in is None else signed_in.csrf
        context = {
            **self._told(language),
            "company": self.company,
            "signed_in": signed_in,
            "csrf": token,
            "here": request.url.path,
            "link": lambda path: link(request, path),
            "navigation": []
            if signed_in is None
            else navigation_of(signed_in.may, parts_of(request).board is not None),
            **values,
        }
        response = HTMLResponse(self._templates.get_template(template).render(context), status_code=status)
        if signed_in is None and request.cookies.get(form_cookie(request)) != token:
            response.set_cookie(
                form_cookie(request), token, path="/", secure=is_secure(request), httponly=True, samesite="lax"
            )
        return response

    def fragment(self, template: str, language: str, root: str, **values: Any) -> str:
        """A piece of a page that is sent later: it knows `t`, `language`, `link`, `moment` and `number`.

        Args:
            template: its file in `templates/`. It stands in the pages of several readers, so it holds no form.
            language: of the texts.
            root: how the page gets to the service's own root: "./" or "../../"; see `voicebot.web.links`.
            values: what else the template uses.
        """
        context = {
            **self._told(language),
            "link": lambda path: root + path.removeprefix("/"),
            **values,
        }
        return self._templates.get_template(template).render(context)

    def fault(self, request: Request, status: int, kind: str) -> HTMLResponse:
        """A page that says what went wrong in one sentence, with no detail of the machine.

        Args:
            request: what is answered.
            status: of the answer.
            kind: a key below "faults" in the texts; an unknown one is told as "broken".
        """
        signed_in = getattr(request.state, "signed_in", None)
        words = self.words(self.language(request, signed_in))
        try:
            told = words.faults[kind]
        except KeyError:
            told = words.faults["broken"]
        return self.page(request, signed_in, "fault.html", status=status, told=told)

    def words(self, language: str) -> Words:
        """The texts of a language."""
        return Words(self._texts.get(language, {}), self._texts["en"])

    def language(self, request: Request, signed_in: "SignedIn | None") -> str:
        """In which language this reader is shown the console."""
        if signed_in is not None and signed_in.language in LANGUAGES:
            return signed_in.language
        return pick_language(request.headers.get("accept-language", ""), LANGUAGES, self._otherwise)

    def _told(self, language: str) -> dict[str, Any]:
        return {
            "t": self.words(language),
            "language": language,
            "moment": lambda at: self._moment(at, language),
            "clock": lambda at: at.astimezone(self._zone).strftime("%H:%M"),
            "day": lambda at: format_date(at, "d. MMMM y" if language != "en" else "d MMMM y", locale=language),
            "number": lambda value: format_decimal(value, locale=language),
        }

    def _moment(self, at: datetime, language: str) -> str:
        form = "d. MMM y HH:mm" if language != "en" else "d MMM y HH:mm"
        return format_datetime(at.astimezone(self._zone), form, locale=language)


def _fill(text: str, **values: Any) -> str:
    return text.format(**values)
