"""Is this a whole answer to a yes-or-no question, or one of the choices offered?"""

import re

from speech.turn_cues.reading import words_of

_YES_NO = re.compile(
    r"(?:(?:"
    r"ja|jo|jada|javisst|nei|neida|gjerne|greit|ok|okei|okay|takk|riktig|klart det|det stemmer|stemmer|det er riktig|"
    r"det er greit|det gjør det|ikke nå|helst ikke|vel|da|"
    r"jau|nei då|gjerne det|det stemmer det|rett|det er rett|"
    r"yes|yeah|yep|yup|no|nope|nah|sure|please|thanks|thank you|correct|right|exactly|that's right|that's correct|"
    r"that's it|that's fine|that's wrong|it is|it isn't|i do|i don't|of course|not now|not really|all right|alright|"
    r"так|ні|ага|добре|гаразд|звичайно|звісно|авжеж|правильно|вірно|саме так|дякую|будь ласка|не треба"
    r") ?)+"
)
_ORDINAL = re.compile(
    r"(?:ja |yes |так )?(?:den |det |the |nummer |number |номер )?"
    r"(?:første|fyrste|andre|tredje|siste|en|to|tre|first|second|third|last|one|two|three|"
    r"перш[аеиій]{1,2}|друг[аеиій]{1,2}|трет[яєій]{1,2}|останн[яєій]{1,2}|один|два|три)"
    r"(?: one| option| takk| please)?"
)
_SMALL_WORDS = frozenset(
    "ja yes takk please a an the den det de en et ei om i på til for of to in my min mitt про на за в у".split()
)
_LONGEST_CHOICE_WORDS = 5


def answers_yes_no(text: str) -> bool:
    """Whether the text is nothing but yes or no: "Ja takk, gjerne", "No, that's wrong"."""
    return _YES_NO.fullmatch(" ".join(words_of(text))) is not None


def answers_choice(text: str, choices: tuple[str, ...]) -> bool:
    """Whether the text names one of the choices: by its words, by some that no other choice has, or by its place.

    Args:
        text: what was heard so far.
        choices: as they were offered.
    """
    said = words_of(text)
    if not said or len(said) > max([_LONGEST_CHOICE_WORDS, *(len(words_of(choice)) for choice in choices)]):
        return False
    if _ORDINAL.fullmatch(" ".join(said)):
        return True
    telling = set(said) - _SMALL_WORDS
    return bool(telling) and sum(telling <= set(words_of(choice)) for choice in choices) == 1
