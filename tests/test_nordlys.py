"""The example company: its texts are whole, agree with one another, and are found by the words of callers."""

import re
from datetime import date
from pathlib import Path

import pytest

from dialog.bot import Article, Bot
from dialog.folder import check_bot, load_bot
from speech.spoken_forms import spell_out
from telephony.simulator.script import load_script

NORDLYS = Path(__file__).parent.parent / "bots" / "nordlys"
CALLS = sorted((NORDLYS / "calls").glob("*.yaml"))
TODAY = date(2026, 11, 23)
KINDS = {"phone", "nok", "id", "date", "time", "email", "url"}
MARK = re.compile(r"\{([^{}|]*)\|([^{}|]*)\}")


@pytest.fixture(scope="module")
def bot() -> Bot:
    """Nordlys, as a call meets it."""
    return load_bot(NORDLYS, TODAY)


def answers(bot: Bot) -> list[tuple[Article, str, str]]:
    """(article, language, answer) of everything the bot can quote."""
    return [(article, language, text) for article in bot.articles for language, text in article.answers.items()]


def test_the_folder_has_no_fault_and_no_warning():
    assert check_bot(NORDLYS, TODAY) == ()


def test_it_answers_what_a_service_desk_is_asked(bot: Bot):
    answered = {language: sum(language in article.answers for article in bot.articles) for language in bot.languages}
    assert answered["nb"] == answered["en"] == len(bot.articles) >= 28
    assert answered["nn"] >= 10
    assert answered["uk"] >= 10


def test_an_article_has_title_and_questions_in_each_language_it_answers_in(bot: Bot):
    for article in bot.articles:
        assert set(article.titles) == set(article.questions) == set(article.answers), article.id
        assert all(len(questions) >= 3 for questions in article.questions.values()), article.id


def test_an_answer_is_short_enough_to_listen_to(bot: Bot):
    for article, language, text in answers(bot):
        assert len(spell_out(text, language).split()) <= 60, (article.id, language)


def test_every_marked_value_is_of_a_known_kind(bot: Bot):
    for article, language, text in answers(bot):
        assert {kind for _, kind in MARK.findall(text)} <= KINDS, (article.id, language)
        assert not re.search(r"[{}|\d]", MARK.sub("", text)), (article.id, language)


def test_an_article_says_the_same_values_in_every_language(bot: Bot):
    for article in bot.articles:
        by_language = {language: set(MARK.findall(text)) for language, text in article.answers.items()}
        assert len({frozenset(values) for values in by_language.values()}) == 1, (article.id, by_language)


def test_no_mark_reaches_the_voice(bot: Bot):
    for article, language, text in answers(bot):
        assert not re.search(r"[{}|@\d]", spell_out(text, language)), (article.id, language)


def test_owners_are_departments(bot: Bot):
    departments = {department.id for department in bot.departments}
    assert {article.owner for article in bot.articles} <= departments


def test_every_department_has_a_number_that_belongs_to_nobody(bot: Bot):
    """Ofcom keeps 020 7946 0000 to 0999 free for drama, so no test and no demonstration rings anybody."""
    for department in bot.departments:
        for number in (department.number, department.out_of_hours or department.number):
            assert re.fullmatch(r"\+442079460\d{3}", number), department.id
        assert set(department.names) == set(bot.languages), department.id


@pytest.mark.parametrize("path", CALLS, ids=lambda path: path.stem)
def test_a_call_expects_what_the_bot_has(bot: Bot, path: Path):
    script = load_script(path)
    departments = {department.id for department in bot.departments}
    assert script.language in bot.languages
    for turn in script.turns:
        if turn.expect.article:
            assert script.language in bot.article(turn.expect.article).answers, turn
        assert turn.expect.transfer is None or turn.expect.transfer in departments, turn


def test_the_demonstration_asks_six_things_interrupts_and_is_told_once_that_the_bot_does_not_know():
    turns = load_script(NORDLYS / "calls" / "demo-en.yaml").turns
    assert len({turn.expect.article for turn in turns} - {None}) >= 6
    assert {"repeat", "dont_know", "goodbye"} <= {turn.expect.rule for turn in turns}
    assert any(isinstance(turn.after, float) for turn in turns)
