"""Conversations with a small bot: what it says, what it does, and why."""

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from dialog import Engine
from dialog.events import (
    CallBegan,
    CallerPressed,
    CallerSilent,
    Event,
    HandOff,
    HangUp,
    Listen,
    NotUnderstood,
    TransferFailed,
)
from tests.dialog.conftest import OSLO, TUESDAY_EVENING, TUESDAY_MORNING, TUESDAY_NIGHT, Talk, rules, spoken

DESK, FAULTS = "+442079460201", "sip:faults@lysverket.example"


def test_a_call_begins_with_greeting_disclosure_and_privacy_in_its_language(engine: Engine):
    state, reply = engine.respond(engine.new_state(), CallBegan("en"), TUESDAY_MORNING)
    texts = [prompt.text for prompt in reply.prompts]
    assert texts[:3] == [
        "Hello, you have called Lysverket.",
        'You are talking to a bot. Say "person" at any time.',
        "This call is not recorded.",
    ]
    assert [prompt.interruptible for prompt in reply.prompts[:3]] == [True, False, False]
    assert (state.language, reply.decision.rule) == ("en", "greeting")
    assert isinstance(reply.action, Listen)


def test_the_other_languages_are_invited_in_themselves(talk: Talk):
    invited = [(prompt.language, prompt.text) for prompt in talk.replies[0].prompts if prompt.language != "nb"]
    assert invited == [
        ("en", "English is fine too."),
        ("uk", "Можна українською."),
    ]
    assert talk.state.caller_languages == ("nb", "en", "nn", "uk")


def test_a_stream_that_came_back_is_not_greeted_from_the_beginning(engine: Engine):
    _, reply = engine.respond(engine.new_state(), CallBegan("en", resumed=True), TUESDAY_MORNING)
    assert reply.decision.rule == "resumed"
    assert "robot" not in spoken(reply)


def test_a_question_is_answered_with_the_approved_words_and_the_evidence(talk: Talk):
    reply = talk.say("Hva koster frakten?")
    assert reply.prompts[0].text == "Frakten koster {59|nok}."
    assert reply.prompts[0].article == reply.decision.article == "delivery-price"
    assert reply.decision.rule == "answer"
    assert reply.decision.score is not None
    assert reply.decision.score > 0.85
    details = dict(reply.decision.details)
    assert details["review"] == "2027-05-01"
    assert details["thresholds"] == {"answer": 0.5, "choice": 0.25}
    assert json.loads(json.dumps(details)) == details


@pytest.mark.parametrize(
    ("text", "article", "language"),
    [
        ("når kjem lampa mi", "delivery", "nn"),
        ("how long does it take to deliver a lamp", "delivery", "en"),
        ("Скільки триває доставка лампи?", "delivery", "uk"),
        ("lampa mi er øydelagd", "broken", "nb"),
        ("can i send my lamp back to you", "returns", "en"),
        ("når stenger dere på fredag", "hours", "nb"),
    ],
)
def test_callers_are_answered_in_their_language(talk: Talk, text: str, article: str, language: str):
    reply = talk.say(text)
    assert reply.decision.article == article
    if language != "nn":
        assert talk.state.language == language


def test_an_answer_missing_in_the_callers_language_is_given_in_one_it_is_in(talk: Talk):
    talk.say("Чи можу я повернути лампу?")
    assert talk.state.language == "uk"
    reply = talk.say("Де моя посилка і скільки коштує доставка?")
    if reply.decision.article == "delivery-price":
        assert reply.decision.details["answer_language"] == "nb"


def test_what_no_article_is_about_is_honestly_not_known(talk_en: Talk):
    reply = talk_en.say("Who won the football match yesterday?")
    assert reply.decision.rule == "dont_know"
    assert reply.decision.article is None
    assert "lamps, bulbs and delivery" in spoken(reply)


def test_a_person_is_offered_the_second_time_and_reached_the_third(talk_en: Talk):
    talk_en.say("Who won the football match yesterday?")
    offered = talk_en.say("Play some jazz in the living room")
    assert offered.prompts[-1].text == "Would you like to talk to customer service?"
    assert isinstance(offered.action, Listen)
    assert offered.action.expects == "yes_no"
    reached = talk_en.say("What is the capital of France?")
    assert isinstance(reached.action, HandOff)
    assert (reached.action.number, reached.action.reason) == (DESK, "not_understood")


@pytest.mark.parametrize(("answer", "action"), [("yes please", HandOff), ("no thanks", Listen)])
def test_an_offered_person_may_be_taken_or_left(talk_en: Talk, answer: str, action: type):
    talk_en.say("Who won the football match yesterday?")
    talk_en.say("Play some jazz in the living room")
    assert isinstance(talk_en.say(answer).action, action)


def test_an_answered_question_makes_ignorance_begin_again(talk_en: Talk):
    talk_en.say("Who won the football match yesterday?")
    talk_en.say("How much is delivery?")
    reply = talk_en.say("Play some jazz in the living room")
    assert isinstance(reply.action, Listen)
    assert reply.action.expects == "open"


@pytest.fixture
def choice(talk_en: Talk) -> Talk:
    """A call in which the bot has asked which of two articles was meant."""
    reply = talk_en.say("a question about delivery costs and time")
    assert reply.decision.rule == "choice", spoken(reply)
    assert isinstance(reply.action, Listen)
    assert reply.action.expects == "choice"
    assert set(reply.action.choices) == {"Delivery", "Delivery price"}
    return talk_en


@pytest.mark.parametrize(
    ("answer", "place"),
    [("the first one", 0), ("the second one", 1), ("two", 1), ("number one please", 0), ("the last one", 1)],
)
def test_a_choice_is_made_by_its_place(choice: Talk, answer: str, place: int):
    offered = choice.replies[-1].action
    assert isinstance(offered, Listen)
    reply = choice.say(answer)
    titles = {"delivery": "Delivery", "delivery-price": "Delivery price"}
    assert reply.decision.rule == "chosen"
    assert titles[str(reply.decision.article)] == offered.choices[place]


def test_a_choice_is_made_by_its_name_by_a_key_or_by_a_new_question(choice: Talk):
    state = choice.state
    assert choice.say("the delivery price").decision.article == "delivery-price"
    choice.state = state
    assert choice.event(CallerPressed("2")).decision.rule == "chosen"
    choice.state = state
    assert choice.say("no I mean can I send a lamp back").decision.article == "returns"
    choice.state = state
    assert choice.say("neither of them").decision.rule == "choice_none"
    choice.state = state
    assert choice.say("yes").decision.rule == "choice"


def test_no_more_questions_end_the_call(talk_en: Talk):
    talk_en.say("How much is delivery?")
    reply = talk_en.say("No, thank you.")
    assert reply.action == HangUp("goodbye")
    assert talk_en.state.finished


def test_follow_up_questions_are_not_always_the_same(talk_en: Talk):
    asked = {talk_en.say("How much is delivery?").prompts[-1].text for _ in range(4)}
    assert len(asked) >= 3


def test_the_last_answer_is_repeated_and_slower_when_asked(talk_en: Talk):
    answer = talk_en.say("How much is delivery?")
    assert talk_en.say("say that again").prompts == answer.prompts
    assert talk_en.event(CallerPressed("*")).prompts == answer.prompts
    slower = talk_en.say("please speak slower")
    assert slower.prompts[1].text == answer.prompts[0].text
    assert all(prompt.slower for prompt in slower.prompts)
    assert all(prompt.slower for prompt in talk_en.say("When are you open?").prompts)
    talk_en.say("speak faster please")
    assert not any(prompt.slower for prompt in talk_en.say("How much is delivery?").prompts)


def test_a_person_is_reached_by_words_and_by_key(talk: Talk):
    state = talk.state
    asked = talk.say("Kan jeg få snakke med et menneske?")
    assert asked.action == HandOff("desk", DESK, "kundeservice", "caller_asked")
    assert "kundeservice" in spoken(asked)
    talk.state = state
    assert talk.event(CallerPressed("0")).action == HandOff("desk", DESK, "kundeservice", "key_0")
    talk.state = state
    assert talk.say("feilmelding takk").action == HandOff("faults", FAULTS, "feilmeldingen", "caller_asked")


def test_when_one_department_is_closed_another_answers(talk_en: Talk):
    talk_en.now = TUESDAY_EVENING
    reply = talk_en.say("a person please")
    assert isinstance(reply.action, HandOff)
    assert reply.action.department == "faults"
    assert spoken(reply) == "Customer service is closed. I'm putting you through to the fault desk instead."


@pytest.mark.parametrize(
    ("now", "when"),
    [
        (TUESDAY_NIGHT, "opens tomorrow at {08:00|time}"),
        (datetime(2026, 11, 25, 5, 0, tzinfo=OSLO), "opens today at {08:00|time}"),
        (datetime(2026, 11, 27, 23, 0, tzinfo=OSLO), "opens on Monday at {08:00|time}"),
    ],
)
def test_when_everything_is_closed_the_caller_hears_when_it_opens(talk_en: Talk, now: datetime, when: str):
    talk_en.now = now
    reply = talk_en.event(CallerPressed("0"))
    assert isinstance(reply.action, Listen)
    assert when in spoken(reply)
    assert reply.decision.rule == "key_0"


def test_a_number_for_the_night_goes_before_other_departments(engine: Engine, talk: Talk, embeddings: Path):
    desk, faults = engine.bot.departments
    night = replace(engine.bot, departments=(replace(desk, out_of_hours="+442079460299"), faults))
    talk.engine = Engine(night, embeddings)
    talk.now = TUESDAY_EVENING
    reply = talk.event(CallerPressed("0"))
    assert reply.action == HandOff("desk", "+442079460299", "kundeservice", "key_0")


def test_without_departments_the_bot_says_so(engine: Engine, talk_en: Talk, embeddings: Path):
    talk_en.engine = Engine(replace(engine.bot, departments=()), embeddings)
    reply = talk_en.say("a person please")
    assert isinstance(reply.action, Listen)
    assert "nobody" in spoken(reply)
    assert talk_en.engine.person(TUESDAY_MORNING, "en") is None


def test_a_failed_transfer_comes_back_with_an_apology(talk_en: Talk):
    talk_en.say("a person please")
    reply = talk_en.event(TransferFailed("desk"))
    assert reply.decision.rule == "nobody_answered"
    assert talk_en.say("How much is delivery?").decision.article == "delivery-price"


def test_silence_is_asked_about_twice_and_then_ends_politely(talk: Talk):
    replies = [talk.event(CallerSilent()) for _ in range(3)]
    assert rules(replies) == ["no_input"] * 3
    assert "trykk null" in spoken(replies[1])
    assert replies[2].action == HangUp("no_input")
    assert len({spoken(reply) for reply in replies}) == 3


def test_all_waits_together_stay_below_the_limit(talk: Talk):
    waits = [talk.replies[-1].action, *(talk.event(CallerSilent()).action for _ in range(2))]
    assert sum(wait.timeout_seconds for wait in waits if isinstance(wait, Listen)) <= 45


def test_what_is_not_understood_is_asked_again_otherwise_and_then_a_person_comes(talk: Talk):
    replies = [talk.event(NotUnderstood("loop")) for _ in range(3)]
    assert len({spoken(reply) for reply in replies}) == 3
    assert isinstance(replies[2].action, HandOff)
    assert replies[2].action.reason == "not_understood"
    assert replies[2].decision.rule == "not_understood"


@pytest.mark.parametrize("text", ["", "   ", "...", "🙂", "øh", "—"])
def test_words_that_are_none_are_a_miss(talk: Talk, text: str):
    assert talk.say(text).decision.rule == "not_understood"


def test_an_understood_turn_starts_the_count_again(talk: Talk):
    talk.event(NotUnderstood("loop"))
    talk.event(CallerSilent())
    talk.event(NotUnderstood("loop"))
    talk.say("Hva koster frakten?")
    assert (talk.state.misses, talk.state.silences) == (0, 0)


def test_words_heard_badly_are_not_answered_with_ignorance(talk: Talk):
    assert talk.say("flagget vinker i sør", confidence=0.1).decision.rule == "not_understood"


def test_an_emergency_gets_its_number_at_once(talk: Talk):
    reply = talk.say("Hjelp, det brenner på kjøkkenet!")
    assert reply.decision.rule == "emergency"
    assert "{110|id}" in spoken(reply)


@pytest.mark.parametrize("digit", ["1", "9", "#", "A"])
def test_a_key_that_means_nothing_is_explained(talk: Talk, digit: str):
    assert talk.event(CallerPressed(digit)).decision.rule == "unknown_key"


def test_keys_answer_yes_and_no(talk_en: Talk):
    talk_en.say("How much is delivery?")
    state = talk_en.state
    assert talk_en.event(CallerPressed("1")).decision.rule == "continue"
    talk_en.state = state
    assert talk_en.event(CallerPressed("2")).action == HangUp("goodbye")


def test_that_it_is_a_bot_is_said_again_in_the_language_the_caller_chose(talk: Talk):
    reply = talk.say("Hello, how much is delivery to my house?")
    assert reply.prompts[0].text == "By the way, I am a bot."
    assert not reply.prompts[0].interruptible
    assert reply.prompts[1].text == "Delivery costs {59|nok}."
    assert "bot" not in spoken(talk.say("And when are you open?"))
    assert "bot" not in spoken(talk.say("say that again please"))


@pytest.mark.parametrize("text", ["Hva koster frakten?", "Ha det bra", "How much is delivery to my house?", "bye"])
def test_words_that_were_hardly_heard_neither_answer_nor_end_nor_change_the_language(talk: Talk, text: str):
    reply = talk.say(text, confidence=0.2)
    assert reply.decision.rule in ("choice", "not_understood")
    assert isinstance(reply.action, Listen)
    assert talk.state.language == "nb"


def test_an_article_hardly_heard_is_quoted_once_the_caller_has_confirmed_it(talk: Talk):
    assert talk.say("Hva koster frakten?", confidence=0.2).decision.rule == "choice"
    assert talk.say("ja").decision.article == "delivery-price"


def test_a_language_is_changed_by_asking_for_it(talk: Talk):
    assert talk.say("Can we speak English please?").decision.rule == "language"
    assert talk.state.language == "en"
    assert talk.say("нормально, але краще українською").decision.rule in ("language", "dont_know")
    assert talk.state.language == "uk"


def test_a_language_the_bot_does_not_have_is_declined_politely(talk: Talk):
    reply = talk.say("Здравствуйте, мы хотели бы вернуть лампы")
    assert reply.decision.rule == "other_language"
    assert "українська" in spoken(reply)
    assert talk.say("can you speak polish").decision.rule == "other_language"


def test_the_person_for_a_broken_bot_is_there_at_any_hour(engine: Engine):
    assert engine.person(TUESDAY_MORNING, "en") == HandOff("desk", DESK, "customer service", "fault")
    evening = engine.person(TUESDAY_EVENING, "nb")
    assert evening == HandOff("faults", FAULTS, "feilmeldingen", "fault")
    night = engine.person(TUESDAY_NIGHT, "nb")
    assert night == HandOff("desk", DESK, "kundeservice", "fault")


def test_apologies_are_sentences_in_the_language_of_the_call(engine: Engine):
    for kind in ("fault", "full", "not_ready", "nobody_answered"):
        assert engine.apology(kind, "nb") != engine.apology(kind, "en")
        assert engine.apology(kind, "de") == engine.apology(kind, "nb")
    with pytest.raises(KeyError):
        engine.apology("sorry", "nb")


def test_fixed_prompts_are_what_is_really_said(engine: Engine, talk: Talk):
    fixed = {(prompt.language, prompt.text) for prompt in engine.fixed_prompts()}
    for text in ("Hva koster frakten?", "hva kan du hjelpe med", "menneske takk", "takk"):
        talk.say(text)
    said = {(prompt.language, prompt.text) for reply in talk.replies for prompt in reply.prompts}
    assert said <= fixed
    assert len(fixed) == len(list(engine.fixed_prompts()))


def test_own_wording_goes_before_the_built_in(engine: Engine, embeddings: Path):
    own = Engine(replace(engine.bot, wording={"no_input": {"nb": ("Hallo, Lysverket her.",)}}), embeddings)
    state, _ = own.respond(own.new_state(), CallBegan(), TUESDAY_MORNING)
    _, reply = own.respond(state, CallerSilent(), TUESDAY_MORNING)
    assert spoken(reply) == "Hallo, Lysverket her."


def test_a_bot_without_limits_asks_again_for_ever(engine: Engine, embeddings: Path):
    patient = replace(engine.bot, limits=replace(engine.bot.limits, no_match=0, no_input=0))
    talk = Talk(Engine(patient, embeddings), engine.new_state())
    talk.event(CallBegan())
    happened: list[Event] = [NotUnderstood("no_speech"), CallerSilent()] * 6
    actions = [talk.event(event).action for event in happened]
    actions += [talk.say("Når går det neste toget til månen?").action for _ in range(6)]
    assert all(isinstance(action, Listen) for action in actions)


def test_a_bot_may_pass_on_at_the_first_question_it_cannot_answer(engine: Engine, embeddings: Path):
    hasty = replace(engine.bot, limits=replace(engine.bot.limits, no_match=1))
    talk = Talk(Engine(hasty, embeddings), engine.new_state())
    talk.event(CallBegan())
    assert isinstance(talk.say("Når går det neste toget til månen?").action, HandOff)
