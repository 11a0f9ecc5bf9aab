"""Numbers that are rows of digits: order and customer numbers, KID, organisation and account numbers, meters."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from dialog.slots import checksums, national_id, options
from dialog.slots.corrections import mended, on_the_way, restarted, taken_back
from dialog.slots.currencies import money_of
from dialog.slots.digit_rows import Reading, Run, digit_runs, joined_readings, said_twice
from dialog.slots.slot_type import Parsed, SlotContext, SlotOptionsInvalid
from dialog.text import folded, words

UNSURE_COST = 1.0
"""From here on a reading is not how the words are usually meant, and is read back."""

MOST_COST = 4.0
"""Beyond this a reading fits by chance."""

SHORTEST_IN_PASSING = 5
"""Nobody says this many digits in a row without giving a number; four may be a year or a time."""

SHORTEST_PART = 3
"""Fewer digits beside other words are more often a count than the beginning of a number."""

MOST_ALTERNATIVES = 3
ONE_OF_SEVERAL, ALL_TOGETHER, ANEW, RESTARTED = 0.25, 0.5, 0.5, 1.0
"""What is added to the cost of a reading: of one of two rows, of both together, of the number anew, of a new start."""

_PHONE_CUE = re.compile(r"\b(?:telefon\w*|tlf|mobil\w*|ring(?:e|er|je)? (?:meg|oss)|phone|call me|телефон\w*)\b")
_DECIMALS = re.compile(r"(?<=\d)[.,]\d{1,2}(?![\d.,]*\d)")
_DATE_OR_TIME = re.compile(r"\b\d{1,2}[./]\s?\d{1,2}[./]\s?\d{2,4}\b|\b\d{4}-\d\d-\d\d\b|\b\d{1,2}:\d\d\b")


class _Candidate(NamedTuple):
    digits: str
    cost: float


@dataclass(frozen=True, slots=True)
class Digits:
    """A row of digits with a length, a pattern or check digits.

    Args:
        kind: its name in a flow file.
        shortest: fewest digits.
        longest: most digits.
        prefix: what stands before the digits in the value ("AB"); callers may say it or leave it out.
        pattern: what the whole value must match, or None.
        passes: its check digits, or None.
        mark: how it is read out (docs/spoken-forms.md).
        least: the smallest number it may be, or None.
        most: the largest number it may be, or None.
        whole_units: decimals in figures ("12345,6") are left out.
        cue: what names it right before its digits; behind it a short row counts in passing too. Or None.
    """

    kind: str = "digits"
    shortest: int = 1
    longest: int = options.LONGEST_DIGITS
    prefix: str = ""
    pattern: re.Pattern[str] | None = None
    passes: Callable[[str], bool] | None = None
    mark: str = "digits"
    least: int | None = None
    most: int | None = None
    whole_units: bool = False
    cue: re.Pattern[str] | None = None

    def fault_of(self, digits: str) -> str:
        """What is wrong with a row of digits, "" when nothing is."""
        if len(digits) < self.shortest:
            return "too_short"
        if len(digits) > self.longest:
            return "too_long"
        if self.pattern is not None and not self.pattern.fullmatch(self.prefix + digits):
            return "pattern"
        if self.passes is not None and not self.passes(digits):
            return "checksum"
        if self.passes is None and checksums.is_national_id(digits):
            return "national_id"
        below = self.least is not None and int(digits) < self.least
        return "range" if below or (self.most is not None and int(digits) > self.most) else ""

    def parse(self, said: str, context: SlotContext) -> Parsed:
        """The digits in a caller's words, joined to what is known so far."""
        if self.prefix:
            said = re.sub(rf"(?i)(?<!\w){re.escape(self.prefix)}[\s-]*(?=\d)", " ", said)
        if self.whole_units:
            said = _DECIMALS.sub("", said)
        found = self._heard(said, context)
        halves = on_the_way(said, context.language)
        if halves is None or found.fault == "national_id":
            return found
        before, after = halves
        first = self._heard(before, context)
        return self._taken_back(first, after, context) if first.value else found

    def _heard(self, said: str, context: SlotContext) -> Parsed:
        runs = _rows_of_a_number(said, context, self.cue)
        if not runs:
            return Parsed()
        spoken = words(said)
        partial = self._known(context)
        if self._refused(said, runs, partial):
            return Parsed(fault="national_id")
        pool = self._pool(said, runs, partial, context.language)
        fitting = [each for each in pool if each.cost < MOST_COST and not self.fault_of(each.digits)]
        if fitting:
            return self._chosen(fitting, runs, spoken, context)
        if not context.expected:
            return Parsed()
        return self._unfit(pool[0].digits, runs, " ".join(spoken[runs[0].start : runs[-1].end]))

    def keys(self, pressed: str, context: SlotContext) -> Parsed:
        """The digits typed; they are done with "#" or when there are as many as there can be. "*" begins anew."""
        done = pressed.endswith("#")
        typed = "".join(key for key in pressed.rpartition("*")[2] if key.isascii() and key.isdecimal())
        partial = self._known(context)
        if not typed:
            return Parsed()
        whole = [typed, partial + typed] if done and partial else [typed]
        if not done and len(typed) < self.longest:
            return Parsed(partial=self.prefix + typed)
        for digits in whole:
            if not self.fault_of(digits):
                return Parsed(value=self.prefix + digits)
        return Parsed(fault="national_id" if checksums.is_national_id(typed) else self.fault_of(typed))

    def correct(self, value: str, said: str, context: SlotContext) -> Parsed:
        """The value with the digits the caller mended."""
        if national_id.holds_national_id(said, context.language):
            return Parsed(fault="national_id")
        found = mended(value.removeprefix(self.prefix), said, context.language)
        fitting = tuple(self.prefix + digits for digits in found if not self.fault_of(digits))
        fitting = tuple(digits for digits in fitting if digits != value)
        if len(fitting) == 1:
            return Parsed(value=fitting[0], words=said, sure=False)
        if fitting:
            return Parsed(alternatives=fitting[:MOST_ALTERNATIVES], words=said, sure=False)
        return Parsed(fault=self.fault_of(found[0]), words=said) if found else Parsed()

    def listen(self, partial: str) -> tuple[str, int | None]:
        """Digits, as many as are missing."""
        if self.shortest != self.longest:
            return "digits", None
        return "digits", max(self.longest - len(partial.removeprefix(self.prefix)), 1)

    def read_back(self, value: str, language: str) -> str:
        """The value with its mark."""
        return f"{{{value}|{self.mark}}}"

    def _known(self, context: SlotContext) -> str:
        """The digits known so far."""
        partial = context.partial.removeprefix(self.prefix)
        return partial if partial.isascii() and partial.isdecimal() else ""

    def _refused(self, said: str, runs: Sequence[Run], partial: str) -> bool:
        """A national identity number: labelled, or looking like one and like nothing that was asked for."""
        text = folded(said)
        if any(national_id.is_labelled(run, text) for run in runs):
            return True
        together = joined_readings(runs)
        rows = [
            together,
            *(run.readings for run in runs),
            tuple(Reading(each, 0.0) for run in runs for each in run.figures),
        ]
        if partial:
            rows.append(tuple(Reading(partial + each.digits, each.cost) for each in together))
        return any(national_id.looks_like_it(row) and not self._fits_by_checksum(row) for row in rows)

    def _fits_by_checksum(self, readings: Sequence[Reading]) -> bool:
        return self.passes is not None and any(
            not self.fault_of(reading.digits) for reading in readings if reading.cost < UNSURE_COST
        )

    def _taken_back(self, first: Parsed, after: str, context: SlotContext) -> Parsed:
        """ "402713, nei, en fire på slutten": whole at first, and taken back in part."""
        found = taken_back(first.value.removeprefix(self.prefix), after, context.language)
        fitting = [self.prefix + digits for digits in found if not self.fault_of(digits)]
        return replace(first, value=fitting[0] if fitting else first.value, sure=False)

    def _pool(self, said: str, runs: Sequence[Run], partial: str, language: str) -> list[_Candidate]:
        """Every row of digits the caller may have meant, the likeliest first."""
        together = joined_readings(runs)
        several = ONE_OF_SEVERAL if len(runs) > 1 else 0.0
        pool = []
        if partial:
            pool += [_Candidate(partial + each.digits, each.cost) for each in together]
        anew = ANEW if partial else 0.0
        pool += [_Candidate(each.digits, each.cost + several + anew) for run in runs for each in run.readings]
        if len(runs) > 1:
            pool += [_Candidate(each.digits, each.cost + ALL_TOGETHER + anew) for each in together]
        pool += [
            _Candidate(half, each.cost + ONE_OF_SEVERAL + anew)
            for each in together
            if (half := said_twice(each.digits))
        ]
        if self.shortest == self.longest:
            whole = [figure for run in runs for figure in run.figures if len(figure) == self.longest]
            pool += [_Candidate(figure, ONE_OF_SEVERAL + anew) for figure in whole]
            pool += [_Candidate(digits, RESTARTED) for digits in restarted(said, language, self.longest)]
        return sorted(pool, key=lambda each: each.cost)

    def _chosen(
        self, fitting: Sequence[_Candidate], runs: Sequence[Run], said: Sequence[str], context: SlotContext
    ) -> Parsed:
        best = fitting[0]
        whole = [run for run in runs if any(each.digits == best.digits for each in run.readings)] or runs
        spoken = " ".join(said[whole[0].start : whole[-1].end])
        equal = tuple(dict.fromkeys(self.prefix + each.digits for each in fitting if each.cost == best.cost))
        if not context.expected and (len(equal) > 1 or best.cost >= UNSURE_COST):
            return Parsed()
        if len(equal) > 1:
            return Parsed(alternatives=equal[:MOST_ALTERNATIVES], words=spoken, sure=False)
        sure = best.cost < UNSURE_COST and not checksums.is_national_id(best.digits)
        return Parsed(value=equal[0], words=spoken, sure=sure)

    def _unfit(self, digits: str, runs: Sequence[Run], spoken: str) -> Parsed:
        said_digits = sum(len(run.readings[0].digits) for run in runs)
        if runs[0].other_words > said_digits + (1 if said_digits < SHORTEST_PART else 2):
            return Parsed()  # "jeg har bestilt to pakker": a sentence with a number in it, not a part of one
        fault = self.fault_of(digits)
        if fault == "too_short":
            return Parsed(partial=self.prefix + digits, words=spoken)
        return Parsed(fault=fault, words=spoken)


def _rows_of_a_number(said: str, context: SlotContext, cue: re.Pattern[str] | None) -> tuple[Run, ...]:
    """Rows of digits that may be the number: no amounts, and in passing no dates, times or phones either."""
    text = folded(said)
    runs = tuple(run for run in digit_runs(said, context.language) if money_of(text[run.ends_at :], "") is None)
    if context.expected:
        return runs
    named = tuple(run for run in runs if cue is not None and cue.search(text[: run.starts_at]))
    if named or _PHONE_CUE.search(text):
        return named
    return tuple(
        run
        for run in runs
        if len(run.readings[0].digits) >= SHORTEST_IN_PASSING
        and not _DATE_OR_TIME.search(text[run.starts_at : run.ends_at])
    )


def digits(given: Mapping[str, object]) -> Digits:
    """Type "digits": `length`, or `min_length` and `max_length`; `pattern`; `prefix`. Raises SlotOptionsInvalid."""
    shortest, longest = lengths(given, 1, options.LONGEST_DIGITS)
    prefix = options.word(given, "prefix")
    mark = "id" if prefix else "digits"
    return Digits("digits", shortest, longest, prefix, options.pattern(given, "pattern"), mark=mark)


def kid(given: Mapping[str, object]) -> Digits:
    """Type "kid", by mod 10 or mod 11, or by the one that `modulus` names. Raises SlotOptionsInvalid."""
    shortest, longest = lengths(given, 4, 25)
    modulus = options.whole(given, "modulus", 10, 11)
    rules = {None: checksums.is_kid, 10: checksums.passes_mod10, 11: checksums.passes_mod11}
    prefix = options.word(given, "prefix")
    if prefix and not (prefix.isascii() and prefix.isdecimal()):
        raise SlotOptionsInvalid(f"prefix: {prefix} is not made of digits, as a KID is", 'write prefix: "123"')
    pattern = re.compile(rf"{prefix}\d*") if prefix else None
    return Digits("kid", shortest, longest, pattern=pattern, passes=rules[modulus], mark="kid")


def organisation(given: Mapping[str, object]) -> Digits:
    """Type "orgnr": nine digits, mod 11."""
    return Digits("orgnr", 9, 9, passes=checksums.is_organisation, mark="orgnr")


def account(given: Mapping[str, object]) -> Digits:
    """Type "account": eleven digits, mod 11."""
    return Digits("account", 11, 11, passes=checksums.is_account, mark="account")


def meter_reading(given: Mapping[str, object]) -> Digits:
    """Type "meter_reading": `length`, or `min_length` and `max_length`; `min` (the last reading) and `max`."""
    shortest, longest = lengths(given, 1, 9)
    least, most = options.decimal(given, "min"), options.decimal(given, "max")
    if least is not None and most is not None and least > most:
        raise SlotOptionsInvalid("min is greater than max", "exchange them")
    return Digits(
        "meter_reading",
        shortest,
        longest,
        mark="digits",
        least=None if least is None else int(least),
        most=None if most is None else int(most),
        whole_units=True,
    )


def lengths(given: Mapping[str, object], shortest: int, longest: int) -> tuple[int, int]:
    """Fewest and most digits by `length`, `min_length` and `max_length`; raises SlotOptionsInvalid."""
    length = options.whole(given, "length")
    if length is not None:
        if "min_length" in given or "max_length" in given:
            raise SlotOptionsInvalid("length stands beside min_length or max_length", "keep one of them")
        return length, length
    shortest = options.whole(given, "min_length") or shortest
    longest = options.whole(given, "max_length") or max(longest, shortest)
    if shortest > longest:
        raise SlotOptionsInvalid("min_length is greater than max_length", "exchange them")
    return shortest, longest
