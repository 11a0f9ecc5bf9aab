"""The documents: what is in them, what never is, and that none leaves the caller in silence."""

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.call import Spoken, TransferTarget
from telephony.errors import CarrierRefused
from telephony.twilio import twiml

ADDRESS = twiml.StreamAddress("wss://b/m/t", "https://b/ended", "https://b/status")
PLAN = twiml.DialPlan("https://b/dialled", 20, "+4722000000")
PERSON = TransferTarget("+4722000001", "Kundeservice", announcement=(Spoken("Vent litt.", "nb"),))


def verbs(document: str) -> list[str]:
    root = ET.fromstring(document)
    assert root.tag == "Response"
    return [verb.tag for verb in root]


def test_connect_has_an_action_and_nothing_that_twilio_does_not_know():
    root = ET.fromstring(twiml.connect(ADDRESS))
    assert [verb.tag for verb in root] == ["Connect"]
    assert root[0].attrib == {"action": "https://b/ended", "method": "POST"}
    [stream] = root[0]
    assert stream.attrib == {
        "url": "wss://b/m/t",
        "statusCallback": "https://b/status",
        "statusCallbackMethod": "POST",
    }
    assert len(stream) == 0


def test_a_resumed_stream_says_so():
    document = twiml.connect(
        twiml.StreamAddress("wss://b/m/t", "https://b/ended", "https://b/status", "no-answer"),
    )
    root = ET.fromstring(document)
    assert [verb.tag for verb in root] == ["Connect"]
    [parameter] = root[0][0]
    assert parameter.tag == "Parameter" and parameter.attrib == {"name": "resume", "value": "no-answer"}
    assert len(parameter.attrib["name"] + parameter.attrib["value"]) < 500


def test_a_person_is_announced_and_rung():
    root = ET.fromstring(twiml.pass_on(PERSON, PLAN))
    assert [verb.tag for verb in root] == ["Say", "Dial"]
    assert root[1].attrib == {
        "action": "https://b/dialled",
        "method": "POST",
        "timeout": "20",
        "answerOnBridge": "true",
        "callerId": "+4722000000",
    }
    assert [(noun.tag, noun.text) for noun in root[1]] == [("Number", "+4722000001")]


def test_a_sip_address_is_rung_as_one():
    root = ET.fromstring(twiml.pass_on(TransferTarget("sip:desk@example.com", "desk"), PLAN))
    assert [(noun.tag, noun.text) for noun in root[0]] == [("Sip", "sip:desk@example.com")]


def test_without_a_number_of_ours_the_caller_id_is_left_out():
    root = ET.fromstring(twiml.pass_on(PERSON, twiml.DialPlan("https://b/dialled", 20, None)))
    assert "callerId" not in root[1].attrib


def test_declining_ends_in_a_person_or_in_a_hang_up():
    apology = (Spoken("Beklager.", "nb"), Spoken("Sorry.", "en"))
    assert verbs(twiml.decline(apology, PERSON, PLAN)) == ["Say", "Say", "Dial"]
    assert verbs(twiml.decline(apology, None, PLAN)) == ["Say", "Say", "Hangup"]
    assert verbs(twiml.decline((), None, PLAN)) == ["Hangup"]
    assert verbs(twiml.hang_up()) == ["Hangup"]


@pytest.mark.parametrize(
    ("language", "attributes"),
    [
        ("nb", {"language": "nb-NO"}),
        ("nn", {"language": "nb-NO"}),
        ("en", {"language": "en-GB"}),
        ("uk", {"language": "uk-UA", "voice": "Google.uk-UA-Standard-A"}),
        ("se", {"language": "en-GB"}),
    ],
)
def test_each_language_has_a_voice_at_twilio(language, attributes):
    [say, _] = ET.fromstring(twiml.decline((Spoken("x", language),), None, PLAN))
    assert say.attrib == attributes


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]) | st.just("\n"), max_size=200))
def test_any_words_arrive_as_they_were_written(text):
    [say, _] = ET.fromstring(twiml.decline((Spoken(text, "nb"),), None, PLAN))
    assert (say.text or "") == text


def test_nothing_is_recorded():
    everything = twiml.connect(ADDRESS) + twiml.pass_on(PERSON, PLAN) + twiml.decline((), PERSON, PLAN)
    assert "ecord" not in everything and "ranscription" not in everything


def test_a_document_too_long_for_rest_is_refused_before_it_is_sent():
    twiml.check_rest_size("x" * 4000)
    with pytest.raises(CarrierRefused):
        twiml.check_rest_size("x" * 4001)
