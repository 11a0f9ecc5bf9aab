"""Per language: the words that seldom end a turn, those that begin a question, and those that end a call.

Every language is tried on every text: a caller changes between them in mid-sentence, and the recogniser is not always
told. A word stands here only if it does no harm in the others.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cues:
    """One language. All words are lower case.

    Args:
        open: words behind which the sentence goes on. Each is at least six times as frequent inside a sentence as at
            the end of one (counted over public requests, questions and news sentences), and none ends short answers
            such as "det tror jeg", "I think it is".
        dangling: the same, except that they may end a question or a relative clause: "Hvem skal jeg snakke med".
        asking: words that begin a question.
        parting: whole turns after which nothing comes.
        announcing: what comes right before a number, a name or an address: patterns for the end of the text.
    """

    open: frozenset[str]
    dangling: frozenset[str]
    asking: frozenset[str]
    parting: frozenset[str]
    announcing: tuple[str, ...]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _phrases(text: str) -> frozenset[str]:
    return frozenset(phrase.strip() for phrase in text.split(","))


BOKMAL = Cues(
    open=_words(
        "og eller men at å som når hvis dersom fordi siden mens hvilken hvilket hvilke hver noen en ei et "
        "er vil skal kan har var ble blir i for om denne disse alle mellom hos ved øh eh ehm hm altså liksom"
    ),
    dangling=_words("til fra med av på etter mot under over uten hva hvor hvem hvordan hvorfor"),
    asking=_words(
        "hva hvor når hvem hvordan hvorfor hvilken hvilket hvilke kan er har skal vil må får finnes går gjelder koster "
        "kommer sender tar"
    ),
    parting=_phrases(
        "takk, tusen takk, takk for hjelpen, takk skal du ha, ha det, ha det bra, nei takk, det var alt, "
        "nei det var alt"
    ),
    announcing=(
        r"\w*(nummer(et)?|navnet|adressen|koden|e-?posten)( (mitt|min|vår|vårt))?( er)?",
        r"jeg heter",
        r"jeg lurer på( om)?",
    ),
)

NYNORSK = Cues(
    open=_words("ein eit frå dersom kva kvifor kvar korleis eg dei men medan viss vore vart vert"),
    dangling=_words("frå utan kven"),
    asking=_words("kva kvar kor kven korleis kvifor kva for"),
    parting=_phrases("takk for hjelpa, det var alt, ha det"),
    announcing=(r"\w*(nummeret|namnet|adressa|koden)( (mitt|mi|min))?( er)?", r"eg heiter", r"eg lurer på( om)?"),
)

ENGLISH = Cues(
    open=_words(
        "and or but which who whose if when while because so than the a an my your our their his any some every to of "
        "as what's i i'm i'd i'll i've it's there's um uh er erm and/or into onto between"
    ),
    dangling=_words("for from with on in at by about to of what where how why"),
    asking=_words(
        "what where when who how why which whose can could is are am do does did will would should may have has isn't "
        "aren't don't won't what's where's when's who's how's"
    ),
    parting=_phrases(
        "thanks, thank you, thank you very much, thank you so much, thanks a lot, bye, bye bye, goodbye, that's all, "
        "that is all, no thanks, no thank you, no that's all"
    ),
    announcing=(
        r"(number|code|name|address|postcode|e-?mail)( is| it's|'s)",
        r"my (\w+ )?(number|code|name|address|postcode|e-?mail)",
        r"(my name|it|that) (is|was)( the)? number",
        r"i('d| would) like",
        r"i (want|need)",
    ),
)

UKRAINIAN = Cues(
    open=_words(
        "і й та або але що який яка яке які якого якої якщо коли бо для до від з із зі у в об про за над під без між "
        "через мій моя моє мої ваш ваша ваше ваші хочу є не це е ем ну"
    ),
    dangling=_words("на де як чому хто о"),
    asking=_words("що де коли хто як чому який яка яке які скільки чи можна куди звідки"),
    parting=_phrases("дякую, щиро дякую, дуже дякую, до побачення, ні дякую, це все, ні це все"),
    announcing=(r"(мій |моє )?(номер|код|ім'я|ім’я|прізвище|адреса)( замовлення)?", r"мене звати", r"моє прізвище"),
)

ALL = (BOKMAL, NYNORSK, ENGLISH, UKRAINIAN)
