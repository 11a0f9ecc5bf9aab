"""What holds for every text and every number."""

import random
import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from benchmarks.redaction import TARGET_PRECISION, TARGET_RECALL, made_up
from benchmarks.redaction_values import DIGITS, HELD_OUT_WAYS, WAYS
from dialog.redaction import Known, redact
from dialog.redaction.found import LABELS
from dialog.redaction.places import is_iban

LANGUAGES = ("nb", "nn", "en", "uk")
PIECES = (
    "92243711 92 24 ni to fire null en 1990 21.05.90 10.30 0155 Oslo kroner kr ordrenummer telefon konto kid kort kode "
    "kari krøllalfa gmail punktum com at dot a@b.no Kari heter jeg født mai storgata 5b vulitsja вулиця Хрещатик п'ять "
    "og så eh , . - + {92243711|phone} [telefonnummer] […] million tusen dobbel ½ é ́ İ ﬁ ２ \ue000 passordet er"
).split()

KNOWN = Known(("Kari Nordmann",), (("phone", "+4792243711"), ("email", "a@b.no")), ("40271311",))
languages = st.sampled_from(LANGUAGES)
texts = st.lists(st.sampled_from(PIECES), max_size=14).map(" ".join) | st.text(max_size=40)


@given(texts, languages, st.sampled_from((Known(), KNOWN)))
def test_redacting_twice_is_redacting_once_and_the_rest_stays_as_it_is(text, language, known):
    once = redact(text, language, known)
    assert redact(once.text, language, known).text == once.text
    assert len(once.text) <= 2 * len(text)
    position, rest = 0, once.text
    for found in once.found:
        assert position <= found.start < found.end <= len(text)
        kept = text[position : found.start]
        assert rest.startswith(kept)
        rest = re.sub(r"^(?:\[[^\]]+\]|…)", "", rest[len(kept) :], count=1)
        position = found.end
    assert rest == text[position:]


@given(
    st.integers(0, 10**9),
    languages,
    st.sampled_from(("national_id", "account", "card", "phone")),
    st.sampled_from(sorted({**WAYS, **HELD_OUT_WAYS}.items())),
)
def test_no_number_with_a_check_digit_and_no_phone_number_is_kept_whichever_way_it_is_said(seed, language, kind, way):
    chance = random.Random(seed)
    assume((way[0], kind) != ("recognised", "phone"))  # "2015-3020" may be a range, "92-24 37-11" times
    said = way[1](DIGITS[kind](language, chance), language, chance)
    assert redact(f"ja, {said}.", language).text in {f"ja, {label}." for label in LABELS[language].values()}


@pytest.mark.parametrize("held_out", [False, True])
def test_made_up_sentences_reach_the_targets(held_out):
    wanted = found = true = false = 0
    for case in made_up(12, held_out, seed=11):
        spans = redact(case.text, case.language).found
        cut = {index for span in spans for index in range(span.start, span.end)}
        hits = [span for span in spans if case.kind and span.start < case.end and span.end > case.start]
        true, false = true + len(hits), false + len(spans) - len(hits)
        if case.kind:
            wanted += 1
            found += all(at in cut for at in range(case.start, case.end) if case.text[at].isalnum())
    assert found / wanted >= TARGET_RECALL
    assert true / (true + false) >= TARGET_PRECISION


@given(st.text("0123456789", min_size=11, max_size=11))
def test_an_iban_is_one_by_its_check_digits_alone(account):
    rest = int(account + "232400") % 97  # "NO00" behind the account, letters as numbers from ten on
    assert [check for check in range(2, 99) if is_iban(f"NO{check:02} {account}")] == [98 - rest]
