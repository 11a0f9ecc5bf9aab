"""Fødselsnummer and D-numbers in a caller's words: found wherever they are said, refused, and cut out.

Nobody needs one to order or to ask, and what is not kept cannot be lost.
"""

import re
from collections.abc import Sequence

from dialog.slots.checksums import is_national_id
from dialog.slots.digit_rows import Reading, Run, digit_runs, joined_readings
from dialog.text import folded

SHORTEST_LABELLED = 5
"""The last five digits alone are as secret as the whole."""

LIKELY_COST = 1.0
"""Readings that cost more are not how the words are usually meant."""

IN_ITS_PLACE = "…"

LABEL = re.compile(
    r"\b(?:(?:f[øo]dsels?|person|d)[\s-]?(?:nummer|nummeret|nr)|fnr"
    r"|(?:national|personal) (?:identity |identification |id )?(?:number|no)|birth number|social security number"
    r"|ідентифікаційн\w+ номер\w*|персональн\w+ номер\w*|особист\w+ номер\w*|код\w* платника|рнокпп|іпн)\b"
)
"""What such a number is called, in folded text."""

_OTHER_LABEL = re.compile(
    r"\b(?:ordre|order|kunde|customer|faktura|invoice|kid|telefon|mobil|phone|postnummer|konto|account|organisasjon|org"
    r"|måler|meter|bestilling|замовлення|телефон|рахун|клієнт)\w*"
)


def holds_national_id(said: str, language: str) -> bool:
    """True when an utterance holds such a number, whatever was asked.

    Args:
        said: one utterance, as recognised or typed.
        language: nb, nn, en or uk.
    """
    return bool(_runs_of_it(said, language))


def without_national_ids(said: str, language: str) -> tuple[str, bool]:
    """The utterance with every such number cut out, and whether there was one.

    Args:
        said: one utterance, as recognised or typed.
        language: nb, nn, en or uk.
    """
    runs = _runs_of_it(said, language)
    if not runs:
        return said, False
    text = folded(said)
    # The offsets count in the folded text; they hold in the other when folding changed no length.
    same = len(said) == len(text) and all(len(folded(character)) == 1 for character in said)
    kept = said if same else text
    for run in reversed(runs):
        kept = kept[: run.starts_at] + IN_ITS_PLACE + kept[run.ends_at :]
    return kept, True


def is_labelled(run: Run, text: str) -> bool:
    """True when a row of digits is called by such a number's name ("personnummeret mitt er ...").

    Args:
        run: of digits.
        text: the folded utterance it stands in.
    """
    if len(run.readings[0].digits) < SHORTEST_LABELLED:
        return False
    for label in LABEL.finditer(text):
        between = (
            text[label.end() : run.starts_at] if label.end() <= run.starts_at else text[run.ends_at : label.start()]
        )
        if not _OTHER_LABEL.search(between):
            return True
    return False


def looks_like_it(readings: Sequence[Reading]) -> bool:
    """True when a likely reading has the right date and check digits."""
    return any(is_national_id(each.digits) for each in readings if each.cost < LIKELY_COST)


def _runs_of_it(said: str, language: str) -> tuple[Run, ...]:
    runs, text = digit_runs(said, language), folded(said)
    found = tuple(
        run
        for run in runs
        if is_labelled(run, text) or looks_like_it(run.readings) or any(map(is_national_id, run.figures))
    )
    if found:
        return found
    # "null en null en nitti, og så kommer en to tre fire fem"
    for start in range(len(runs)):
        for end in range(start + 2, min(start + 5, len(runs)) + 1):
            if looks_like_it(joined_readings(runs[start:end])):
                return runs[start:end]
    return ()
