"""The limits as an operator sets them: what the line is told, what is refused at the start, what the metrics say."""

from dataclasses import replace

import httpx
import pytest

from dialog import Engine, load_bot
from tests.serving import NORDLYS, test_config
from voicebot.app import build_app, traffic_rules
from voicebot.config import ConfigInvalid, load_config
from voicebot.house import House

CACHE = load_config(environ={}).speech.cache_folder / "dialog"


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(load_bot(NORDLYS), CACHE)


@pytest.fixture
async def house(engine: Engine) -> House:
    return House(test_config(), engine.bot, engine)


async def test_the_line_may_ring_the_bots_departments_and_nobody_else(house: House) -> None:
    rules = traffic_rules(load_config(environ={}), house)
    departments = house.bot.departments
    numbers = {number for found in departments for number in (found.number, found.out_of_hours) if number is not None}
    people = {one.number for found in departments for one in found.people}
    assert rules.destinations == frozenset(numbers | people)
    assert "+47" in rules.countries
    assert (rules.calls_per_number_minute, rules.transfers_per_number_hour, rules.texts_per_number_day) == (10, 10, 10)
    assert [sentence.language for sentence in rules.too_often] == [house.bot.languages[0]]


async def test_a_department_in_a_country_that_may_not_be_rung_is_named_before_anybody_calls(house: House) -> None:
    config = load_config(environ={"VOICEBOT_COUNTRIES": "+47, +46"})
    with pytest.raises(ConfigInvalid) as refused:
        traffic_rules(config, house)
    told = str(refused.value)
    assert "customer_service" in told and "VOICEBOT_COUNTRIES" in told
    assert all(department.number not in told for department in house.bot.departments)
    anywhere = traffic_rules(load_config(environ={"VOICEBOT_COUNTRIES": "none"}), house)
    assert anywhere.countries == ()


async def test_what_was_refused_can_be_read_in_the_metrics(house: House) -> None:
    config = test_config()
    app, line = build_app(replace(config, twilio=config.twilio), house)
    assert line is not None
    line.counters.limited["calls_per_number"] += 2
    transport = httpx.ASGITransport(app, client=("127.0.0.1", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        assert (await client.get("/" + "x" * 3_000)).status_code == 414
        told = (await client.get("/metrics")).text
    assert 'voicebot_line_events{kind="limited:calls_per_number"} 2.0' in told
    assert 'voicebot_door_refused_total{reason="target_size"} 1.0' in told
    await line.close("the test is over")
