"""Number words of bokmål and nynorsk, by our own rules.

num2words says "en tusen fem hundre" and "nitten hundre og nittiåtte", and knows no nynorsk. Ours are the forms of
the new counting (1951), which every service desk uses: "tjueen", not "en og tyve".
"""

from dataclasses import dataclass

_SMALL = (
    "null en to tre fire fem seks sju åtte ni ti elleve tolv tretten fjorten femten seksten sytten atten nitten"
).split()
_TENS = "_ ti tjue tretti førti femti seksti sytti åtti nitti".split()


@dataclass(frozen=True, slots=True)
class Forms:
    """Where the two written languages differ.

    Args:
        masculine: "en" or "ein", the form for counting.
        feminine: "en" in bokmål (as service lines say it), "ei" in nynorsk.
        neuter: "ett" or "eitt".
        many: ending of the plural of million: "millioner", "millionar".
        small_ordinals: 0..19 (the first is unused).
        tens_ordinal: ending of tjuende / tjuande.
        hundredth: "hundrede" or "hundrande".
        thousandth: "tusende" or "tusande".
    """

    masculine: str
    feminine: str
    neuter: str
    many: str
    small_ordinals: tuple[str, ...]
    tens_ordinal: str
    hundredth: str
    thousandth: str


BOKMAL = Forms(
    "en", "en", "ett", "er",
    tuple((
        "nullte første andre tredje fjerde femte sjette sjuende åttende niende tiende ellevte tolvte "
        "trettende fjortende femtende sekstende syttende attende nittende"
    ).split()),
    "ende", "hundrede", "tusende",
)  # fmt: skip
NYNORSK = Forms(
    "ein", "ei", "eitt", "ar",
    tuple((
        "nullte første andre tredje fjerde femte sjette sjuande åttande niande tiande ellevte tolvte "
        "trettande fjortande femtande sekstande syttande attande nittande"
    ).split()),
    "ande", "hundrande", "tusande",
)  # fmt: skip


def cardinal(number: int, forms: Forms, one: str | None = None) -> str:
    """Say a number.

    Args:
        number: 0 <= number < 10**12.
        forms: BOKMAL or NYNORSK.
        one: the form a final "one" takes before its noun; `forms.masculine` when nothing is said.
    """
    parts = []
    for value, name in ((1_000_000_000, "milliard"), (1_000_000, "million")):
        count, number = divmod(number, value)
        if count:
            parts.append(_up_to_999(count, forms, forms.masculine) + f" {name}{forms.many if count > 1 else ''}")
    thousands, rest = divmod(number, 1_000)
    if thousands:
        parts.append(_up_to_999(thousands, forms, forms.neuter) + " tusen")
    if rest or not parts:
        # "to tusen og tjueseks", but "to tusen ett hundre og tjueseks".
        joint = "og " if parts and rest < 100 else ""
        parts.append(joint + _up_to_999(rest, forms, one or forms.masculine))
    return " ".join(parts)


def ordinal(number: int, forms: Forms) -> str:
    """Say a number as an ordinal, 0 <= number < 10**6: "tjuefjerde", "ett hundre og første"."""
    if number < 100:
        return _small_ordinal(number, forms)
    if number % 1_000 == 0:
        return _up_to_999(number // 1_000, forms, forms.neuter) + forms.thousandth
    head, tail = number - number % 100, number % 100
    if tail:
        return f"{cardinal(head, forms)} og {_small_ordinal(tail, forms)}"
    front = cardinal(number - number % 1_000, forms) + " " if number > 1_000 else ""
    return f"{front}{_up_to_99(number % 1_000 // 100, forms, forms.neuter)}{forms.hundredth}"


def year(number: int, forms: Forms) -> str:
    """Say a year: "nitten nittiåtte", "nitten null fem", "to tusen og tjueseks"."""
    century, rest = divmod(number, 100)
    if not 11 <= century <= 19:
        return cardinal(number, forms)
    if rest == 0:
        return f"{_SMALL[century]} hundre"
    tail = _up_to_99(rest, forms, forms.masculine)
    return f"{_SMALL[century]} null {tail}" if rest < 10 else f"{_SMALL[century]} {tail}"


def _up_to_999(number: int, forms: Forms, one: str) -> str:
    hundreds, rest = divmod(number, 100)
    if not hundreds:
        return _up_to_99(rest, forms, one)
    front = f"{_up_to_99(hundreds, forms, forms.neuter)} hundre"
    return f"{front} og {_up_to_99(rest, forms, one)}" if rest else front


def _up_to_99(number: int, forms: Forms, one: str) -> str:
    if number == 1:
        return one
    if number < 20:
        return _SMALL[number]
    tens, rest = divmod(number, 10)
    return _TENS[tens] + (_up_to_99(rest, forms, one) if rest else "")


def _small_ordinal(number: int, forms: Forms) -> str:
    if number < 20:
        return forms.small_ordinals[number]
    tens, rest = divmod(number, 10)
    if rest:
        return _TENS[tens] + forms.small_ordinals[rest]
    # tjue + ende = tjuende, tretti + ende = trettiende.
    return _TENS[tens].removesuffix("e") + forms.tens_ordinal
