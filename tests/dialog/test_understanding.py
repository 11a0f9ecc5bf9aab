"""What a caller means: found among articles and flows, sure of the right, unsure of the strange."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialog import Bot, Engine
from dialog.embedding import Embedder
from dialog.events import CallerSaid
from dialog.flows.flow import Flow
from dialog.text import words
from dialog.understanding import Understanding
from tests.dialog.conftest import TUESDAY_MORNING

STRANGE = ("hvem vant kampen i går kveld", "set a timer for ten minutes", "яка столиця франції", "hunden min er syk")


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    """The real one: its weights come with the package."""
    return Embedder()


@pytest.fixture(scope="module")
def understanding(bot: Bot, embedder: Embedder, embeddings: Path) -> Understanding:
    """Lysverket's articles."""
    return Understanding(bot, embedder, embeddings)


def wanted(understanding: Understanding, text: str) -> str:
    """The flow or article that comes first."""
    best = understanding.rank(words(text)).best
    assert best is not None
    return best.flow or best.article


@pytest.mark.parametrize(
    ("text", "article"),
    [
        ("når kommer lampen min", "delivery"),
        ("nor komer pakken min", "delivery"),
        ("når kommer eh når kommer lampen lampen min", "delivery"),
        ("Når har dere åpent", "hours"),
        ("what are your opening ours", "hours"),
        ("kor mykje kostar frakta", "delivery-price"),
        ("ka koste det å få sendt lampa", "delivery-price"),
        ("lyspære", "bulbs"),
        ("яка лампочка підходить", "bulbs"),
    ],
)
def test_the_right_article_is_first_even_with_words_misheard(understanding: Understanding, text: str, article: str):
    assert wanted(understanding, text) == article


def test_scores_are_between_nothing_and_one_and_never_rise_with_the_rank(understanding: Understanding):
    ranked = understanding.rank(words("hvor mye koster det å få levert lampen"))
    scores = [candidate.score for candidate in ranked.candidates]
    assert len(scores) == 3
    assert 1 >= scores[0] > 0.5
    assert scores == sorted(scores, reverse=True)
    assert 0 <= ranked.margin <= 5


@pytest.mark.parametrize("text", STRANGE)
def test_a_stranger_is_not_believed(understanding: Understanding, text: str):
    best = understanding.rank(words(text)).best
    assert best is not None
    assert best.score < 0.25


def test_nothing_asked_and_nothing_known_find_nothing(understanding: Understanding, bot: Bot, embedder: Embedder):
    assert understanding.rank(()).best is None
    assert Understanding(replace(bot, articles=(), flows=()), embedder, None).rank(("hei",)).best is None


def test_a_bot_of_one_article_can_still_say_that_it_does_not_know(bot: Bot, embedder: Embedder, embeddings: Path):
    lone = Understanding(replace(bot, articles=bot.articles[:1]), embedder, embeddings)
    near, far = lone.rank(words("lampen min er knust")).best, lone.rank(words("who won the match")).best
    assert near is not None
    assert far is not None
    assert near.score > 0.5 > 0.3 > far.score


def flow(articles: tuple[str, ...] = (), **starts: tuple[str, ...]) -> Flow:
    """A flow that only starts."""
    return Flow("visit", {"nb": "besøk av en elektriker"}, starts, {}, (), articles)


def test_a_flow_is_found_by_its_starts_among_the_articles(bot: Bot, embedder: Embedder, embeddings: Path):
    visit = flow(nb=("Jeg vil bestille en elektriker", "Kan noen komme og montere?", "Jeg trenger en montør"))
    both = Understanding(replace(bot, flows=(visit,)), embedder, embeddings)
    assert wanted(both, "kan jeg bestille en montør") == "visit"
    assert wanted(both, "når kommer lampen min") == "delivery"


def test_a_flow_answers_for_the_articles_whose_place_it_takes(bot: Bot, embedder: Embedder, embeddings: Path):
    instead = Understanding(replace(bot, flows=(flow(("delivery",)),)), embedder, embeddings)
    assert wanted(instead, "når kommer lampen min") == "visit"
    assert "delivery" not in [one.article for one in instead.rank(words("når kommer lampen min")).candidates]


def test_a_flow_that_only_others_call_is_never_meant(bot: Bot, embedder: Embedder, embeddings: Path):
    called = Understanding(replace(bot, flows=(flow(),)), embedder, embeddings)
    ranked = called.rank(words("besøk av en elektriker"))
    assert not any(candidate.flow for candidate in ranked.candidates)


def test_numbers_say_nothing_of_the_topic(understanding: Understanding):
    plain = understanding.rank(words("når kommer ordren min"))
    assert understanding.rank(words("når kommer ordren min 402713")) == plain
    assert understanding.rank(words("når kommer ordren min fire null to sju en tre")) == plain


def test_answers_do_not_depend_on_case_or_punctuation(engine: Engine):
    state = engine.new_state()
    replies = [
        engine.respond(state, CallerSaid(text), TUESDAY_MORNING)[1]
        for text in ("Når kommer lampen min?", "når kommer lampen min", "NÅR KOMMER LAMPEN MIN!!")
    ]
    assert len({reply.decision.article for reply in replies}) == 1
    assert len({reply.decision.score for reply in replies}) == 1


@given(st.lists(st.text(max_size=12), max_size=12))
def test_any_words_are_ranked(understanding: Understanding, said: list[str]):
    ranked = understanding.rank(said)
    assert all(0 <= candidate.score <= 1 for candidate in ranked.candidates)
