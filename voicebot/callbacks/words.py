"""What callers read in text messages, and what agents hear before and after they call somebody back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from dialog import Bot
from telephony.call import Spoken
from voicebot.records.callbacks import CallbackRow

AGENTS_SPEAK: Final = ("nb", "nn", "en")

_PROMISED: Final[Mapping[str, str]] = {
    "nb": "Hei! {name} ringer deg innen {until}. Trenger du det ikke lenger, ring oss{number}.",
    "nn": "Hei! {name} ringjer deg innan {until}. Treng du det ikkje lenger, ring oss{number}.",
    "en": "Hello! {name} will call you by {until}. If you no longer need it, please call us{number}.",
    "uk": "Вітаємо! {name} зателефонує вам до {until}. Якщо це вже не потрібно, зателефонуйте нам{number}.",
}
_WANTED: Final[Mapping[str, str]] = {
    "nb": "Hei! {name} ringer deg {wanted}. Passer det ikke likevel, ring oss{number}.",
    "nn": "Hei! {name} ringjer deg {wanted}. Passar det ikkje likevel, ring oss{number}.",
    "en": "Hello! {name} will call you {wanted}. If that no longer suits you, please call us{number}.",
    "uk": "Вітаємо! {name} зателефонує вам {wanted}. Якщо це вам не підходить, зателефонуйте нам{number}.",
}
_MESSAGE: Final[Mapping[str, str]] = {
    "nb": "Hei! {name} har fått beskjeden din. Den blir lest innen {until}.",
    "nn": "Hei! {name} har fått beskjeden din. Han blir lesen innan {until}.",
    "en": "Hello! {name} has received your message. It will be read by {until}.",
    "uk": "Вітаємо! {name} отримала ваше повідомлення. Його прочитають до {until}.",
}
_MISSED: Final[Mapping[str, str]] = {
    "nb": "Hei! {name} har prøvd å ringe deg, som avtalt, men fikk ikke svar. Ring oss gjerne igjen{number}.",
    "nn": "Hei! {name} har prøvd å ringje deg, som avtalt, men fekk ikkje svar. Ring oss gjerne igjen{number}.",
    "en": "Hello! {name} tried to call you as agreed, but got no answer. You are welcome to call us again{number}.",
    "uk": "Вітаємо! {name} намагалася зателефонувати вам, як домовлено, але ніхто не відповів. "
    "Зателефонуйте нам ще раз{number}.",
}
_ON: Final[Mapping[str, str]] = {"nb": " på ", "nn": " på ", "en": " on ", "uk": " за номером "}
_DAYS: Final[Mapping[str, tuple[str, ...]]] = {
    "nb": ("mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag", "søndag"),
    "nn": ("måndag", "tysdag", "onsdag", "torsdag", "fredag", "laurdag", "søndag"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "uk": ("понеділок", "вівторок", "середа", "четвер", "п’ятниця", "субота", "неділя"),
}


def company_zone(bot: Bot) -> ZoneInfo:
    """The time zone in which the company tells times."""
    return ZoneInfo("Europe/Oslo" if bot.hours is None else bot.hours.timezone)


def promise_text(bot: Bot, row: CallbackRow) -> str:
    """The text message that says what was promised: nothing of what the caller said is in it."""
    if row.kind == "message":
        return _filled(bot, row, _MESSAGE)
    return _filled(bot, row, _PROMISED if row.wanted is None else _WANTED)


def missed_text(bot: Bot, row: CallbackRow) -> str:
    """The text message after the last try."""
    return _filled(bot, row, _MISSED)


def _filled(bot: Bot, row: CallbackRow, form: Mapping[str, str]) -> str:
    language = row.language if row.language in form else "nb"
    zone = company_zone(bot)
    wanted = "" if row.wanted is None else _moment(row.wanted.astimezone(zone), language)
    return form[language].format(
        name=bot.name,
        until=_moment(row.deadline.astimezone(zone), language),
        wanted=wanted,
        number=f"{_ON[language]}{row.called}" if row.called else "",
    )


def _moment(at: datetime, language: str) -> str:
    """A day and a time as people write them in a message."""
    day, clock = _DAYS[language][at.weekday()], f"{at:%H.%M}" if language in ("nb", "nn") else f"{at:%H:%M}"
    match language:
        case "nb" | "nn":
            return f"{day} {at.day}.{at.month}. kl. {clock}"
        case "en":
            return f"{day} {at.day}/{at.month} at {clock}"
        case _:
            return f"{clock}, {day} {at.day}.{at.month:02d}"


@dataclass(frozen=True, slots=True)
class CallWords:
    """What an agent hears around a call to a customer, in one language; see `CallbackRequest`."""

    whisper: Spoken
    brief: Spoken
    no_brief: Spoken
    missed: Spoken
    how_it_went: Spoken
    sorry: Spoken


_AGENT: Final[Mapping[str, Mapping[str, str]]] = {
    "nb": {
        "whisper": "Oppringing fra {name}. Trykk 1 for å høre hva det gjelder og ringe kunden. Trykk 2 for å la være.",
        "callback": "Kunden har bedt om å bli ringt opp.",
        "message": "Kunden har lagt igjen en beskjed.",
        "about": "Det gjelder: {about}",
        "wanted": "Avtalt tid er {day} klokka {clock}.",
        "again": "Vi har prøvd {tries} ganger før.",
        "again_once": "Vi har prøvd én gang før.",
        "other": "Nummeret er et annet enn det kunden ringte fra.",
        "language": "Kunden snakker {language}.",
        "calling": "Nå ringer vi kunden. Trykk stjerne for å legge på hvis en telefonsvarer svarer.",
        "no_brief": "Det står på skjermen hva det gjelder. Nå ringer vi kunden.",
        "missed": "Kunden svarte ikke. Saken ligger fortsatt i listen.",
        "how": "Samtalen er slutt. Trykk 1 hvis dere fikk snakket sammen, og 2 hvis det var en telefonsvarer.",
        "sorry": "Beklager, dette er ikke aktuelt lenger. Se i listen.",
    },
    "nn": {
        "whisper": "Oppringing frå {name}. Trykk 1 for å høyre kva det gjeld og ringje kunden. Trykk 2 for å la vere.",
        "callback": "Kunden har bede om å bli ringd opp.",
        "message": "Kunden har lagt att ein beskjed.",
        "about": "Det gjeld: {about}",
        "wanted": "Avtalt tid er {day} klokka {clock}.",
        "again": "Vi har prøvd {tries} gonger før.",
        "again_once": "Vi har prøvd éin gong før.",
        "other": "Nummeret er eit anna enn det kunden ringde frå.",
        "language": "Kunden snakkar {language}.",
        "calling": "No ringjer vi kunden. Trykk stjerne for å leggje på om ein telefonsvarar svarar.",
        "no_brief": "Det står på skjermen kva det gjeld. No ringjer vi kunden.",
        "missed": "Kunden svara ikkje. Saka ligg framleis i lista.",
        "how": "Samtalen er slutt. Trykk 1 om de fekk snakka saman, og 2 om det var ein telefonsvarar.",
        "sorry": "Orsak, dette er ikkje aktuelt lenger. Sjå i lista.",
    },
    "en": {
        "whisper": "A call back from {name}. Press 1 to hear what it is about and call the customer. Press 2 not to.",
        "callback": "The customer asked to be called back.",
        "message": "The customer left a message.",
        "about": "It is about: {about}",
        "wanted": "The agreed time is {day} at {clock}.",
        "again": "We have tried {tries} times before.",
        "again_once": "We have tried once before.",
        "other": "The number is not the one that the customer called from.",
        "language": "The customer speaks {language}.",
        "calling": "We are calling the customer now. Press star to hang up if a machine answers.",
        "no_brief": "What it is about is on the screen. We are calling the customer now.",
        "missed": "The customer did not answer. It is still in the list.",
        "how": "The call is over. Press 1 if you talked, and 2 if it was a machine.",
        "sorry": "Sorry, this is no longer to be done. Please look in the list.",
    },
}
_LANGUAGES: Final[Mapping[str, Mapping[str, str]]] = {
    "nb": {"nb": "bokmål", "nn": "nynorsk", "en": "engelsk", "uk": "ukrainsk"},
    "nn": {"nb": "bokmål", "nn": "nynorsk", "en": "engelsk", "uk": "ukrainsk"},
    "en": {"nb": "Norwegian", "nn": "Norwegian", "en": "English", "uk": "Ukrainian"},
}

_MOST_ABOUT = 300
"""Characters of what it is about that are read out: about twenty seconds; all of it is on the screen."""


def call_words(bot: Bot, row: CallbackRow) -> CallWords:
    """What the agent hears: in the customer's language where agents are taken to speak it, else in the bot's first."""
    known = (*(one for one in (row.language, *bot.languages) if one in AGENTS_SPEAK), "en")
    language = known[0]
    texts = _AGENT[language]

    def spoken(text: str) -> Spoken:
        return Spoken(text, language)

    return CallWords(
        spoken(texts["whisper"].format(name=bot.name)),
        spoken(" ".join(_brief(bot, row, language, texts))),
        spoken(texts["no_brief"]),
        spoken(texts["missed"]),
        spoken(texts["how"]),
        spoken(texts["sorry"]),
    )


def _brief(bot: Bot, row: CallbackRow, language: str, texts: Mapping[str, str]) -> list[str]:
    parts = [texts["message" if row.kind == "message" else "callback"]]
    if about := row.about.strip():
        short = about if len(about) <= _MOST_ABOUT else about[:_MOST_ABOUT].rsplit(" ", 1)[0]
        parts.append(texts["about"].format(about=short.rstrip(" .,;:!?…") + "."))
    if row.wanted is not None:
        at = row.wanted.astimezone(company_zone(bot))
        parts.append(texts["wanted"].format(day=_DAYS[language][at.weekday()], clock=f"{at:%H:%M}"))
    if row.tries:
        parts.append(texts["again_once" if row.tries == 1 else "again"].format(tries=row.tries))
    if not row.own:
        parts.append(texts["other"])
    if row.language != language and {row.language, language} != {"nb", "nn"}:
        parts.append(texts["language"].format(language=_LANGUAGES[language].get(row.language, row.language)))
    return [*parts, texts["calling"]]
