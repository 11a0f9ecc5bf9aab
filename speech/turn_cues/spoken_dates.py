"""How much of a date a text holds."""

import re
from enum import Enum

_MONTHS = (
    "januar februar mars april mai juni juli august september oktober november desember "
    "january february march may june july october december "
    "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня"
)
_DAYS = (
    "mandag tirsdag onsdag torsdag fredag lørdag søndag måndag tysdag laurdag sundag "
    "monday tuesday wednesday thursday friday saturday sunday "
    "понеділок вівторок середу середа четвер п'ятницю п'ятниця суботу субота неділю неділя"
)
_NEAR = r"i (dag|morgen|morgon|går|overmorgen)|today|tomorrow|yesterday|сьогодні|завтра|післязавтра|вчора"
_ORDINALS = (
    "første andre tredje fjerde femte sjette sjuende syvende åttende niende tiende ellevte tolvte "
    "fyrste sjuande åttande niande tiande "
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth "
    "перше друге третє четверте п'яте шосте сьоме восьме дев'яте десяте першого другого третього"
)
_MONTH = re.compile(rf"\b({'|'.join(_MONTHS.split())})\b")
_NEAR_DAY = re.compile(rf"\b({'|'.join(_DAYS.split())}|{_NEAR})\b")
_ORDINAL = re.compile(rf"\b({'|'.join(_ORDINALS.split())})\b")
_YEAR = re.compile(r"\b(19|20)\d\d\b")
_NUMBER = re.compile(r"\d+")
_WRITTEN_OUT = re.compile(r"\b\d{6}(\d\d)?\b")


class DateSoFar(Enum):
    """How much of a date has been said."""

    NONE = "none"
    PART = "part"
    DAY_AND_MONTH = "day and month"
    WHOLE = "whole"


def date_so_far(text: str) -> DateSoFar:
    """How much of a date the text holds: "den tredje" is a part, "3. mai" lacks at most a year, "i morgen" nothing.

    Args:
        text: what was heard so far, in any of our languages.
    """
    lower = text.lower().replace("’", "'")
    if _NEAR_DAY.search(lower) or _WRITTEN_OUT.search(lower):
        return DateSoFar.WHOLE
    year, month = bool(_YEAR.search(lower)), bool(_MONTH.search(lower))
    numbers = len(_NUMBER.findall(_YEAR.sub("", lower))) + len(_ORDINAL.findall(lower))
    if numbers + month >= 2:
        return DateSoFar.WHOLE if year or numbers >= 3 or (month and numbers >= 2) else DateSoFar.DAY_AND_MONTH
    return DateSoFar.PART if numbers or month or year else DateSoFar.NONE
