"""The webhooks over HTTP: who may ask, what they are told, and that asking twice changes nothing."""

import hashlib
import json
import xml.etree.ElementTree as ET

import pytest

from telephony.call import Spoken, TransferTarget
from telephony.front_desk import Refusal
from tests.telephony.twilio_house import (
    ACCOUNT,
    CALL,
    FALLBACK,
    PERSON,
    TOKEN,
    FakeDesk,
    House,
    listen,
    open_house,
    sign,
    standard_fields,
    stream_url,
    within,
)

PATHS = ["voice", "stream-ended", "dial-ended", "status", "stream-status", "fallback"]
FULL = Refusal("full", (Spoken("Alle linjer er opptatt.", "nb"),), PERSON)


def tags(document: ET.Element) -> list[str]:
    return [verb.tag for verb in document]


# Who may ask.


@pytest.mark.parametrize("path", PATHS)
async def test_every_webhook_wants_a_signature(path):
    async with open_house() as house:
        for signature in ({}, {"X-Twilio-Signature": ""}, {"X-Twilio-Signature": "x" * 28}):
            response = await house.http.post(f"{house.base}/twilio/{path}", data=standard_fields(), headers=signature)
            assert response.status_code == 403 and response.content == b""
        forged = {"X-Twilio-Signature": sign("wrong", f"{house.base}/twilio/{path}", list(standard_fields().items()))}
        assert (await house.post(f"/twilio/{path}", headers=forged)).status_code == 403
        assert house.line.counters.refused_signatures == 4
        assert (await house.post(f"/twilio/{path}")).status_code in (200, 204)
        assert house.line.counters.webhooks[path] == 5


@pytest.mark.parametrize("path", PATHS)
async def test_get_is_not_answered(path):
    async with open_house() as house:
        assert (await house.http.get(f"{house.base}/twilio/{path}?CallSid={CALL}")).status_code == 405


async def test_a_signature_for_one_webhook_does_not_open_another():
    async with open_house() as house:
        signature = sign(TOKEN, f"{house.base}/twilio/status", list(standard_fields().items()))
        response = await house.post("/twilio/voice", headers={"X-Twilio-Signature": signature})
        assert response.status_code == 403


async def test_the_query_is_signed_as_it_was_sent():
    async with open_house() as house:
        assert (await house.post("/twilio/voice?bot=a%20b&x=")).status_code == 200


async def test_the_outside_address_is_the_public_url_whatever_the_proxy_says():
    async with open_house(public_url="https://bot.example.com") as house:
        form = standard_fields()
        signature = sign(TOKEN, "https://bot.example.com/twilio/voice", list(form.items()))
        for extra in ({}, {"Host": "elsewhere"}, {"X-Forwarded-Proto": "ftp"}, {"X-Forwarded-Host": "evil"}):
            response = await house.http.post(
                f"{house.base}/twilio/voice", data=form, headers={"X-Twilio-Signature": signature, **extra}
            )
            assert response.status_code == 200
        assert stream_url(ET.fromstring(response.text)).startswith("wss://bot.example.com/twilio/media/")


async def test_repeated_blank_and_foreign_fields_pass():
    async with open_house() as house:
        form = [*standard_fields().items(), ("Odd", "b"), ("Odd", "a"), ("ToCity2", "Ødegård & + %")]
        response = await house.http.post(
            f"{house.base}/twilio/voice",
            content="&".join(f"{name}={''.join(f'%{byte:02X}' for byte in value.encode())}" for name, value in form),
            headers={
                "X-Twilio-Signature": sign(TOKEN, f"{house.base}/twilio/voice", form),
                "Content-Type": "application/x-www-form-urlencoded",
            },
        )
        assert response.status_code == 200


async def test_a_json_webhook_is_held_to_its_hash():
    async with open_house() as house:
        body = json.dumps(standard_fields()).encode()
        target = "/twilio/voice?bodySHA256=" + hashlib.sha256(body).hexdigest()
        headers = {"X-Twilio-Signature": sign(TOKEN, house.base + target, []), "Content-Type": "application/json"}
        assert (await house.http.post(house.base + target, content=body, headers=headers)).status_code == 200
        changed = body.replace(b"ringing", b"busy")
        assert (await house.http.post(house.base + target, content=changed, headers=headers)).status_code == 403


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"a=" + b"x" * 65_536, "application/x-www-form-urlencoded"),
        (b"&".join(b"f%d=1" % number for number in range(301)), "application/x-www-form-urlencoded"),
        (b"a=\xff", "application/x-www-form-urlencoded"),
        (b"a=%ff", "application/x-www-form-urlencoded"),
        (b"\xff{}", "application/json"),
    ],
)
async def test_a_body_too_large_or_unreadable_is_refused(body, kind):
    async with open_house() as house:
        response = await house.http.post(
            f"{house.base}/twilio/voice",
            content=body,
            headers={"Content-Type": kind, "X-Twilio-Signature": "x" * 28},
        )
        assert response.status_code == 400
        assert house.line.counters.refused_webhooks == 1


@pytest.mark.parametrize(
    "fields",
    [{"AccountSid": "AC" + "0" * 32}, {"CallSid": ""}, {"CallSid": "CA123"}, {"CallSid": "../" + "a" * 31}],
)
async def test_another_account_or_no_call_is_refused(fields):
    async with open_house() as house:
        assert (await house.post("/twilio/voice", fields)).status_code == 400


# A phone rings.


async def test_a_ringing_phone_gets_the_bot():
    async with open_house() as house:
        document = await house.document("/twilio/voice")
        assert tags(document) == ["Connect"]
        assert document[0].attrib["action"] == house.base + "/twilio/stream-ended"
        url = stream_url(document)
        assert url.startswith(house.base.replace("http", "ws") + "/twilio/media/") and "?" not in url


async def test_a_repeated_ring_gets_the_same_working_token():
    async with open_house() as house:
        first = await house.post("/twilio/voice", headers={"I-Twilio-Idempotency-Token": "one"})
        second = await house.post("/twilio/voice", headers={"I-Twilio-Idempotency-Token": "one"})
        third = await house.post("/twilio/voice")
        assert first.text == second.text == third.text
        assert house.line.counters.repeated_webhooks == 1
        async with house.stream(stream_url(ET.fromstring(third.text))) as line:
            await line.stop()
            await within(house.desk.finished.get())


@pytest.mark.parametrize("number", ["anonymous", "Anonymous", "unknown", "", "client:alice", "+", "sip:a@b"])
async def test_a_withheld_number_is_none(number):
    async with open_house() as house:
        url = stream_url(await house.document("/twilio/voice", From=number))
        async with house.stream(url) as line:
            await line.stop()
            call = await within(house.desk.finished.get())
        assert call.caller.number is None


async def test_a_full_house_apologises_and_passes_on_and_says_so_twice_alike():
    async with open_house(FakeDesk(refuses=FULL)) as house:
        document = await house.document("/twilio/voice")
        assert tags(document) == ["Say", "Dial"] and document[0].attrib == {"language": "nb-NO"}
        house.desk.refuses = None
        assert ET.tostring(await house.document("/twilio/voice")) == ET.tostring(document)
        assert house.line.counters.refusals == {"full": 1}


async def test_without_a_person_a_refusal_still_ends_with_a_word():
    async with open_house(FakeDesk(refuses=Refusal("closed", FULL.apology, None))) as house:
        assert tags(await house.document("/twilio/voice")) == ["Say", "Hangup"]


@pytest.mark.parametrize("status", ["completed", "no-answer", "canceled", "busy", "failed"])
async def test_a_caller_who_has_gone_gets_no_stream(status):
    async with open_house() as house:
        assert tags(await house.document("/twilio/voice", CallStatus=status)) == ["Hangup"]


async def test_completed_may_overtake_the_answer_to_the_ring():
    async with open_house() as house:
        url = stream_url(await house.document("/twilio/voice"))
        await house.post("/twilio/status", CallStatus="completed")
        assert tags(await house.document("/twilio/voice")) == ["Hangup"]
        assert tags(await house.document("/twilio/stream-ended")) == ["Hangup"]
        assert tags(await house.document("/twilio/dial-ended", DialCallStatus="busy")) == ["Hangup"]
        with pytest.raises(Exception, match="403"):
            async with house.stream(url):
                pass


class BrokenDesk(FakeDesk):
    """Works when the house opens, and breaks at the first call."""

    opened = False

    def refusal(self):
        raise RuntimeError("the bot folder is gone")

    def fallback(self):
        if self.opened:
            raise RuntimeError("so is the fallback")
        self.opened = True
        return FALLBACK


@pytest.mark.parametrize("path", ["voice", "fallback"])
async def test_a_broken_desk_still_sends_the_caller_to_a_person(path):
    async with open_house(BrokenDesk()) as house:
        document = await house.document(f"/twilio/{path}")
        assert tags(document) == ["Say", "Say", "Dial"]
        assert document.findtext("./Dial/Number") == PERSON.number


async def test_the_fallback_reaches_a_person_for_a_call_never_seen():
    async with open_house() as house:
        document = await house.document("/twilio/fallback", ErrorCode="11200", ErrorUrl="https://x")
        assert tags(document) == ["Say", "Say", "Dial"]


# A stream has ended.


async def test_an_unknown_calls_stream_end_passes_the_caller_on():
    async with open_house() as house:
        assert tags(await house.document("/twilio/stream-ended", CallStatus="in-progress")) == ["Say", "Say", "Dial"]


async def test_after_a_restart_a_remembered_call_goes_on_with_the_bot():
    async with open_house(FakeDesk(remembered=frozenset({CALL}))) as house:
        assert tags(await house.document("/twilio/stream-ended", CallStatus="in-progress")) == ["Connect"]
        assert house.line.counters.reconnects == 1


async def test_a_remembered_call_waits_until_the_models_are_loaded_again_and_not_for_ever():
    desk = FakeDesk(remembered=frozenset({CALL}))
    desk.refuses = Refusal("not_ready", FALLBACK.apology, PERSON, moment=Spoken("Et øyeblikk.", "nb"))
    async with open_house(desk) as house:
        document = await house.document("/twilio/stream-ended", CallStatus="in-progress")
        assert tags(document) == ["Say", "Pause", "Redirect"]
        assert (document.findtext("Redirect") or "").endswith("/twilio/stream-ended")
        desk.refuses = None
        assert tags(await house.document("/twilio/stream-ended", CallStatus="in-progress")) == ["Connect"]
    desk.refuses = Refusal("not_ready", FALLBACK.apology, PERSON, moment=Spoken("Et øyeblikk.", "nb"))
    async with open_house(desk) as house:
        answers = [tags(await house.document("/twilio/stream-ended", CallStatus="in-progress")) for _ in range(20)]
        assert answers.count(["Say", "Pause", "Redirect"]) < 10
        assert "Dial" in answers[-1]


@pytest.mark.parametrize("token", ["", "a-token"])
async def test_a_repeated_stream_end_is_one_reconnect(token):
    async with open_house() as house:
        async with house.call():
            pass
        await within(house.desk.finished.get())
        headers = {"I-Twilio-Idempotency-Token": token} if token else {}
        answers = [
            (await house.post("/twilio/stream-ended", CallStatus="in-progress", headers=headers)).text for _ in range(3)
        ]
        assert len(set(answers)) == 1 and "Stream" in answers[0]
        assert house.line.counters.reconnects == 1


@pytest.mark.parametrize("with_tokens", [True, False])
async def test_a_stream_that_never_starts_is_given_up_for_a_person(with_tokens):
    async with open_house() as house:
        await house.document("/twilio/voice")
        for attempt in range(10):
            headers = {"I-Twilio-Idempotency-Token": str(attempt)} if with_tokens else {}
            response = await house.post("/twilio/stream-ended", CallStatus="in-progress", headers=headers)
            if "<Dial" in response.text:
                break
            assert "<Stream" in response.text
        else:
            pytest.fail("the caller is connected to nothing for ever")


async def test_a_lost_stream_of_a_full_house_goes_to_a_person():
    async with open_house() as house:
        async with house.call():
            pass
        await within(house.desk.finished.get())
        house.desk.refuses = FULL
        assert tags(await house.document("/twilio/stream-ended", CallStatus="in-progress")) == ["Say", "Dial"]


async def test_stream_events_are_counted_by_their_known_names():
    async with open_house() as house:
        for event in ("stream-started", "stream-stopped", "stream-error", "a caller's words"):
            response = await house.post(
                "/twilio/stream-status", StreamEvent=event, StreamSid="MZ1", StreamName="x", StreamError="31921"
            )
            assert response.status_code == 204
        assert house.line.counters.stream_events == {
            "stream-started": 1,
            "stream-stopped": 1,
            "stream-error": 1,
            "other": 1,
        }


# A dial has ended.


async def transferred(house: House, **fields: str) -> ET.Element:
    """A call that was passed on, and what its dial's end is answered with."""
    async with house.call() as line:
        await line.media()
        await within(line.closed())
    await house.document("/twilio/stream-ended", CallStatus="in-progress")
    await within(house.desk.finished.get())
    return await house.document("/twilio/dial-ended", CallStatus="in-progress", **fields)


def passing_on(target: TransferTarget = PERSON):
    async def converse(call):
        if call.caller.resumed is None:
            await call.transfer(target)
        else:
            await listen(call)

    return FakeDesk(converse)


@pytest.mark.parametrize(
    "fields",
    [
        {"DialCallStatus": "completed", "DialBridged": "true", "DialCallDuration": "42"},
        {"DialCallStatus": "completed"},
        {"DialCallStatus": "answered"},
        {"DialCallStatus": "canceled"},
    ],
)
async def test_after_the_talk_with_a_person_the_call_ends(fields):
    async with open_house(passing_on()) as house:
        assert tags(await transferred(house, **fields)) == ["Hangup"]


@pytest.mark.parametrize(
    "fields",
    [
        {"DialCallStatus": "busy"},
        {"DialCallStatus": "no-answer"},
        {"DialCallStatus": "failed"},
        {"DialCallStatus": "completed", "DialBridged": "false"},
        {},
    ],
)
async def test_when_nobody_answers_the_bot_comes_back_once(fields):
    async with open_house(passing_on()) as house:
        document = await transferred(house, **fields)
        assert tags(document) == ["Connect"], "the bot itself says that nobody answered"
        again = await house.document("/twilio/dial-ended", CallStatus="in-progress", **fields)
        assert ET.tostring(again) == ET.tostring(document)
        async with house.stream(stream_url(document)) as line:
            await line.stop()
            call = await within(house.desk.finished.get())
        assert call.caller.resumed == "no-answer"
        document = await house.document(
            "/twilio/dial-ended", CallStatus="in-progress", DialCallSid="CA" + "d" * 32, **fields
        )
        assert tags(document) == ["Say", "Hangup"]


async def test_the_same_person_may_be_tried_again_after_the_bot_came_back():
    async def converse(call):
        await call.transfer(PERSON)

    async with open_house(FakeDesk(converse)) as house:
        document = await house.document("/twilio/voice")
        answers = []
        for _ in range(2):
            async with house.stream(stream_url(document)) as line:
                await within(line.closed())
            dial = await house.document("/twilio/stream-ended", CallStatus="in-progress")
            assert tags(dial) == ["Dial"]
            await within(house.desk.finished.get())
            document = await house.document("/twilio/dial-ended", CallStatus="in-progress", DialCallStatus="busy")
            answers.append(tags(document))
        assert answers == [["Connect"], ["Say", "Hangup"]]
        assert house.line.counters.transfers == 2


async def test_when_nobody_answers_and_the_bot_cannot_the_end_is_polite():
    desk = passing_on(TransferTarget("+4722000009", "No apology of its own"))
    async with open_house(desk) as house:
        desk.refuses = None
        async with house.call() as line:
            await line.media()
            await within(line.closed())
        await house.document("/twilio/stream-ended", CallStatus="in-progress")
        desk.refuses = FULL
        document = await house.document("/twilio/dial-ended", CallStatus="in-progress", DialCallStatus="busy")
        assert tags(document) == ["Say", "Say", "Hangup"]


async def test_a_dialled_legs_own_end_is_not_the_callers():
    async with open_house() as house, house.call() as line:
        await house.post("/twilio/status", CallStatus="completed", ParentCallSid=CALL)
        await house.post("/twilio/status", CallStatus="in-progress")
        await line.dtmf("1")
        await line.stop()
        await within(house.desk.finished.get())


async def test_nothing_personal_is_in_any_address():
    async with open_house() as house:
        text = (await house.post("/twilio/voice")).text
        assert "+47" not in text and "90000001" not in text and ACCOUNT not in text and CALL not in text
