"""The example company: its texts are whole, agree with one another, and are found by the words of callers.

Its conversations stand in bots/nordlys/tests and are run here too; what it looks up is in test_nordlys_actions.py.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from dialog.bot import Article, Bot
from dialog.commands import AskCallback, AskOwnData
from dialog.engine import Engine
from dialog.errors import Fault
from dialog.events import CallBegan, CallerSaid, Decision, HandOff, HangUp, Reply
from dialog.flows.flow import Confirm, Flow, Say, every_step
from dialog.folder import check_bot, load_bot
from dialog.phrases import built_in_phrases
from dialog.producers import by_open_question, by_rules
from dialog.scripts import read_scripts
from dialog.state import AnythingElse
from speech.spoken_forms import spell_out
from telephony.simulator.script import Script, Sentence
from telephony.simulator.script_reader import load_script
from voicebot.acting import Acting
from voicebot.script_runner import ScriptRunner

NORDLYS = Path(__file__).parent.parent / "bots" / "nordlys"
SPOKEN = {path: path.read_text("utf-8") for path in sorted((NORDLYS / "calls").glob("*.yaml"))}
CALLS = [path for path, text in SPOKEN.items() if "press_code" not in text and "people:" not in text]
"""Calls of words alone: a text message is needed in a call of `tests.calls`, and people take a caller there as well."""

CONVERSATIONS = sorted((NORDLYS / "tests").glob("*.yaml"))
TODAY = date(2026, 11, 23)
KINDS = {"account", "phone", "nok", "id", "date", "day", "time", "email", "url", "postcode", "kid", "number"}
MONDAY_MORNING = datetime(2026, 11, 23, 10, 0, tzinfo=ZoneInfo("Europe/Oslo"))
FOLDS = 5
MARK = re.compile(r"\{([^{}|]*)\|([^{}|]*)\}")
PLACE = re.compile(r"\{[^{}]*\}")


NOT_FOR_NORDLYS = {
    # Near enough to the articles to tempt, and not answered by any of them.
    "nb": [
        "Kan jeg selge strøm fra solcellepanelene mine?",
        "Installerer dere varmepumper?",
        "Har dere bredbånd og fiber?",
        "Kan dere hente det gamle kjøleskapet mitt?",
        "Hva heter sjefen deres?",
        "Kan dere montere lampen hjemme hos meg?",
        "Kan jeg leie en tilhenger hos dere?",
        "Sponser dere fotballaget vårt?",
        "Hvor kan jeg lade elbilen min?",
        "Hvordan kobler jeg opp den nye ruteren?",
        "Hvilken panelovn passer best til badet?",
        "Reparerer dere sykler?",
        "Kan dere sende en elektriker?",
        "Hvor mye strøm bruker en varmtvannstank?",
        "Kan dere stemme pianoet mitt?",
        "Kan jeg få et lån hos dere?",
        "Har dere kurs i matlaging?",
        "Vasker dere hus også?",
        "Hvilken buss går til dere?",
        "Hvilket nummer har bussen til sentrum?",
        "Selger dere billetter til kampen?",
        "Kan jeg få fyrt opp i peisen?",
        "Har dere ledig bord i kveld?",
        "Har du sett nordlyset i kveld?",
        "Kan jeg leie bil av dere?",
    ],
    "en": [
        "Can I sell power from my solar panels?",
        "Do you install heat pumps?",
        "Do you offer internet and broadband?",
        "Can you pick up my old fridge?",
        "What is the name of your boss?",
        "Can you install the lamp in my home?",
        "Can I rent a trailer from you?",
        "Do you sponsor football teams?",
        "Where can I charge my electric car?",
        "How do I connect my new router?",
        "Which heater is best for a bathroom?",
        "Do you repair bicycles?",
        "Can you send an electrician?",
        "Do you clean houses?",
        "What time is the bus to the shop?",
        "Can you deliver a pizza?",
        "How do I repair a broken lamp?",
        "What is my bank balance?",
        "Do you have a table for two tonight?",
        "How much power does a water heater use?",
        "Can you tune my piano?",
        "Can you give me a loan?",
        "Do you offer cooking classes?",
        "How do I fix my washing machine?",
        "Will we see northern lights tonight?",
        "Can I park outside your office?",
    ],
}


@pytest.fixture(scope="module")
def bot() -> Bot:
    """Nordlys, as a call meets it."""
    return load_bot(NORDLYS, TODAY)


@pytest.fixture(scope="module")
def vectors(request: pytest.FixtureRequest) -> Path:
    """Where embeddings are kept from run to run."""
    return request.config.cache.mkdir("embeddings")


@pytest.fixture(scope="module")
def engine(bot: Bot, vectors: Path) -> Engine:
    """The mind of Nordlys."""
    return Engine(bot, vectors)


@pytest.fixture
def acting(bot: Bot) -> Iterator[Acting]:
    """What Nordlys looks up and does."""
    doing = Acting(bot.actions)
    yield doing
    doing.close()


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


def flow_texts(flow: Flow) -> list[Mapping[str, str]]:
    """Everything that a flow says, each text in all its languages; a slot's second questions are one text each."""
    found: list[Mapping[str, str]] = [flow.titles, *([flow.cancelled] if flow.cancelled else [])]
    for slot in flow.slots.values():
        found += [slot.ask, *([slot.help] if slot.help else [])]
        counts = {len(texts) for texts in slot.again.values()}
        assert len(counts) <= 1, (flow.id, slot.id)
        found += [
            {language: texts[place] for language, texts in slot.again.items()}
            for place in range(max(counts, default=0))
        ]
    found += [step.texts for _, step in every_step(flow.steps) if isinstance(step, Say | Confirm)]
    return found


def test_a_flow_says_everything_in_every_language_and_starts_in_each(bot: Bot):
    assert 10 <= len(bot.own_flows) <= 14
    for flow in bot.own_flows:
        assert set(flow.starts) == set(bot.languages), flow.id
        assert all(len(starts) >= 3 for starts in flow.starts.values()), flow.id
        for texts in flow_texts(flow):
            assert set(texts) == set(bot.languages), (flow.id, texts)


def test_what_a_flow_says_is_short_and_marks_the_same_values_in_every_language(bot: Bot):
    for flow in bot.flows:
        for texts in flow_texts(flow):
            assert all(len(text.split()) <= 25 for text in texts.values()), (flow.id, texts)
            assert len({frozenset(PLACE.findall(text)) for text in texts.values()}) == 1, (flow.id, texts)
            for text in texts.values():
                assert {kind for _, kind in MARK.findall(text)} <= KINDS, (flow.id, text)
                assert not re.search(r"\d", MARK.sub("", text)), (flow.id, text)


def test_a_flow_asks_one_thing_at_a_time_and_in_other_words_twice_before_it_gives_up(bot: Bot):
    for flow in bot.flows:
        for slot in flow.slots.values():
            assert all(text.count("?") <= 1 for text in slot.ask.values()), (flow.id, slot.id)
            for texts in slot.again.values():
                assert len(set(texts)) >= 2, (flow.id, slot.id)
            assert set(slot.again) == set(bot.languages), (flow.id, slot.id)


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


def test_the_demonstration_asks_six_questions_interrupts_and_is_told_once_that_the_bot_does_not_know():
    turns = load_script(NORDLYS / "calls" / "demo-en.yaml").turns
    asked = {turn.expect.article for turn in turns} - {None}
    assert len(asked) + sum(turn.expect.rule == "dont_know" for turn in turns) >= 6
    assert {"repeat", "dont_know", "goodbye"} <= {turn.expect.rule for turn in turns}
    assert any(isinstance(turn.after, float) for turn in turns)


def decided(engine: Engine, text: str, language: str) -> Decision:
    """What the bot makes of the first thing a caller says."""
    state, _ = engine.respond(engine.new_state(), CallBegan(language), MONDAY_MORNING)
    return engine.respond(state, CallerSaid(text, language, 0.9), MONDAY_MORNING)[1].decision


def topic_of(bot: Bot, article: str) -> str:
    """The flow that takes an article's place, or the article."""
    return next((flow.id for flow in bot.flows if article in flow.articles), article)


def topic(bot: Bot, decision: Decision) -> str | None:
    """What was answered or started: the id of a flow or an article."""
    if decision.article:
        return topic_of(bot, decision.article)
    flow = decision.details.get("flow")
    return flow if isinstance(flow, str) else None


def replies(engine: Engine, script: Script) -> list[Reply]:
    """The bot's replies to a call that is typed instead of spoken."""
    state, _ = engine.respond(engine.new_state(), CallBegan(script.language), MONDAY_MORNING)
    found = []
    for turn in script.turns:
        assert isinstance(turn.act, Sentence)
        state, reply = engine.respond(state, CallerSaid(turn.act.text, script.language, 0.9), MONDAY_MORNING)
        found.append(reply)
    return found


@pytest.mark.parametrize("path", CALLS, ids=lambda path: path.stem)
def test_a_call_goes_as_its_script_says_when_every_word_is_heard(engine: Engine, path: Path):
    script = load_script(path)
    for turn, reply in zip(script.turns, replies(engine, script), strict=True):
        expect, decision = turn.expect, reply.decision
        assert expect.article is None or topic(engine.bot, decision) == topic_of(engine.bot, expect.article), turn
        assert expect.rule in (None, decision.rule), turn
        assert all(prompt.language == script.language for prompt in reply.prompts), turn
        if expect.transfer:
            assert isinstance(reply.action, HandOff), turn
            assert reply.action.department == expect.transfer
        assert isinstance(reply.action, HangUp) == expect.hung_up, turn


def test_whoever_asks_for_a_person_gets_one_on_a_sunday_night(engine: Engine):
    sunday_night = datetime(2026, 11, 22, 23, 30, tzinfo=ZoneInfo("Europe/Oslo"))
    _, reply = engine.respond(engine.new_state(), CallerSaid("Jeg vil snakke med et menneske", "nb"), sunday_night)
    assert isinstance(reply.action, HandOff)


def test_the_questions_of_an_article_are_answered_with_it(bot: Bot, engine: Engine):
    """At least 99 in 100 of a third of them; the rest are words that a built-in rule takes for its own."""
    asked = [
        (article.id, language, question)
        for article in bot.articles
        for language, questions in article.questions.items()
        for question in questions[::3]
    ]
    wrong = [one for one in asked if topic(bot, decided(engine, one[2], one[1])) != topic_of(bot, one[0])]
    assert len(wrong) <= len(asked) / 100, wrong


def test_a_flow_is_started_by_the_sentences_that_start_it(bot: Bot, engine: Engine):
    """At least 98 in 100 of a half of them: some say the same as an article's questions, and then the bot asks."""
    asked = [
        (flow.id, language, start)
        for flow in bot.flows
        for language, starts in flow.starts.items()
        for start in starts[::2]
    ]
    wrong = [one for one in asked if topic(bot, decided(engine, one[2], one[1])) != one[0]]
    assert len(wrong) <= len(asked) / 50, wrong


def test_an_article_is_found_by_questions_that_are_not_in_it(bot: Bot, vectors: Path):
    """A fifth of the questions of each article are taken out, in all languages at once, and asked; then another."""
    asked, first, misled = Counter[str](), Counter[str](), Counter[str]()
    for fold in (0, 3):
        engine = Engine(replace(bot, articles=tuple(without(article, fold) for article in bot.articles)), vectors)
        for article in bot.articles:
            for language in ("nb", "en"):
                for question in article.questions[language][fold::FOLDS]:
                    decision = decided(engine, question, language)
                    asked[language] += 1
                    wanted = topic_of(bot, article.id)
                    first[language] += nearest(bot, decision) == wanted
                    misled[language] += topic(bot, decision) not in (None, wanted)
    for language, count in asked.items():
        assert first[language] / count >= 0.9, (language, first, asked)
        assert misled[language] / count <= 0.05, (language, misled, asked)


def nearest(bot: Bot, decision: Decision) -> str | None:
    """The topic that came first, whether it was quoted, started, offered or dropped as too doubtful."""
    candidates = decision.details.get("candidates")
    if not isinstance(candidates, list) or not candidates:
        return topic(bot, decision)
    return candidates[0].get("flow") or topic_of(bot, candidates[0]["article"])


def without(article: Article, fold: int) -> Article:
    """The article with every fifth of its questions taken out."""
    kept = {
        language: tuple(question for place, question in enumerate(questions) if place % FOLDS != fold)
        for language, questions in article.questions.items()
    }
    return replace(article, questions=kept)


NEAR_TOPICS = [
    ("nb", "Jeg har ikke fått pakken min", "parcel-late"),
    ("nb", "Jeg har ikke mottatt bestillingen min", "parcel-late"),
    ("nb", "Jeg har ikke fått regningen min", "invoice"),
    ("nb", "Jeg har ikke fått pengene tilbake", "refund-time"),
    ("nb", "Kan jeg betale senere?", "payment-postponement"),
    ("nb", "Regningen min er feil", "high-bill"),
    ("nb", "Er kundeservice åpen nå?", "opening-hours"),
    ("nn", "Eg har ikkje fått pakken min", "parcel-late"),
    ("nn", "Eg har ikkje fått rekninga mi", "invoice"),
    ("nn", "Kan eg betale seinare?", "payment-postponement"),
    ("nn", "Er kundeservice open no?", "opening-hours"),
    ("en", "I have not received my parcel", "parcel-late"),
    ("en", "I have not received my bill", "invoice"),
    ("en", "I have not received my refund", "refund-time"),
    ("en", "Can I pay my bill later?", "payment-postponement"),
    ("en", "My bill is wrong", "high-bill"),
    ("en", "Is customer service open now?", "opening-hours"),
    ("uk", "Я не отримав посилку", "parcel-late"),
    ("uk", "Я не отримав рахунок", "invoice"),
    ("uk", "Чи можу я заплатити пізніше?", "payment-postponement"),
    ("uk", "Чи працює служба підтримки зараз?", "opening-hours"),
]


@pytest.mark.parametrize(("language", "question", "article"), NEAR_TOPICS)
def test_topics_that_sound_alike_are_told_apart(engine: Engine, language: str, question: str, article: str):
    assert topic(engine.bot, decided(engine, question, language)) == topic_of(engine.bot, article)


@pytest.mark.parametrize(
    "word", ["delivery", "payment", "power", "levering", "betaling", "strøm", "straum", "доставка"]
)
def test_a_broad_topic_alone_is_asked_back(engine: Engine, word: str):
    assert decided(engine, word, "nb").rule == "choice"


@pytest.mark.parametrize(
    ("word", "article"),
    [
        ("frakt", "delivery-price"),
        ("returns", "returns"),
        ("retur", "returns"),
        ("gift card", "gift-card"),
        ("åpningstider", "opening-hours"),
        ("nettleie", "net-rent"),
        ("warranty", "warranty"),
    ],
)
def test_a_narrow_topic_alone_is_answered(engine: Engine, word: str, article: str):
    assert decided(engine, word, "nb").article == article


@pytest.mark.parametrize(
    "noise",
    [
        *("you", "bla bla", "blokk", "hoppsann", "banana", "wow", "Amen", "The end", "oh my god", "fish fish"),
        *("bring it", "house", "card", "en to tre", "ого", "кіт"),
    ],
)
def test_a_word_or_two_of_noise_get_no_answer(engine: Engine, noise: str):
    assert decided(engine, noise, "nb").rule in ("dont_know", "not_understood", "choice")


def test_a_caller_may_speak_after_about_ten_seconds(engine: Engine, bot: Bot):
    """Spoken slowly: five syllables a second, and a breath between sentences."""
    for language in ("nb", "nn", "en"):
        _, reply = engine.respond(engine.new_state(), CallBegan(language), MONDAY_MORNING)
        said = " ".join(prompt.text for prompt in reply.prompts)
        syllables = len(re.findall(r"[aeiouyæøåаеиіоуюяєї]+", said.lower()))
        assert syllables / 5 + len(re.findall(r"[.!?]", said)) * 0.1 <= 10.5, (language, syllables)


def test_what_nordlys_has_no_answer_to_gets_none(engine: Engine):
    """At most one in fifteen is answered all the same: "pick up my old fridge" has the words of an article."""
    asked = [(language, question) for language, questions in NOT_FOR_NORDLYS.items() for question in questions]
    answered = [
        (question, decision.article)
        for language, question in asked
        if (decision := decided(engine, question, language)).rule not in ("dont_know", "choice")
    ]
    assert len(answered) <= len(asked) / 15, answered


def test_no_question_of_an_article_is_taken_for_an_order(bot: Bot):
    """Every question reaches the knowledge, whatever the bot asked before it."""
    phrases = built_in_phrases()
    for article in bot.articles:
        for questions in article.questions.values():
            for question in questions:
                heard = phrases.hear(question)
                taken = by_rules(heard, phrases, bot) + by_open_question(heard, phrases, bot, AnythingElse())
                # Rules about what is kept step back for an article about it (tests/dialog/test_consent.py).
                taken = [command for command in taken if not isinstance(command, AskOwnData)]
                assert not taken, (article.id, question, taken)


def test_no_sentence_that_starts_a_flow_is_taken_for_an_order(bot: Bot):
    phrases = built_in_phrases()
    for flow in bot.flows:
        for starts in flow.starts.values():
            for start in starts:
                heard = phrases.hear(start)
                taken = by_rules(heard, phrases, bot) + by_open_question(heard, phrases, bot, AnythingElse())
                # To be called back steps back for a flow of the bot's own that is surely meant.
                taken = [command for command in taken if not isinstance(command, AskCallback)]
                assert not taken, (flow.id, start, taken)


def test_every_article_and_every_flow_has_a_conversation(bot: Bot):
    faults: list[Fault] = []
    expected = [turn.expected for script in read_scripts(NORDLYS, bot, faults) for turn in script.turns]
    assert faults == []
    reached = {one.article for one in expected} | {one.flow for one in expected}
    topics = {topic_of(bot, article.id) for article in bot.articles} | {flow.id for flow in bot.flows}
    assert topics - reached == set()


@pytest.mark.parametrize("path", CONVERSATIONS, ids=lambda path: path.stem)
async def test_conversations_go_as_their_scripts_say(bot: Bot, engine: Engine, acting: Acting, path: Path):
    runner = ScriptRunner(engine, acting)
    scripts = [script for script in read_scripts(NORDLYS, bot, []) if script.file == f"tests/{path.name}"]
    results = [await runner.run(script) for script in scripts]
    assert results
    wrong = [(result.script.name, result.fault, result.turns[-1:]) for result in results if not result.passed]
    assert not wrong, wrong


def test_there_are_conversations_in_every_language_and_some_to_be_spoken(bot: Bot):
    scripts = read_scripts(NORDLYS, bot, [])
    assert len(scripts) >= 60
    counted = Counter(script.language for script in scripts)
    assert all(counted[language] >= 10 for language in bot.languages), counted
    assert sum(script.speech for script in scripts) >= 10
