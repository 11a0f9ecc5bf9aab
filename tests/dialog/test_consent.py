"""May we record this call? Nothing but a clear yes to a question that was heard says so."""

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialog import Bot, Engine, load_bot
from dialog.bot import Article
from dialog.consent import ASKED, OFF, ON
from dialog.events import (
    CallBegan,
    CallerPressed,
    CallerSaid,
    CallerSilent,
    Event,
    HandOff,
    Listen,
    NotUnderstood,
    Reply,
    TransferFailed,
)
from dialog.phrases import built_in_phrases
from dialog.records_rules import RecordsRules
from dialog.serial import from_json, to_json
from tests.dialog.conftest import TUESDAY_MORNING, Talk, spoken

OPPTAKET = Path(__file__).parent / "bots" / "opptaket"

ASKS = {"nb": "Kan vi ta opp", "nn": "Kan vi ta opp", "en": "May we record", "uk": "Чи можна записати"}

YES = {
    "nb": ["ja", "Ja, det er greit.", "ja takk", "ja da, det kan dere", "ja, ta opp", "jo", "klart det"],
    "nn": ["ja", "ja, det går bra", "ja gjerne", "jau", "ja, de kan ta opp samtalen"],
    "en": ["yes", "Yes, you may record.", "sure", "yes please", "okay"],
    "uk": ["так", "так, можна", "так, записуйте", "добре"],
}

NO_YES = {
    "nb": ["nei", "helst ikke", "mm", "eh", "kanskje", "takk", "ja, hvor er pakken min?", "hei", "Når har dere åpent?",
           "hva skal dere med det", "ja nei", "jeg tror det", "ja jeg lurer på noe"],
    "nn": ["nei", "helst ikkje", "mm", "veit ikkje", "når har de ope"],
    "en": ["no", "rather not", "mhm", "maybe", "hello", "when are you open", "yes but when are you open", "why"],
    "uk": ["ні", "не треба", "угу", "не знаю", "коли ви відкриті", "навіщо"],
}  # fmt: skip

STOP = {
    "nb": ["stopp opptaket", "Slutt å ta opp, er du snill.", "slett opptaket", "jeg vil ikke bli tatt opp"],
    "nn": ["stopp opptaket", "ikkje ta opp samtalen", "eg vil ikkje bli teken opp"],
    "en": ["stop recording", "please don't record me", "delete the recording", "I do not want to be recorded"],
    "uk": ["зупиніть запис", "не записуйте мене", "видаліть запис"],
}

AGAIN = {
    "nb": ["ta opp igjen", "du kan ta opp igjen"],
    "nn": ["ta opp att"],
    "en": ["resume recording", "start recording again"],
    "uk": ["відновіть запис"],
}


def each(said: dict[str, list[str]]) -> list[tuple[str, str]]:
    """Language and saying."""
    return [(language, text) for language, texts in said.items() for text in texts]


@pytest.fixture(scope="session")
def recording_bot() -> Bot:
    """A bot that records."""
    return load_bot(OPPTAKET, date(2026, 11, 23))


@pytest.fixture(scope="session")
def recorded(recording_bot: Bot, embeddings: Path) -> Engine:
    """Its mind."""
    return Engine(recording_bot, embeddings)


def begun(engine: Engine, language: str = "nb", may_record: bool = True) -> Talk:
    """A call that has been greeted."""
    talk = Talk(engine, engine.new_state())
    talk.event(CallBegan(language, may_record=may_record))
    return talk


@pytest.mark.parametrize("language", ASKS)
def test_the_question_comes_last_in_the_greeting_and_names_what_the_sound_is_for(recorded: Engine, language: str):
    talk = begun(recorded, language)
    *_, question, how = talk.replies[-1].prompts
    purpose = recorded.bot.records.recording.purposes[language]  # type: ignore[union-attr]
    assert question.text.startswith(ASKS[language])
    assert purpose in question.text
    assert how.language == language
    assert talk.replies[-1].action == Listen("yes_no", 7.0)
    assert talk.state.recording == ASKED


def test_a_call_that_cannot_be_recorded_is_not_asked(recorded: Engine):
    talk = begun(recorded, may_record=False)
    assert ASKS["nb"] not in spoken(talk.replies[-1])
    assert talk.state.recording == ""
    talk.say("ta opp igjen")
    assert talk.state.recording == ""


@pytest.mark.parametrize(("language", "said"), each(YES))
def test_a_clear_yes_is_agreed_to_and_noted_with_what_was_asked(recorded: Engine, language: str, said: str):
    talk = begun(recorded, language)
    asked = " ".join(prompt.text for prompt in talk.replies[-1].prompts[-2:])
    reply = talk.say(said)
    assert talk.state.recording == ON
    noted = {"purpose": "recording", "granted": True, "how": "said", "version": "3", "language": language}
    assert reply.decision.details["consent"] == {**noted, "wording": asked}


@pytest.mark.parametrize(("language", "said"), each(NO_YES))
def test_anything_else_is_a_no(recorded: Engine, language: str, said: str):
    talk = begun(recorded, language)
    reply = talk.say(said)
    assert talk.state.recording == OFF
    assert reply.decision.details["consent"]["granted"] is False  # type: ignore[index]


@pytest.mark.parametrize("event", [CallerSilent(), NotUnderstood("no_words"), CallerPressed("2"), CallerPressed("5")])
def test_silence_noise_and_other_keys_are_a_no_and_the_caller_goes_on(recorded: Engine, event: Event):
    talk = begun(recorded)
    talk.event(event)
    assert talk.state.recording == OFF
    assert talk.say("Når har dere åpent?").decision.article == "opening-hours"
    assert not any("consent" in reply.decision.details for reply in talk.replies[2:])


def test_key_one_agrees_and_key_nought_still_reaches_a_person(recorded: Engine):
    talk = begun(recorded)
    assert talk.event(CallerPressed("1")).decision.details["consent"]["how"] == "pressed"  # type: ignore[index]
    assert talk.state.recording == ON
    other = begun(recorded)
    assert isinstance(other.event(CallerPressed("0")).action, HandOff)
    assert other.state.recording == OFF


@pytest.mark.parametrize("event", [CallerSaid("ja", heard_out=False), CallerPressed("1", heard_out=False)])
def test_a_yes_said_before_the_question_was_heard_is_none_and_it_is_asked_again(recorded: Engine, event: Event):
    talk = begun(recorded)
    reply = talk.event(event)
    assert talk.state.recording == ASKED
    assert spoken(reply).startswith(ASKS["nb"])
    talk.say("ja")
    assert talk.state.recording == ON


def test_a_yes_that_was_hardly_heard_is_none(recorded: Engine):
    talk = begun(recorded)
    talk.say("ja", confidence=0.4)
    assert talk.state.recording == OFF


def test_whoever_asks_for_another_language_is_asked_in_it(recorded: Engine):
    talk = begun(recorded)
    assert ASKS["en"] in spoken(talk.say("English please"))
    reply = talk.say("yes")
    assert reply.decision.details["consent"]["language"] == "en"  # type: ignore[index]


@pytest.mark.parametrize(("language", "said"), each(STOP))
def test_stop_ends_it_at_any_time(recorded: Engine, language: str, said: str):
    talk = begun(recorded, language)
    talk.event(CallerPressed("1"))
    reply = talk.say(said)
    assert talk.state.recording == OFF
    assert reply.decision.details["consent"]["granted"] is False  # type: ignore[index]


@pytest.mark.parametrize(("language", "said"), each(AGAIN))
def test_whoever_wants_it_again_is_asked_again(recorded: Engine, language: str, said: str):
    talk = begun(recorded, language)
    talk.event(CallerPressed("2"))
    assert spoken(talk.say(said)).startswith(ASKS[language])
    talk.event(CallerPressed("1"))
    assert talk.state.recording == ON


def test_nobody_is_asked_twice(recorded: Engine):
    talk = begun(recorded)
    talk.say("Når har dere åpent?")
    for event in (CallerSaid("hei"), CallerSilent(), CallBegan(resumed=True), TransferFailed("desk")):
        assert ASKS["nb"] not in spoken(talk.event(event))


def test_an_open_question_survives_being_written_down(recorded: Engine):
    talk = begun(recorded)
    talk.state = from_json(to_json(talk.state), recorded.bot)
    talk.say("ja")
    assert talk.state.recording == ON


SAYINGS = [text for _, text in each(NO_YES)] + [text for _, text in each(STOP)]
NEVER_AGREES = st.one_of(
    st.sampled_from(SAYINGS).map(CallerSaid),
    st.sampled_from(["ja", "yes", "так"]).map(lambda said: CallerSaid(said, confidence=0.2)),
    st.just(CallerSaid("ta opp igjen")),
    st.sampled_from("023456789*#").map(CallerPressed),
    st.sampled_from([CallerSilent(), NotUnderstood("loop"), CallBegan(resumed=True), TransferFailed("desk")]),
    st.just(CallerSaid("ja", heard_out=False)),
)


@settings(max_examples=60, deadline=None)
@given(events=st.lists(NEVER_AGREES, max_size=8), language=st.sampled_from(["nb", "en", "uk"]))
def test_no_conversation_without_a_yes_is_ever_recorded(recorded: Engine, events: list[Event], language: str):
    talk = begun(recorded, language)
    for event in events:
        talk.event(event)
        assert talk.state.recording != ON


# What is kept of me?

KEPT = {
    "nb": ["Hva vet dere om meg?", "hva lagrer dere om meg", "Hvilke opplysninger har dere om meg?",
           "lagrer dere det jeg sier", "blir samtalen lagret", "hva lagrer dere av samtalen", "jeg vil ha innsyn"],
    "nn": ["Kva veit de om meg?", "kva lagrar de om meg", "kva for opplysningar har de om meg"],
    "en": ["What do you know about me?", "what data do you have about me", "do you store what I say",
           "what do you keep of this call", "I want to see what data you hold about me"],
    "uk": ["Що ви знаєте про мене?", "Які дані ви маєте про мене?", "що ви про мене зберігаєте"],
}  # fmt: skip

ERASE = {
    "nb": ["slett opplysningene mine", "Kan dere slette det dere vet om meg?", "jeg vil ha slettet dataene mine",
           "slett alt om meg", "jeg vil bli glemt, jeg har rett til å bli glemt"],
    "nn": ["slett opplysningane mine", "kan de slette det de veit om meg", "kan eg få sletta alt de har om meg"],
    "en": ["delete my data", "please erase everything you have about me", "I have the right to be forgotten"],
    "uk": ["Видаліть, будь ласка, мої дані", "видаліть все про мене"],
}  # fmt: skip

RECORDED = {
    "nb": ["blir samtalen tatt opp?", "tar dere opp samtalen", "tar dere opptak"],
    "nn": ["blir samtalen teken opp?", "tek de opp det eg seier"],
    "en": ["is this call recorded", "are you recording me", "am I being recorded"],
    "uk": ["чи записується розмова", "ви мене записуєте"],
}

SOMETHING_ELSE = [
    "hva vet dere om strøm", "slett kontoen min", "slett bestillingen min", "hvor er pakken min", "ta opp et lån",
    "kan dere ta opp saken med sjefen", "hva har dere på lager", "jeg har glemt passordet mitt", "stopp abonnementet",
    "delete my account", "what do you know about lamps", "remove the item from my order", "record player",
    "what do you have in stock", "cancel my subscription", "I forgot my password", "видаліть моє замовлення",
    "що ви знаєте про лампи", "hva koster det for meg", "fjern varen fra ordren min",
]  # fmt: skip


@pytest.mark.parametrize(("language", "said"), each(KEPT))
def test_what_is_kept_is_told_by_the_bots_own_rules(recorded: Engine, language: str, said: str):
    talk = begun(recorded, language, may_record=False)
    reply = talk.say(said)
    assert reply.decision.details["own_data"] == "kept"
    assert "{60|number}" in spoken(reply)
    assert "opptaket.example" in spoken(reply)
    assert isinstance(talk.say({"en": "yes", "uk": "так"}.get(language, "ja")).action, HandOff)


@pytest.mark.parametrize(("language", "said"), each(ERASE))
def test_a_wish_to_be_deleted_goes_to_a_person_who_makes_sure(recorded: Engine, language: str, said: str):
    talk = begun(recorded, language, may_record=False)
    assert talk.say(said).decision.details["own_data"] == "erase"
    action = talk.say({"en": "yes", "uk": "так"}.get(language, "ja")).action
    assert isinstance(action, HandOff)
    assert action.reason == "privacy"


@pytest.mark.parametrize(("language", "said"), each(RECORDED))
def test_whether_it_is_recorded_is_told_as_it_is(recorded: Engine, language: str, said: str):
    talk = begun(recorded, language)
    talk.event(CallerPressed("1"))
    assert "{14|number}" in spoken(talk.say(said))
    other = begun(recorded, language)
    other.event(CallerPressed("2"))
    assert "{14|number}" not in spoken(other.say(said))


@pytest.mark.parametrize("said", SOMETHING_ELSE)
def test_other_matters_are_not_taken_for_it(said: str):
    phrases = built_in_phrases()
    heard = phrases.hear(said)
    names = ("own_data_kept", "own_data_erase", "own_data_recorded", "stop_recording", "record_again")
    assert [name for name in names if phrases.matches(name, heard)] == []


def test_an_article_of_the_companys_own_is_quoted_instead_but_not_for_a_deletion(recording_bot: Bot, embeddings: Path):
    asked = ("Blir denne samtalen tatt opp?", "Kan dere slette dataene mine?", "Hva lagrer dere om meg?")
    article = Article("privacy", {"nb": "personvern"}, {"nb": asked}, {"nb": "Vi passer på."})
    bot = replace(recording_bot, articles=(*recording_bot.articles, article), records=RecordsRules())
    own = begun(Engine(bot, embeddings))
    assert own.say("Blir samtalen tatt opp?").decision.article == "privacy"
    assert own.say("Hva lagrer dere om meg?").decision.article == "privacy"
    assert own.say("Kan dere slette dataene mine?").decision.details["own_data"] == "erase"


def at_night() -> datetime:
    """When nobody answers at the small bot."""
    return TUESDAY_MORNING.replace(hour=23)


def test_at_night_a_wish_to_be_deleted_is_left_for_somebody(engine: Engine):
    talk = Talk(engine, engine.new_state(), now=at_night())
    talk.event(CallBegan())
    reply: Reply = talk.say("slett opplysningene mine")
    assert reply.decision.details["unanswered"] is True
