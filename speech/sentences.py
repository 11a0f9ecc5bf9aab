"""Where one sentence ends and the next begins, in text written to be read.

Speech is made sentence by sentence, so a wrong cut is heard: "klokka 14. 30" or "f. eks." would get a full stop's
pause in the middle.
"""

import re
from itertools import pairwise

LONG_CHARACTERS = 200
"""A sentence beyond this is cut at a clause, so that the first sound comes early and a cancel waits less."""

_SHORTEST_CLAUSE = 40

# After these, the sentence goes on whatever follows. Abbreviations that usually stand last ("osv.", "min.", "р.") are
# not here: before a capital letter their stop is a full stop too.
_ABBREVIATIONS = {
    "nb": "adr avd ca dr evt fr gt hr iht inkl ekskl jf jr kap kl nr pkt prof ref st tlf vs",
    "en": "approx dept dr fig jr mr mrs ms nos prof ref rev sr st vs",
    "uk": "буд вул див ім кв м обл пл пров просп проф смт тел",
}
_ABBREVIATIONS["nn"] = _ABBREVIATIONS["nb"]
_KNOWN = {language: frozenset(words.split()) for language, words in _ABBREVIATIONS.items()}

_BEFORE_A_NUMBER = frozenset(("art", "ext", "kr", "maks", "max", "min", "no", "s", "str", "tel", "п", "ст", "стор"))
_MAY_END = frozenset(("a.m", "p.m"))

_MARK = re.compile(r"\{[^{}]*\}")
_END = re.compile(r"(?P<stop>[.!?…]+)(?P<close>[\"'»”’)\]]*)(?P<gap>\s+|$)|(?P<line>\s*\n\s*)")
_CLAUSE = re.compile(r"(?<=[,;:])\s+|\s+(?=[–—]\s)")
_LAST_WORD = re.compile(r"[^\W_]+(?:\.[^\W_]+)*$")


def split_sentences(text: str, language: str) -> tuple[str, ...]:
    """Cut display text into sentences.

    Abbreviations ("f.eks.", "kl.", "e.g."), initials, decimals, ordinals before a lower-case word ("17. mai") and
    marks (`{24. des|date}`) are never cut. A line break always ends a sentence. A sentence of more than
    `LONG_CHARACTERS` is cut at clause boundaries.

    Args:
        text: what a caller would read.
        language: nb, nn, en or uk; others are cut like English.
    Returns:
        the pieces in order, none empty; joined with spaces they are the text, its white space aside.
    """
    masked = _MARK.sub(lambda mark: "x" * len(mark.group()), text)
    cuts = [0, *(end.end() for end in _END.finditer(masked) if _ends(masked, end, language)), len(text)]
    pieces = []
    for start, end in pairwise(cuts):
        sentence = text[start:end].strip()
        if sentence:
            pieces.extend(_shorten(sentence, masked[start:end].strip()))
    return tuple(pieces)


def _ends(text: str, end: re.Match[str], language: str) -> bool:
    """Whether this stop ends a sentence."""
    if end["line"] is not None or end.end() == len(text):
        return True
    following = text[end.end()]
    if end["stop"] != ".":
        # "Hva? spurte hun" goes on; an ellipsis before a lower-case letter is a pause.
        return not following.islower()
    if following.islower():
        return False
    word = _LAST_WORD.search(text, 0, end.start())
    if word is None:
        return True
    last = word.group()
    if last.lower() in _MAY_END or last.isdigit():
        # An ordinal goes on in lower case in Norwegian and Ukrainian ("17. mai"), which is settled above.
        return True
    if last.lower() in _BEFORE_A_NUMBER and following.isdigit():
        return False
    initial = len(last) == 1 and last.isupper()
    return not (initial or "." in last or last.lower() in _KNOWN.get(language, _KNOWN["en"]))


def _shorten(sentence: str, masked: str) -> list[str]:
    """Cut a long sentence at the clause boundary nearest before the limit; leave it when there is none."""
    pieces = []
    while len(sentence) > LONG_CHARACTERS:
        cuts = [
            cut
            for cut in _CLAUSE.finditer(masked)
            if cut.start() >= _SHORTEST_CLAUSE and len(sentence) - cut.end() >= _SHORTEST_CLAUSE
        ]
        if not cuts:
            break
        cut = max((cut for cut in cuts if cut.start() <= LONG_CHARACTERS), key=lambda c: c.start(), default=cuts[0])
        pieces.append(sentence[: cut.start()])
        sentence, masked = sentence[cut.end() :], masked[cut.end() :]
    return [*pieces, sentence]
