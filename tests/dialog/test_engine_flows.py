"""Conversations in which the bot does something: asked step by step, and whatever callers do instead of answering."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from dialog import Bot, Engine, load_bot
from dialog.bot import Thresholds
from dialog.brief import brief
from dialog.events import (
    Act,
    ActionDone,
    ActionFailed,
    CallerSaid,
    CallerSilent,
    HandOff,
    HangUp,
    Listen,
    NotUnderstood,
)
from tests.dialog.conftest import OSLO, TODAY, spoken
from tests.dialog.flow_talk import FlowTalk, began

BOKHUSET = Path(__file__).parent / "bots" / "bokhuset"
ORDER, ORDER_PACKED, UNKNOWN_ORDER = "402713", "402718", "402719"


@pytest.fixture(scope="session")
def shop_bot() -> Bot:
    return load_bot(BOKHUSET, TODAY)


@pytest.fixture(scope="session")
def shop(shop_bot: Bot, embeddings: Path) -> Engine:
    return Engine(shop_bot, embeddings)


@pytest.fixture
def call(shop: Engine) -> FlowTalk:
    return began(FlowTalk(shop, shop.new_state()))


@pytest.fixture
def asked(call: FlowTalk) -> FlowTalk:
    """A call in which the bot has asked for the order number."""
    assert call.asks("Hvor er pakken min?") == "order"
    return call


def test_a_flow_asks_looks_up_and_tells(asked: FlowTalk):
    assert asked.asks(ORDER) == "post_code"
    reply = asked.say("0155")
    assert asked.acts == [Act("find_order", {"order": ORDER, "post_code": "0155"}, 1)]
    assert spoken(reply).startswith("Ordre {402713|digits} er sendt, og kommer {2026-11-26|date}.")
    assert reply.decision.details["flow"] == "order_status"
    assert asked.state.frames == ()


def test_an_article_whose_place_a_flow_takes_starts_the_flow(call: FlowTalk):
    assert call.asks("Har dere sendt bøkene mine?") == "order"


def test_the_ear_is_told_what_is_expected(asked: FlowTalk):
    action = asked.replies[-1].action
    assert isinstance(action, Listen)
    assert (action.expects, action.length) == ("digits", 6)
    call = asked
    call.say("glem det")
    call.say("Jeg vil returnere en bok")
    call.say(ORDER)
    action = call.say("0155").action
    assert isinstance(action, Listen)
    assert (action.expects, action.choices) == ("choice", ("skadet", "ødelagt", "feil bok"))


def test_what_was_said_in_the_first_breath_is_not_asked_for(call: FlowTalk):
    assert call.asks("Hvor er pakken min? Ordrenummeret er 402713.") == "post_code"


def test_a_number_may_come_in_parts(asked: FlowTalk):
    reply = asked.say("fire null to")
    assert spoken(reply) in ("Ja, og så?", "Og resten?")
    assert isinstance(reply.action, Listen)
    assert reply.action.length == 3
    asked.say("sju en tre")
    assert asked.slots == {"order": ORDER}


@pytest.mark.parametrize(
    "text", ["nei, åtte på slutten", "nei vent, det skal være 402718", "beklager, ordren er 402718"]
)
def test_an_earlier_value_is_mended_and_the_open_question_asked_again(asked: FlowTalk, text: str):
    asked.say(ORDER)
    reply = asked.say(text)
    assert asked.slots == {"order": ORDER_PACKED}
    assert spoken(reply) == "Da har jeg {402718|digits}. Og postnummeret ditt?"


def test_a_mended_value_is_looked_up_anew(asked: FlowTalk):
    asked.say(UNKNOWN_ORDER)
    asked.say("0155")
    reply = asked.say("nei, ordrenummeret er 402713")
    assert [act.arguments["order"] for act in asked.acts] == [UNKNOWN_ORDER, ORDER]
    assert "er sendt" in spoken(reply)


def test_a_question_in_between_is_answered_and_the_flow_gone_on_with(asked: FlowTalk):
    reply = asked.say("hva koster frakten?")
    assert reply.decision.article == "delivery-price"
    assert spoken(reply) == "Frakten koster {49|nok}. Tilbake til ordrestatus. Hva er ordrenummeret?"
    assert asked.asks(ORDER) == "post_code"


def test_a_question_with_a_value_in_it_is_a_question(call: FlowTalk):
    call.say("Jeg vil bestille time hos bokhandleren")
    reply = call.say("når stenger butikken på lørdag?")
    assert reply.decision.article == "opening-hours"
    assert call.replies[-1].decision.details["asks"] == "day"


def test_other_words_after_each_failed_attempt_then_what_the_flow_says(asked: FlowTalk):
    replies = [asked.say(text) for text in ("blå elefant", "tralala", "hopp og sprett")]
    assert spoken(replies[0]) == "Jeg fikk ikke med meg nummeret. Det har seks sifre."
    assert spoken(replies[1]) == "Du kan også taste det, og så firkant."
    assert isinstance(replies[2].action, HandOff)
    assert replies[2].action.reason == "flow_failed"
    assert asked.state.frames == ()


def test_noise_and_silence_ask_in_other_words_too(asked: FlowTalk):
    assert "seks sifre" in spoken(asked.event(NotUnderstood("no_speech")))
    assert "taste" in spoken(asked.event(NotUnderstood("no_speech")))
    asked.say(ORDER)
    silent = [asked.event(CallerSilent()) for _ in range(3)]
    assert silent[0].decision.details["asks"] == "post_code"
    assert silent[2].action == HangUp("no_input")


def test_help_for_a_slot_costs_no_attempt(asked: FlowTalk):
    for _ in range(4):
        reply = asked.say("hvor finner jeg det?")
        assert spoken(reply) == "Det står øverst i e-posten du fikk. Hva er ordrenummeret?"


def test_a_slot_that_is_needed_cannot_be_skipped_and_another_can(asked: FlowTalk):
    assert spoken(asked.say("det vet jeg ikke")).startswith("Det må jeg ha")
    call = asked
    call.say("avbryt")
    call.say("Kan jeg avtale et besøk på fredag?")
    call.say("ja")
    assert call.asks("har ikke telefon") == "wish"
    call.say("krim")
    call.say("ja takk")
    assert call.acts[-1].arguments == {"day": "2026-11-27", "phone": "", "wish": "krim"}


def test_a_flow_is_left_with_its_own_words(asked: FlowTalk):
    reply = asked.say("glem det")
    assert spoken(reply).startswith("Greit, da ser vi ikke på ordren.")
    assert asked.state.frames == ()


def test_two_readings_are_asked_about_and_one_is_taken(call: FlowTalk):
    call.say("Jeg vil bestille time hos bokhandleren")
    reply = call.say("neste torsdag")
    assert spoken(reply) == "Mener du {2026-11-26|day}, eller {2026-12-03|day}?"
    assert call.asks("den andre") == "phone"
    assert call.slots == {"day": "2026-12-03"}


@pytest.mark.parametrize(("answer", "asks", "day"), [("ja", "phone", "2026-11-27"), ("nei", "day", None)])
def test_what_must_be_confirmed_is_read_back(call: FlowTalk, answer: str, asks: str, day: str | None):
    reply = call.say("Kan jeg avtale et besøk på fredag?")
    assert "{2026-11-27|day}" in spoken(reply)
    assert isinstance(reply.action, Listen)
    assert reply.action.expects == "yes_no"
    assert call.asks(answer) == asks
    assert call.slots.get("day") == day


def test_no_and_another_value_is_read_back_again(call: FlowTalk):
    call.say("Kan jeg avtale et besøk på fredag?")
    assert "{2026-11-28|day}" in spoken(call.say("nei, på lørdag"))
    assert call.asks("ja") == "phone"


def test_a_value_heard_badly_is_read_back(asked: FlowTalk):
    reply = asked.say(ORDER, confidence=0.5)
    assert "{402713|digits}" in spoken(reply)
    assert asked.asks("ja det stemmer") == "post_code"


def test_another_flow_is_taken_now_or_later(asked: FlowTalk):
    reply = asked.say("Jeg vil bestille time hos bokhandleren")
    assert spoken(reply) == "Skal vi ta avtale om besøk nå, eller gjøre ferdig ordrestatus først?"
    before = asked.state
    assert asked.asks("nå") == "day"
    assert "Tilbake til ordrestatus. Hva er ordrenummeret?" in spoken(asked.say("avbryt"))
    asked.state = before
    assert asked.asks("etterpå") == "order"
    asked.say(ORDER)
    reply = asked.say("0155")
    assert "Så var det avtale om besøk. Hvilken dag passer det?" in spoken(reply)


def test_a_change_of_mind_changes_the_flow_at_once(asked: FlowTalk):
    asked.say("nei, jeg vil heller bestille time hos bokhandleren")
    assert [frame.flow for frame in asked.state.frames] == ["book_visit"]


def test_two_wishes_in_one_breath_are_both_met(call: FlowTalk):
    reply = call.say("Hvor er pakken min, og når stenger butikken på lørdag?")
    assert spoken(reply) == "Så kommer jeg til Åpningstider etterpå. Hva er ordrenummeret?"
    call.say(ORDER)
    reply = call.say("0155")
    assert "Så var det Åpningstider. Butikken er åpen" in spoken(reply)
    assert call.state.later == ()


def test_two_questions_in_one_breath_are_both_answered(call: FlowTalk):
    reply = call.say("Hva koster frakten, og når stenger butikken på lørdag?")
    assert "{49|nok}" in spoken(reply)
    assert "{17:00|time}" in spoken(reply)


def test_a_question_that_leans_on_the_one_before_gets_its_answer(call: FlowTalk):
    call.say("Når har dere åpent?")
    reply = call.say("og på søndager?")
    assert reply.decision.article == "opening-hours"


def test_keys_fill_a_slot_without_a_word(asked: FlowTalk):
    silent = [asked.press(key) for key in ORDER[:5]]
    assert all(reply.prompts == () and isinstance(reply.action, Listen) for reply in silent)
    assert spoken(asked.press(ORDER[5])) == "Og postnummeret ditt?"
    assert "er sendt" in spoken(asked.press("0155"))


def test_keys_that_stop_too_early_are_no_number(asked: FlowTalk):
    asked.press("4027")
    assert spoken(asked.event(CallerSilent())).startswith("Det var for få sifre.")
    asked.press("402713")
    assert asked.slots == {"order": ORDER}


@pytest.mark.parametrize("then", ["#", None])
def test_a_lone_zero_where_digits_are_awaited_still_calls_a_person(asked: FlowTalk, then: str | None):
    asked.press("0")
    reply = asked.press(then) if then else asked.event(CallerSilent())
    assert isinstance(reply.action, HandOff)
    assert reply.action.reason == "key_0"


def test_keys_say_yes_and_choose(call: FlowTalk):
    call.say("Jeg vil bestille time hos bokhandleren")
    call.say("neste torsdag")
    call.press("2")
    assert call.slots == {"day": "2026-12-03"}


def test_a_person_is_reached_at_any_moment(asked: FlowTalk):
    reply = asked.say("jeg vil snakke med et menneske")
    assert isinstance(reply.action, HandOff)
    assert reply.action.reason == "caller_asked"


def test_a_national_identity_number_is_refused_and_nowhere_kept(call: FlowTalk):
    call.say("Jeg vil bestille time hos bokhandleren")
    for text in ("fødselsnummeret mitt er 01010150074", "null en null en null en, fem null null sju fire"):
        reply = call.say(text)
        assert "fødselsnummer" in spoken(reply)
        assert "01010150074" not in repr(call.state)
        assert "50074" not in repr(call.state)
        assert "null sju fire" not in repr(call.state)


def test_an_act_that_fails_has_the_steps_of_the_flow(call: FlowTalk):
    call.do = lambda act: ActionFailed(act.ticket, "timeout")
    call.say("Kan jeg avtale et besøk på fredag?")
    for text in ("ja", "har ikke telefon", "krim"):
        call.say(text)
    reply = call.say("ja")
    assert spoken(reply).startswith("Det gikk dessverre ikke.")
    assert isinstance(reply.action, HandOff)


def test_an_act_that_fails_without_steps_is_apologised_for_and_a_person_offered(asked: FlowTalk):
    asked.do = lambda act: ActionFailed(act.ticket, "error")
    asked.say(ORDER)
    reply = asked.say("0155")
    assert spoken(reply).startswith("Beklager, det fikk jeg ikke gjort akkurat nå.")
    assert asked.state.frames == ()
    assert isinstance(asked.say("ja takk").action, HandOff)


def test_words_while_an_act_is_under_way_wait_for_the_same_act(shop: Engine, asked: FlowTalk):
    asked.say(ORDER)
    state, reply = shop.respond(asked.state, CallerSaid("0155"), asked.now)
    act = reply.action
    state, reply = shop.respond(state, CallerSaid("hva koster frakten?"), asked.now)
    assert reply.action == act
    assert reply.decision.article == "delivery-price"
    _, reply = shop.respond(state, ActionDone(1, {"status": "packed"}), asked.now)
    assert "ikke sendt ennå" in spoken(reply)


def test_an_act_nobody_waits_for_any_more_changes_nothing(shop: Engine, asked: FlowTalk):
    state, reply = shop.respond(asked.state, ActionDone(7, {"status": "sent"}), asked.now)
    assert state is asked.state
    assert reply.prompts == ()


def test_a_flow_that_calls_another_knows_what_that_one_learnt(call: FlowTalk):
    call.say("Jeg vil returnere en bok")
    call.say(ORDER)
    call.say("0155")
    assert "Send ordre {402713|digits} tilbake" in spoken(call.say("feil bok"))


def test_a_link_is_offered_and_sent(call: FlowTalk):
    reply = call.say("Selger dere gavekort?")
    assert spoken(reply).endswith("SMS?")
    assert spoken(call.say("ja takk")).startswith("Et lite øyeblikk. Lenken er sendt.")
    assert call.acts == [Act("send_link", {"link": "https://bokhuset.example/gavekort", "article": "gift-card"}, 1)]


def test_a_bot_without_text_messages_offers_none(shop: Engine, embeddings: Path):
    mute = Engine(replace(shop.bot, sms=False), embeddings)
    call = began(FlowTalk(mute, mute.new_state()))
    assert "SMS" not in spoken(call.say("Selger dere gavekort?"))


def test_small_talk_inside_a_flow_leads_back_to_it(asked: FlowTalk):
    for text in ("takk", "hei", "hva kan du hjelpe meg med?", "er du en robot?"):
        assert asked.asks(text) == "order", text
    reply = asked.say("vent litt")
    assert spoken(reply) == "Bare ta deg tid."
    assert isinstance(reply.action, Listen)
    assert reply.action.timeout_seconds > 20


def test_the_language_of_a_flow_changes_with_the_caller(asked: FlowTalk):
    reply = asked.say("Can we speak English please?")
    assert spoken(reply).endswith("What is the order number?")


def test_an_emergency_asks_for_nothing(asked: FlowTalk):
    reply = asked.say("hjelp, det brenner på kjøkkenet")
    assert "{110|id}" in spoken(reply)
    assert "ordrenummeret" not in spoken(reply)


def test_a_fed_up_caller_is_offered_a_person_once_and_then_passed_on(asked: FlowTalk):
    offered = asked.say("dette er helt håpløst, du forstår jo ingenting")
    assert "Vil du snakke med kundeservice?" in spoken(offered)
    assert asked.asks("nei") == "order"
    reply = asked.say("dette er for dårlig, jeg har sagt det tre ganger")
    assert isinstance(reply.action, HandOff)
    assert reply.action.reason == "frustrated"


def test_out_of_hours_the_flow_is_gone_on_with(asked: FlowTalk):
    asked.now = datetime(2026, 11, 24, 23, 0, tzinfo=OSLO)
    reply = asked.say("jeg vil snakke med et menneske")
    assert isinstance(reply.action, Listen)
    assert spoken(reply).endswith("Hva er ordrenummeret?")


def test_fixed_prompts_hold_the_texts_of_flows(shop: Engine):
    fixed = {(prompt.language, prompt.text) for prompt in shop.fixed_prompts()}
    for text in ("Hva er ordrenummeret?", "Du kan også taste det, og så firkant.", "Tilbake til ordrestatus."):
        assert ("nb", text) in fixed
    assert not any("{order" in text for _, text in fixed)


def test_a_hash_behind_a_complete_number_says_no_more(asked: FlowTalk):
    asked.press(ORDER)
    assert asked.press("#").prompts == ()
    assert "er sendt" in spoken(asked.press("0155"))
    assert asked.press("#").prompts == ()
    assert asked.press("#").decision.rule == "keys"


def test_a_named_fault_is_followed_by_the_question_itself(asked: FlowTalk):
    assert spoken(asked.say("40271355")) == "Det var for mange sifre. Hva er ordrenummeret?"


def test_values_said_before_the_bot_asked_what_was_meant_are_not_lost(asked: FlowTalk):
    asked.say("glem det")
    offered = asked.say("Hvor er pakken min? Ordrenummeret er 402713", confidence=0.2)
    assert offered.decision.rule == "choice"
    assert asked.asks("ja") == "post_code"


def test_a_goodbye_inside_a_flow_ends_the_call(asked: FlowTalk):
    assert asked.say("nei, det var alt, ha det bra").action == HangUp("goodbye")


def test_a_value_denied_again_and_again_is_given_up(call: FlowTalk):
    call.say("Jeg vil bestille time hos bokhandleren")
    for day in ("på fredag", "på mandag", "på onsdag", "på lørdag"):
        call.say(day)
        reply = call.say("nei")
    assert reply.decision.rule == "flow_failed"


def test_the_rest_of_the_words_around_a_refused_number_is_answered(call: FlowTalk):
    reply = call.say("Fødselsnummeret mitt er 01010150074. Når har dere åpent?")
    assert reply.decision.article == "opening-hours"
    assert "fødselsnummer" in spoken(reply)
    assert "01010150074" not in repr(call.state)


def test_a_value_in_a_question_that_no_topic_answers_is_the_answer(call: FlowTalk):
    call.say("Jeg vil bestille time hos bokhandleren")
    reply = call.say("går det an å få til noe på mandag?")
    assert "{2026-11-30|day}" in spoken(reply)


def test_what_would_have_been_asked_later_is_kept(call: FlowTalk):
    call.say("Jeg vil bestille time hos bokhandleren")
    reply = call.say("telefonnummeret mitt er 22 22 55 55")
    assert spoken(reply) == "Hvilken dag passer det?"
    call.say("på fredag")
    assert call.asks("ja") == "wish"


def test_naming_the_flow_again_is_no_failed_attempt(asked: FlowTalk):
    for _ in range(5):
        assert spoken(asked.say("Jeg lurer på hvor pakken min er")) == "Hva er ordrenummeret?"


def test_what_a_flow_learnt_is_told_to_the_person_it_hands_over_to(asked: FlowTalk):
    asked.say(ORDER)
    for text in ("blå elefant", "tralala", "hopp og sprett"):
        reply = asked.say(text)
    assert isinstance(reply.action, HandOff)
    told = brief(asked.engine.bot, asked.state, reply.action.reason)
    assert ORDER in told.paragraph
    assert ORDER not in told.whisper


def test_a_number_says_what_a_doubtful_question_is_about(call: FlowTalk, embeddings: Path):
    strict = Engine(replace(call.engine.bot, thresholds=Thresholds(answer=0.99, choice=0.2)), embeddings)
    for words, rule in (("noe med en ordre", "choice"), ("noe med en ordre 402713", "flow")):
        assert began(FlowTalk(strict, strict.new_state())).say(words).decision.rule == rule
