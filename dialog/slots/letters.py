"""Letters said one by one: "K-A-R-I", "kå a err i", "Å som i Åse", "bravo", "double you", "ка, а, ер, і"."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz

from dialog.text import APOSTROPHES

_NATO = (
    "alfa alpha:a bravo:b charlie:c delta:d echo ekko:e foxtrot:f golf:g hotel:h india:i juliett juliet:j kilo:k "
    "lima:l mike:m november:n oscar oskar:o papa:p quebec:q romeo:r sierra:s tango:t uniform:u victor viktor:v "
    "whiskey whisky:w xray:x yankee:y zulu:z"
)
_NORWEGIAN = (
    "be bé bee:b se ce cé:c de dé:d ef eff:f ge gé:g hå ho:h jodd jod jått:j kå ka:k el ell:l em emm:m en enn:n "
    "pe pé:p ku kuh kø:q er err ær ærr:r es ess:s te té:t ve vé:v eks ex:x set sett zet zett:z "
    # The telephone alphabet that older callers spell with.
    "anna:a bernhard:b cæsar cesar:c david:d edith:e fredrik:f gustav:g harald:h ivar:i johan:j karin:k ludvig:l "
    "martin:m nils:n olivia:o petter:p quintus:q rikard:r sigrid:s teodor:t ulrik:u xerxes:x yngling:y zakarias:z "
    "ærlig:æ østen:ø åse:å"
)
_ENGLISH = (
    "ay eh:a bee be:b see sea cee:c dee:d ee:e ef eff:f gee jee:g aitch haitch:h eye:i jay:j kay:k el ell:l em:m en:n "
    "oh:o pee pea:p cue queue:q ar are:r es ess:s tee tea:t you:u vee:v ex:x why:y zed zee:z"
)
_UKRAINIAN = (
    "бе:б ве:в ге:г ґе:ґ де:д же:ж зе:з йот:й ка:к ел ель:л ем:м ен:н пе:п ер:р ес:с те:т еф:ф ха:х це:ц че:ч ша:ш "
    "ща:щ аш:х дубльве:в апостроф:'"
)
_TABLES: Mapping[str, tuple[str, ...]] = {
    "nb": (_NORWEGIAN, _NATO), "nn": (_NORWEGIAN, _NATO), "en": (_ENGLISH, _NATO), "uk": (_UKRAINIAN,),
}  # fmt: skip

_SEVERAL_WORDS = re.compile(r"\bdobb?elt?[ -]?v[eé]?\b|\bdouble[ -]?(?:you|u|w)\b|\bдубль[ -]?ве\b")
_SOFT_SIGN = re.compile(r"\bм'який знак\b")
_AS_IN = re.compile(
    r"\b(?:\w{1,3}[ ,]+(?:som i|som|as in|like|як у|як в|як)|[^\W\d_][ ,]+for)[ ,]+(?P<letter>[^\W\d_])[^\W\d_]+"
)
_TWICE = frozenset(("dobbel", "dobbelt", "double", "подвійне", "подвійна", "дві", "to"))
_SIZE = frozenset(("stor", "store", "liten", "lita", "capital", "велика", "мала"))
_MARKS: Mapping[str, str] = {
    "bindestrek": "-", "strek": "-", "hyphen": "-", "dash": "-", "дефіс": "-", "apostrof": "'", "apostrophe": "'",
    "mellomrom": " ", "space": " ", "пробіл": " ",
}  # fmt: skip
_PIECE = re.compile(r"[^\W_]+(?:'[^\W\d_]+)*|'(?=\s|$)")


SURELY_LETTERS = 4
"""Names of letters in a row that are no accident in a sentence."""

SAME_WORD = 75.0
"""rapidfuzz ratio, 0..100."""


@dataclass(frozen=True, slots=True)
class Spelled:
    """Letters in a row.

    Args:
        text: lower-case, as they were spelled; a blank where the caller said so.
        start: offset of the first in `prepared(said)`.
        end: offset behind the last.
    """

    text: str
    start: int
    end: int


@dataclass(slots=True)
class _Letter:
    text: str
    start: int
    end: int
    sure: bool
    """It can hardly be another word: a single letter, or one of the radio alphabet beside others."""


def prepared(said: str) -> str:
    """The text that offsets of Spelled are in: letters of several words are one, "Å som i Åse" is "Å"."""
    text = APOSTROPHES.sub("'", unicodedata.normalize("NFKC", said[:2000]))
    text = re.sub(r"(?i)" + _AS_IN.pattern, lambda match: f" {match['letter']} ", text)
    text = re.sub(r"(?i)" + _SEVERAL_WORDS.pattern, "w", text)
    return re.sub(r"(?i)" + _SOFT_SIGN.pattern, "ь", text)


@lru_cache(maxsize=4)
def letter_names(language: str) -> Mapping[str, str]:
    """Letter by its spoken name."""
    found: dict[str, str] = {}
    for table in _TABLES[language]:
        for names, _, letter in re.findall(r"([^:]+)(:)(\S) ?", table):
            found.update(dict.fromkeys(names.split(), letter))
    return found


def spelled(text: str, language: str, fewest: int = 3, surely: int = SURELY_LETTERS) -> tuple[Spelled, ...]:
    """Rows of letters.

    Args:
        text: from prepared().
        language: nb, nn, en or uk.
        fewest: letters a row must have; two may be initials or little words.
        surely: so many names of letters in a row are no accident ("be", "er" and "de" are words too).
    """
    found: list[Spelled] = []
    row: list[_Letter] = []
    for letter in (*_letters(text, language), None):
        if letter is not None and row and not text[row[-1].end : letter.start].strip(" ,.-–\n"):
            row.append(letter)
            continue
        # "er en" and "de er" are letter names too: single letters must be among them.
        row = _without_the_word(row, text)
        certain = len(row) >= surely or sum(one.sure for one in row) * 2 >= len(row)
        if sum(len(one.text) for one in row) >= fewest and certain:
            found.append(Spelled("".join(one.text for one in row).strip(), row[0].start, row[-1].end))
        row = [letter] if letter is not None else []
    return tuple(found)


def _without_the_word(row: list[_Letter], text: str) -> list[_Letter]:
    """ "Anna, A-N-N-A": a word of the telephone alphabet that is the very one being spelled is no letter."""
    if len(row) < 3:
        return row
    word = text[row[0].start : row[0].end].lower()
    rest = "".join(one.text for one in row[1:])
    return row[1:] if len(word) > 2 and fuzz.ratio(word, rest) >= SAME_WORD else row


def _letters(text: str, language: str) -> Iterator[_Letter]:
    names = letter_names(language)
    twice, start_of_twice = False, 0
    pieces = list(_PIECE.finditer(text.lower()))
    for index, match in enumerate(pieces):
        word = match[0].replace("-", "")
        behind = pieces[index + 1][0] if index + 1 < len(pieces) else ""
        if word in _TWICE and (len(behind) == 1 or behind in names):
            twice, start_of_twice = True, match.start()
            continue
        if word in _SIZE and (len(behind) == 1 or behind in names):
            continue
        letter = word if len(word) == 1 else names.get(word, _MARKS.get(word, ""))
        if letter:
            start = start_of_twice if twice else match.start()
            yield _Letter(letter * (2 if twice else 1), start, match.end(), len(word) == 1 or len(word) > 3)
        twice = False
