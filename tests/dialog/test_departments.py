"""Who is rung for a caller: people of a department with languages and hours, and the departments that stand in."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialog import Bot, check_bot, load_bot
from dialog.bot import Department
from dialog.handoff import Reachable, find_person
from dialog.people import Callee, shared_language
from tests.dialog.conftest import OSLO, TODAY, TUESDAY_MORNING, TUESDAY_NIGHT
from tests.dialog.test_bot_folder import BOT, the_fault, write

DESK = '  desk: {name: {nb: kundeservice, en: customer service}, number: "+442079460201", default: true}\n'
STAFFED = """\
  desk:
    name: {nb: kundeservice, en: customer service}
    number: "+442079460201"
    default: true
    people:
      - {name: Ada, number: "+442079460211"}
      - name: Bo
        number: "sip:bo@example.com"
        languages: [en]
        account: bo.berg
        hours: {weekly: {tue: "12:00-16:00"}}
    then: [power]
  power:
    name: {nb: strøm, en: power}
    number: "+442079460202"
    ring: all
    people:
      - {name: Kim, number: "+442079460221"}
      - {name: Lise, number: "+442079460211"}
      - {name: Mai, number: "+442079460223"}
    then: [desk, night]
  night:
    name: {nb: vakta, en: the guard}
    number: "+442079460203"
    hours: {weekly: {mon-sun: "20:00-23:59"}}
    people: [{name: Nils, number: "+442079460231"}]
"""
WHOLE = BOT.replace(DESK, STAFFED)


@pytest.fixture(scope="module")
def staffed(tmp_path_factory: pytest.TempPathFactory) -> Bot:
    """A bot whose desk has two people, with power behind them, and the guard behind power."""
    return load_bot(write(tmp_path_factory.mktemp("staffed"), WHOLE), TODAY)


def names(bot: Bot, department: str, now: datetime) -> list[list[str]]:
    found = find_person(bot, department, now)
    assert isinstance(found, Reachable)
    return [[person.id for person in people] for people in found.rounds]


def test_people_are_read_with_what_they_leave_out(staffed: Bot) -> None:
    ada, bo = staffed.departments[0].people
    assert (ada.department, ada.languages, ada.hours, ada.account) == ("desk", (), None, "Ada")
    assert (bo.languages, bo.account) == (("en",), "bo.berg")
    assert bo.hours is not None and bo.hours.timezone == "Europe/Oslo"


def test_a_person_answers_in_their_hours_and_languages(staffed: Bot) -> None:
    ada, bo = staffed.departments[0].people
    noon = datetime(2026, 11, 24, 12, 30, tzinfo=OSLO)
    assert ada.answers(TUESDAY_MORNING, "nb") and bo.answers(noon, "en")
    assert not bo.answers(noon, "nb") and not bo.answers(TUESDAY_MORNING, "en")


@pytest.mark.parametrize(("speaks", "caller", "answers"), [("nb", "nn", True), ("nn", "nb", True), ("nb", "en", False)])
def test_bokmaal_and_nynorsk_understand_each_other(speaks: str, caller: str, answers: bool) -> None:
    assert Callee("Ada", "+4722", "desk", (speaks,)).answers(TUESDAY_MORNING, caller) is answers


def test_the_departments_own_people_come_before_those_who_stand_in_and_nobodys_phone_rings_twice(staffed: Bot) -> None:
    assert names(staffed, "desk", TUESDAY_MORNING) == [["Ada"], ["Bo"], ["Kim", "Mai"]]
    assert names(staffed, "power", TUESDAY_MORNING) == [["Kim", "Lise", "Mai"], ["Bo"]]


def test_who_stands_in_is_left_out_when_closed(staffed: Bot) -> None:
    assert names(staffed, "night", TUESDAY_NIGHT) == [["Nils"]]


def _chain(links: list[tuple[int, ...]]) -> tuple[Department, ...]:
    return tuple(
        Department(
            id=f"d{place}",
            names={"nb": f"d{place}"},
            number="+4722000000",
            default=place == 0,
            words={},
            hours=None,
            people=(Callee(f"p{place}", f"+47220000{place:02d}", f"d{place}"),),
            then=tuple(f"d{other}" for other in others),
        )
        for place, others in enumerate(links)
    )


@given(st.lists(st.lists(st.integers(0, 5), max_size=4).map(tuple), min_size=6, max_size=6))
def test_however_departments_stand_in_for_each_other_everybody_who_is_reached_is_rung_once(
    staffed: Bot, links: list[tuple[int, ...]]
) -> None:
    bot = replace(staffed, departments=_chain(links))
    found = find_person(bot, "d0", TUESDAY_MORNING)
    assert isinstance(found, Reachable)
    rung = [person.id for people in found.rounds for person in people]
    reached, waiting = {0}, [0]
    while waiting:
        new = set(links[waiting.pop()]) - reached
        reached |= new
        waiting += new
    assert rung[0] == "p0"
    assert sorted(rung) == sorted(f"p{place}" for place in reached)


@pytest.mark.parametrize(
    ("old", "new", "what", "cure"),
    [
        ("then: [power]", "then: [powr]", "there is no department powr", "did you mean `power`?"),
        ("then: [power]", "then: [desk]", "it names itself", "remove it"),
        ("languages: [en]", "languages: [uk]", "uk is not one of the bot's languages (nb, en)", "write one of those"),
        ("{name: Kim,", "{name: lise,", "Lise is named twice", "give each their own name"),
        ("account: bo.berg", "acount: bo.berg", "`acount` is not a key here", "did you mean `account`?"),
        ('tue: "12:00-16:00"', 'tue: "12-25"', '"25" is not a time of day', "08:00-16:00"),
    ],
)
def test_a_slip_names_the_thing_and_its_cure(tmp_path: Path, old: str, new: str, what: str, cure: str) -> None:
    faults = check_bot(write(tmp_path, WHOLE.replace(old, new, 1)), TODAY)
    found = [fault for fault in faults if what in fault.what]
    assert len(found) == 1, [str(fault) for fault in faults]
    assert found[0].line is not None and cure in found[0].cure


def test_standing_in_for_nobody_or_by_nobody_is_told(tmp_path: Path) -> None:
    lonely = WHOLE.replace("    people: [{name: Nils", "    then: [power]\n    out_of_hours: [{name: Nils")
    lonely = lonely.replace('    out_of_hours: [{name: Nils, number: "+442079460231"}]\n', "")
    faults = check_bot(write(tmp_path, lonely), TODAY)
    assert the_fault(faults, "nobody of night is rung").warning
    assert the_fault(faults, "night has no people who could be rung").warning


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("callbacks: {callback: false, message: false}", "offers neither a callback nor a message"),
        ("callbacks: {deadline_hours: 0}", "deadline_hours is 0"),
        ("callbacks: {deadline_hours: 2.5}", "deadline_hours is 2.5"),
        ("callbacks: {sms: 3}", "sms must be true or false"),
        ("rating: 5", "`rating` must be true or false"),
        ("records: {history: maybe}", "history must be true or false"),
    ],
)
def test_what_callers_are_offered_is_checked(tmp_path: Path, text: str, what: str) -> None:
    fault = the_fault(check_bot(write(tmp_path, f"{BOT}{text}\n"), TODAY), what)
    assert fault.line == len(BOT.splitlines()) + 1


def test_without_departments_nobody_can_call_back(tmp_path: Path) -> None:
    text = BOT[: BOT.index("departments:")] + "callbacks: {sms: true}\n"
    assert "add `departments`" in the_fault(check_bot(write(tmp_path, text), TODAY), "no department to call back").cure


def test_a_flow_of_the_same_name_as_a_built_in_one_is_a_fault(tmp_path: Path) -> None:
    folder = write(tmp_path, f"{BOT}callbacks: {{message: false}}\n")
    (folder / "flows").mkdir()
    flow = (
        "version: 1\ntitle: {nb: x, en: x}\nstarts: {nb: [a b c], en: [a b c]}\nsteps: [{say: {nb: Hei., en: Hi.}}]\n"
    )
    (folder / "flows" / "callback.yaml").write_text(flow, encoding="utf-8")
    (folder / "flows" / "message.yaml").write_text(flow, encoding="utf-8")
    fault = the_fault(check_bot(folder, TODAY), "is built in")
    assert fault.file == "flows/callback.yaml"


def test_what_is_left_out_is_as_usual(tmp_path: Path) -> None:
    bot = load_bot(write(tmp_path, f"{BOT}callbacks: {{}}\n"), TODAY)
    assert bot.callbacks is not None and bot.callbacks.kinds == ("callback", "message")
    assert (bot.callbacks.deadline_hours, bot.callbacks.sms, bot.rating, bot.records.history) == (8, False, False, True)
    assert load_bot(write(tmp_path), TODAY).callbacks is None


@pytest.mark.parametrize(
    ("spoken", "heard"),
    [
        ((), "nb"),
        (((), ("en",)), "en"),
        ((("nn",), ()), "nb"),
        ((("uk", "en"), ("en", "nb")), "en"),
        ((("uk",), ("nb",)), "nb"),
        ((("uk",),), "uk"),
    ],
)
def test_what_people_hear_is_in_a_language_they_all_understand(spoken: tuple[tuple[str, ...], ...], heard: str) -> None:
    people = [Callee(str(place), "+4790000000", languages=languages) for place, languages in enumerate(spoken)]
    assert shared_language(people, ("nb", "en", "uk")) == heard
