"""E-mail addresses, written and said aloud: "kari punktum nordmann krøllalfa firma punktum no"."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from dialog.redaction.judging import Span
from dialog.redaction.seen import HIDDEN
from dialog.slots.emails import HEARD_DOMAINS, SIGNS, USUAL_END
from dialog.slots.letters import letter_names
from dialog.slots.number_words import meanings

_WRITTEN = re.compile(
    r"[^\s@<>()\[\]{}|,;:\"«»" + HIDDEN + r"]{1,64}\s?@\s?[^\s@<>()\[\]{}|,;:\"«»" + HIDDEN + r"]{1,63}"
    r"(?:\s?\.\s?[^\W\d_]{2,18}(?=\W|$))*"
)
"""Wider than an address can be: what stands beside an @ is somebody's."""

_BY_SIGN = dict(SIGNS)
_AT_WORDS = rf"{_BY_SIGN['@']}|alfakrøll|kanel ?bolle|at[- ]tegnet|равлика|собачку|собаку"
_SPOKEN_AT = re.compile(rf"(?<!\w)(?:{_AT_WORDS}|at)(?!\w)")
_SURE_AT = re.compile(rf"(?:{_AT_WORDS.replace('|ет', '').replace('|ætt', '')})")
_DOT = re.compile(rf"(?:{_BY_SIGN['.']})")
_SIGN = re.compile(rf"(?:{'|'.join(names for sign, names in SIGNS if sign != '@')})")
_END = re.compile(r"[^\W\d_]{2,}")
_TOKEN = re.compile(r"[^\W_]+(?:'[^\W_]+)*|[@._+-]|" + HIDDEN)
_PROVIDERS = frozenset((*USUAL_END, *HEARD_DOMAINS, *HEARD_DOMAINS.values(), "online", "live", "proton", "telenor"))
_CUE = re.compile(r"\b(?:e-?post|e-?mail|mail|epost|пошт|імейл|мейл|email)\w*")


class _Word(NamedTuple):
    text: str
    start: int
    end: int


MOST_NAME_WORDS = 3
"""Words that may stand together before the @ without a sign between them."""
MOST_LOCAL, MOST_DOMAIN = 30, 14
MOST_DOMAIN_WORDS = 3
LONGEST_LETTER = 2

_STOP = frozenset(
    "er e det den på til med fra i og at som min mi mitt mine din di ditt deres hans hennes e-post epost eposten "
    "mailen mail email adressen adressa adresse send sende sendt skriv bruk jeg eg vi du har heter heiter er'e ja nei "
    "nå no så da blir vil kan skal et en ei meg deg oss "
    "dag år om the is it's its my your to on with from and use write address that this "
    "at contact me i'm am i've have a an be will would can could "
    "це моя мій моє на з і та пошта пошту пошти адреса адресу імейл надішліть пишіть напишіть є у в до я мене "
    "електронна електронну мейл".split()
)
"""Words that stand before an address and are no part of one."""


def emails_in(lower: str, language: str) -> Iterator[Span]:
    """E-mail addresses of a text (`Seen.lower`)."""
    if "@" in lower:
        for match in _WRITTEN.finditer(lower):
            start, end = match.span()
            trimmed = match[0].rstrip(".!?-'")
            yield Span("email", start, start + len(trimmed) if len(trimmed) > 2 else end)
    if _SPOKEN_AT.search(lower) is None:
        return
    tokens = _words(lower)
    for at in _SPOKEN_AT.finditer(lower):
        found = _around(lower, tokens, at, language)
        if found:
            yield found


def _words(lower: str) -> list[_Word]:
    """Words and signs; signs whose names are two words ("under score") are one."""
    found: list[_Word] = []
    for match in _TOKEN.finditer(lower):
        word = _Word(match[0], match.start(), match.end())
        both = f"{found[-1].text} {word.text}" if found else ""
        if both and _SIGN.fullmatch(both):
            word = _Word(both, found.pop().start, word.end)
        found.append(word)
    return found


def _around(lower: str, tokens: list[_Word], at: re.Match[str], language: str) -> Span | None:
    before = [token for token in tokens if token.end <= at.start()]
    behind = [token for token in tokens if token.start >= at.end()]
    domain, has_end = _domain(lower, behind)
    sure = _SURE_AT.fullmatch(at[0]) is not None
    if not domain:
        return Span("email", _local(lower, before, language, at.start()), at.end()) if sure and before else None
    named = _CUE.search(lower, max(0, at.start() - 60), at.start())
    in_one_breath = named is not None and not re.search(r"[.!?]\s", lower[named.end() : at.start()])
    if not sure and domain[0].text in _STOP:
        return None
    if not sure and lower[domain[-1].end : domain[-1].end + 1] == "@":
        return None  # "reach me at kari.nordmann@firma.no"
    if not (sure or (has_end and domain[0].text[0].isalpha()) or (in_one_breath and len(domain) > 1)):
        return None
    if not before or before[-1].text == HIDDEN:
        return Span("email", at.start(), domain[-1].end) if sure else None
    return Span("email", _local(lower, before, language, at.start()), domain[-1].end)


def _domain(lower: str, tokens: list[_Word]) -> tuple[list[_Word], bool]:
    """The words of the domain behind an @, and whether it is surely one: it has an end, or is a provider's name."""
    taken: list[_Word] = []
    dots, since = 0, 0
    for position, token in enumerate(tokens[:MOST_DOMAIN]):
        word = token.text
        gap = lower[taken[-1].end : token.start] if taken else ""
        if word in (HIDDEN, "@", "_", "+") or re.search(r"[,;!?]", gap):
            break
        if _DOT.fullmatch(word) or word == ".":
            following = tokens[position + 1].text if position + 1 < len(tokens) else ""
            if not taken or not following or not following[0].isalnum() or (dots and since == 0):
                break
            if word == "." and (tokens[position + 1].start > token.end or not _END.fullmatch(following)):
                break
            taken.append(token)
            dots, since = dots + 1, 0
            continue
        if _SIGN.fullmatch(word) or word == "-":
            taken.append(token)
            continue
        # "punktum enn å", "dot c o m"
        letters = dots and since and len(word) <= LONGEST_LETTER and taken[-1].text in letter_names("nb")
        if since >= (1 if dots else MOST_DOMAIN_WORDS) and not letters:
            break
        if not dots and since and not _dot_follows(tokens[position : position + MOST_DOMAIN_WORDS]):
            break
        taken.append(token)
        since += 1
    while taken and not taken[-1].text[0].isalnum():
        taken.pop()
    provider = bool(taken) and (taken[0].text in _PROVIDERS or " ".join(one.text for one in taken[:2]) in _PROVIDERS)
    return taken, dots > 0 or provider


def _dot_follows(tokens: list[_Word]) -> bool:
    return any(_DOT.fullmatch(token.text) or token.text == "." for token in tokens)


def _local(lower: str, tokens: list[_Word], language: str, at: int) -> int:
    """Where the words before an @ begin to be an address."""
    start, names = at, letter_names(language)
    joined, built, words = True, False, 0
    for token in reversed(tokens[-MOST_LOCAL:]):
        word, gap = token.text, lower[token.end : start]
        if word in (HIDDEN, "@") or (word in "._+-" and gap.startswith(" ") and start < at):
            break
        if start < at and not joined and len(word) > 1 and re.search(r"[,.;!?]", gap):
            break
        if word in "._+-" or _SIGN.fullmatch(word):
            joined = built = True
        elif len(word) == 1 or word in names or word[0].isdecimal() or meanings(word, language):
            if word in _STOP and not joined and not (len(word) == 1 and built):
                break
            built, joined = built or len(word) == 1, False
        elif word in _STOP and not (joined and token is tokens[-1]):
            break
        else:
            # "kari nordmann krøllalfa" has several words; with signs or letters in it, it has an end of its own.
            words = words + 1
            if not joined and (built or words > MOST_NAME_WORDS):
                break
            joined = False
        start = token.start
    return start
