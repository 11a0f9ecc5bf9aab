import pytest

from speech.choice_match import fitting, is_worth_asking
from speech.whisper import Decoding

COUNTRIES = ("Norge", "Polen", "Kroatia")


def decoding(text: str, logprob: float = -1.0, seconds: float = 1.2) -> Decoding:
    return Decoding(text, logprob, 0.1, 4, False, seconds, "hybrid")


@pytest.mark.parametrize(
    ("heard", "choices", "worth"),
    [
        (decoding("Kvartje."), COUNTRIES, True),
        (decoding("Jeg tar Polen, takk."), COUNTRIES, False),
        (decoding("Kvartje.", logprob=-0.3), COUNTRIES, False),
        (decoding("Jeg vil snakke med et menneske om regningen min.", seconds=3.0), COUNTRIES, False),
        (decoding("Kvartje."), (), False),
        (decoding("Kvartje."), ("Polen",), False),
        (decoding("Kvartje."), tuple(map(str, range(9))), False),
        (decoding("Polenta"), COUNTRIES, True),
        (decoding(""), ("...", "?"), True),
    ],
)
def test_only_short_doubtful_texts_that_are_no_answer_are_held_against_the_answers(
    heard: Decoding, choices: tuple[str, ...], worth: bool
) -> None:
    assert is_worth_asking(heard, choices) is worth


@pytest.mark.parametrize(
    ("likelihoods", "answer"),
    [
        ((-9.0, -8.0, -1.5), "Kroatia"),
        ((-9.0, -8.0, -3.5), None),
        ((-9.0, -2.5, -1.5), None),
        ((-2.0, -7.0, -7.0), "Norge"),
    ],
)
def test_an_answer_must_fit_and_lead(likelihoods: tuple[float, ...], answer: str | None) -> None:
    assert fitting(COUNTRIES, likelihoods) == answer
