"""Searching: what is found, what is kept on disk, and what speech errors may do."""

from pathlib import Path

import numpy as np
import pytest

from dialog import Bot, Engine
from dialog.embedding import DIMENSIONS, Embedder
from dialog.events import CallerSaid
from dialog.knowledge import Knowledge
from dialog.lexical import CharacterIndex, StemIndex, one_norwegian
from dialog.text import words
from tests.dialog.conftest import TUESDAY_MORNING


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    """The real one: its weights come with the package."""
    return Embedder()


@pytest.fixture(scope="module")
def knowledge(bot: Bot, embedder: Embedder, embeddings: Path) -> Knowledge:
    """Lysverket's articles."""
    return Knowledge(bot.articles, ["Hvordan blir været?", "Tell me a joke."], embedder, embeddings)


@pytest.mark.parametrize(
    ("text", "article"),
    [
        ("når kommer lampen min", "delivery"),
        ("nor komer lampn min", "delivery"),
        ("Når har dere åpent", "hours"),
        ("what are your opening ours", "hours"),
        ("kor mykje kostar frakta", "delivery-price"),
        ("lyspære", "bulbs"),
        ("яка лампочка підходить", "bulbs"),
    ],
)
def test_the_right_article_is_first_even_with_words_misheard(knowledge: Knowledge, text: str, article: str):
    best = knowledge.rank(words(text)).best
    assert best is not None
    assert best.article == article


def test_scores_are_between_nothing_and_one_and_ordered_by_nearness(knowledge: Knowledge):
    ranked = knowledge.rank(words("hvor mye koster det å få levert lampen"))
    assert len(ranked.candidates) == 3
    assert all(0 <= candidate.score <= 1 for candidate in ranked.candidates)
    combined = [candidate.combined for candidate in ranked.candidates]
    assert combined == sorted(combined, reverse=True)
    assert ranked.margin == pytest.approx(combined[0] - combined[1])


def test_nothing_asked_and_nothing_known_find_nothing(knowledge: Knowledge, embedder: Embedder):
    assert knowledge.rank(()).best is None
    assert Knowledge((), ["Hei."], embedder, None).rank(("hei",)).best is None


def test_a_bot_of_one_article_can_still_say_that_it_does_not_know(bot: Bot, embedder: Embedder, embeddings: Path):
    background = ["Hvordan blir været i morgen?", "Play some music.", "Hva er hovedstaden i Frankrike?"]
    lone = Knowledge(bot.articles[:1], background, embedder, embeddings)
    near, far = lone.rank(words("lampen min er knust")).best, lone.rank(words("who won the match")).best
    assert near is not None
    assert far is not None
    assert near.score > 0.5 > 0.25 > far.score


def test_embeddings_are_kept_per_text_and_made_again_when_broken(embedder: Embedder, tmp_path: Path):
    first = embedder.cached(["hei", "hallo"], ["Vi har åpent."], tmp_path)
    assert first.shape == (3, DIMENSIONS)
    assert np.array_equal(embedder.cached(["hei", "hallo"], ["Vi har åpent."], tmp_path), first)
    (file,) = tmp_path.glob("*.npz")
    calls: list[list[str]] = []

    class Counting(Embedder):
        def queries(self, texts: list[str]) -> np.ndarray:
            calls.append(texts)
            return super().queries(texts)

    Counting().cached(["hei", "nytt"], ["Vi har åpent."], tmp_path)
    assert calls == [["nytt"]]
    for path in tmp_path.glob("*.npz"):
        path.write_bytes(b"PK\x03\x04 not a zip")
    assert np.array_equal(embedder.cached(["hei", "hallo"], ["Vi har åpent."], tmp_path), first)
    assert file.stat().st_size > 100
    assert not list(tmp_path.glob("part-*"))


def test_a_very_long_utterance_costs_no_more_than_its_end(embedder: Embedder):
    end = "og derfor lurer jeg på når lampen min kommer " * 6
    assert np.array_equal(embedder.query("bla " * 3000 + end), embedder.query("annet " * 500 + end))


def test_nynorsk_becomes_bokmaal_only_when_it_is_nynorsk():
    assert one_norwegian(words("kor mykje kostar det no")) == ("hvor", "mye", "koster", "det", "nå")
    assert one_norwegian(words("no delivery yet")) == ("no", "delivery", "yet")


def test_stems_know_how_much_of_a_question_they_know():
    index = StemIndex("no", [words("frakten koster lite"), words("lampen er ødelagt")])
    scores, known = index.scores(words("hva koster frakt"))
    assert scores[0] > scores[1] == 0
    assert known[0] == pytest.approx(1.0)
    assert index.scores(words("ost og vin"))[1].tolist() == [0.0, 0.0]


def test_letters_forgive_a_misspelling():
    index = CharacterIndex(["åpningstider", "betaling med kort"])
    scores = index.scores("opningstidr")
    assert scores[0] > 0.3 > scores[1]


def test_answers_do_not_depend_on_case_or_punctuation(engine: Engine):
    state = engine.new_state()
    replies = [
        engine.respond(state, CallerSaid(text), TUESDAY_MORNING)[1]
        for text in ("Når kommer lampen min?", "når kommer lampen min", "NÅR KOMMER LAMPEN MIN!!")
    ]
    assert len({reply.decision.article for reply in replies}) == 1
    assert len({reply.decision.score for reply in replies}) == 1
