import pytest
from hypothesis import given
from hypothesis import strategies as st

from speech.endpointing import EXPECTATIONS, EndpointSettings, Expectation, PauseSoFar, patience

SETTINGS = EndpointSettings()
REASONS = {"slot", "text", "model", "silence"}


def ms(kind: str, text: str | None, length: int | None = None, probability: float | None = None) -> float:
    expectation = Expectation(kind, length, ("faktura", "levering"))
    return patience(SETTINGS, expectation, PauseSoFar(text, probability)).ms


@pytest.mark.parametrize(
    ("kind", "length", "text", "expected", "reason"),
    [
        ("open", None, None, 640, "silence"),
        ("open", None, "", 900, "silence"),
        ("open", None, "I want to return a pair of shoes.", 512, "silence"),
        ("open", None, "Where is my parcel?", 384, "text"),
        ("open", None, "I want to know where my", 1200, "text"),
        ("open", None, "Bestillingsnummeret mitt er", 1200, "text"),
        ("open", None, "Jeg lurer på om...", 1200, "text"),
        ("yes_no", None, None, 640, "silence"),
        ("yes_no", None, "Well, maybe.", 448, "silence"),
        ("yes_no", None, "Ja, gjerne.", 224, "slot"),
        ("yes_no", None, "Nei, men", 1200, "text"),
        ("choice", None, "Something else.", 448, "silence"),
        ("choice", None, "The second", 224, "slot"),
        ("choice", None, "Faktura.", 224, "slot"),
        ("digits", 6, None, 1500, "silence"),
        ("digits", None, None, 1200, "silence"),
        ("digits", None, "4 7", 1200, "slot"),
        ("digits", 6, "", 1500, "slot"),
        ("digits", 6, "Takk!", 1500, "slot"),
        ("digits", 6, "4 7 1", 1500, "slot"),
        ("digits", 6, "fire sju 1", 1500, "slot"),
        ("digits", 6, "471 205", 224, "slot"),
        ("digits", 6, "fire sju en tjue fem 5", 224, "slot"),
        ("digits", 6, "4712059", 900, "slot"),
        ("digits", 6, "Jeg har ikke nummeret her.", 512, "silence"),
        ("digits", 6, "Hvor finner jeg nummeret mitt?", 384, "text"),
        ("digits", 4, "8,000", 1500, "slot"),
        ("letters", 6, "A B 4 7", 1500, "slot"),
        ("letters", 6, "AB 4712", 224, "slot"),
        ("letters", 4, "A for Alfa, B for Bravo, fire, sju", 224, "slot"),
        ("date", None, "den tredje", 1200, "slot"),
        ("date", None, "3. mai", 640, "slot"),
        ("date", None, "the third of May 1985", 224, "slot"),
        ("date", None, "i morgen", 224, "slot"),
        ("date", None, "Det vet jeg ikke.", 512, "silence"),
    ],
)
def test_how_long_to_wait(kind: str, length: int | None, text: str | None, expected: int, reason: str) -> None:
    expectation = Expectation(kind, length, ("faktura", "levering"))
    found = patience(SETTINGS, expectation, PauseSoFar(text))
    assert (found.ms, found.reason) == (expected, reason)


def test_the_voice_counts_where_the_words_leave_it_open() -> None:
    text = "I want to return a pair of shoes."
    assert [ms("open", text, probability=p) for p in (0.99, 0.95, 0.7, 0.2)] == [320, 576, 768, 768]
    question = "Where is my parcel?"
    assert [ms("open", question, probability=p) for p in (0.99, 0.95, 0.7, 0.2)] == [224, 256, 544, 768]
    assert ms("open", "I want to return my", probability=0.99) == 1200, "the words sound unfinished"
    assert ms("open", None, probability=0.99) == 640, "without words nothing can be answered"
    assert ms("digits", "4 7 1", 6, probability=0.99) == 1500, "the voice knows nothing of digit strings"
    assert ms("choice", "Faktura.", probability=0.1) == 224
    assert [ms("choice", "Hmm.", probability=p) for p in (0.99, 0.1)] == [320, 448], "short answers sound unfinished"


def test_what_the_dialog_understands_ends_sooner_unless_it_sounds_unfinished() -> None:
    def wait(kind: str, text: str, length: int | None = None) -> tuple[float, str]:
        found = patience(SETTINGS, Expectation(kind, length), PauseSoFar(text, 0.2, understood=True))
        return found.ms, found.reason

    assert wait("open", "I want to return a pair of shoes.") == (256, "dialog")
    assert wait("open", "I want to return my") == (1200, "text")
    assert wait("digits", "4 7 1", 6) == (1500, "slot"), "the number is what was asked for"


def test_what_false_ends_taught_is_added_up_to_the_longest_wait() -> None:
    pause = PauseSoFar("Where is my parcel?")
    assert patience(SETTINGS, Expectation(), pause, extra_ms=150).ms == 534
    assert patience(SETTINGS, Expectation("digits", 6), PauseSoFar("4"), extra_ms=900).ms == SETTINGS.longest_ms


def test_an_unknown_expectation_is_refused() -> None:
    with pytest.raises(ValueError, match="smell"):
        Expectation("smell")


@given(
    kind=st.sampled_from(EXPECTATIONS),
    length=st.none() | st.integers(0, 12),
    text=st.none()
    | st.text()
    | st.lists(st.sampled_from("ja 4 7 to mai 3. og my number is ? ...".split())).map(" ".join),
    probability=st.none() | st.floats(0, 1),
    extra_ms=st.floats(0, 1000),
)
def test_every_wait_has_an_end_and_a_reason(
    kind: str, length: int | None, text: str | None, probability: float | None, extra_ms: float
) -> None:
    found = patience(SETTINGS, Expectation(kind, length, ("ja",)), PauseSoFar(text, probability), extra_ms)
    assert SETTINGS.answered_ms <= found.ms <= SETTINGS.longest_ms
    assert found.reason in REASONS
