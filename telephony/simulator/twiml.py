"""TwiML as strictly as a test wants it: what the network would quietly ignore is refused here.

`read_twiml` turns a document into verbs, or raises `TwimlRefused` with everything that is wrong with it. Queues and
recordings are TwiML that this network does not play (see `ELSEWHERE`).
Source: twilio.com/docs/voice/twiml and its pages on Connect, Stream, Dial, Number, Gather.
"""

import re
import xml.etree.ElementTree as ET
from urllib.parse import urljoin, urlsplit

from telephony.errors import TelephonyError
from telephony.simulator.privacy import PERSONAL
from telephony.simulator.twiml_grammar import ATTRIBUTES, CHILDREN, ELSEWHERE, RECORDING_OFF, UNPLAYED
from telephony.simulator.verbs import (
    Action,
    Dial,
    Gather,
    Hangup,
    Party,
    Pause,
    Play,
    Redirect,
    Room,
    Say,
    Stream,
    Verb,
)


class TwimlRefused(TelephonyError):
    """A document the network cannot run; `faults` lists everything wrong with it."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("TwiML refused: " + "; ".join(faults))
        self.faults = faults


_MOST_PARAMETER = 500
_MOST_LABEL = 128
_ROOM_EVENTS = frozenset("start end join leave mute hold modify speaker announcement".split())
_MOST_SILENCE_SECONDS = 10
_CALL_EVENTS = frozenset("initiated ringing answered completed".split())
_INPUTS = {"dtmf": (True, False), "speech": (False, True), "dtmf speech": (True, True), "speech dtmf": (True, True)}


def read_twiml(text: str, base_url: str, *, allow_plain_ws: bool = False) -> tuple[Verb, ...]:
    """A document's verbs, in order.

    Args:
        text: the document.
        base_url: its own address; relative addresses start there.
        allow_plain_ws: let `ws://` streams to this very machine pass.
    Raises:
        TwimlRefused: with every fault of the document.
    """
    try:
        root = ET.fromstring(text)
    except ET.ParseError as error:
        raise TwimlRefused((f"12100: not XML ({error})",)) from error
    reader = _Reader(base_url, allow_plain_ws)
    verbs = reader.document(root)
    if reader.faults:
        raise TwimlRefused(tuple(reader.faults))
    return verbs


class _Reader:
    """Walks one document and gathers its faults."""

    def __init__(self, base_url: str, allow_plain_ws: bool) -> None:
        self._base_url = base_url
        self._allow_plain_ws = allow_plain_ws
        self.faults: list[str] = []

    def document(self, root: ET.Element) -> tuple[Verb, ...]:
        if root.tag != "Response":
            self.faults.append(f"12102: the document is a <{root.tag}>, not a <Response>")
            return ()
        self._check(root)
        if self.faults:
            return ()
        verbs: list[Verb] = []
        for child in root:
            if verbs and _never_returns(verbs[-1]):
                self.faults.append(f"<{child.tag}> can never be reached")
            verb = self._verb(child)
            if verb is not None:
                verbs.append(verb)
        return tuple(verbs)

    def _check(self, element: ET.Element) -> None:
        allowed = ATTRIBUTES[element.tag]
        for name in element.attrib.keys() - allowed:
            self.faults.append(f"12200: <{element.tag}> has no attribute {name}{_case_hint(name, allowed)}")
        for name in element.attrib.keys() & allowed:
            if (element.tag, name) in UNPLAYED:
                self.faults.append(f"<{element.tag} {name}> is not played by this simulator")
        for child in element:
            children = CHILDREN.get(element.tag, frozenset())
            if child.tag in ELSEWHERE:
                self.faults.append(f"<{child.tag}> is not played by this simulator")
            elif child.tag not in children:
                hint = _case_hint(child.tag, children)
                self.faults.append(f"12200: <{child.tag}> is not allowed in <{element.tag}>{hint}")
            else:
                self._check(child)
        if element.get("record") not in RECORDING_OFF:
            self.faults.append(f"<{element.tag}> records the call")

    def _verb(self, element: ET.Element) -> Verb | None:
        match element.tag:
            case "Say" | "Play" | "Pause":
                return self._prompt(element)
            case "Gather":
                return self._gather(element)
            case "Dial":
                return self._dial(element)
            case "Connect":
                return self._connect(element)
            case "Redirect":
                return Redirect(Action(self._address(_words(element)), self._method(element)))
            case "Reject":
                return Hangup(element.get("reason", "rejected"))
            case _:
                return Hangup()

    def _prompt(self, element: ET.Element) -> Say | Play | Pause:
        if element.tag == "Pause":
            seconds = self._number(element, "length", 1)
            if seconds > _MOST_SILENCE_SECONDS:
                self.faults.append(f"<Pause> leaves the caller in silence for {seconds:g} s")
            return Pause(seconds)
        text = _words(element)
        if not text:
            self.faults.append(f"<{element.tag}> is empty")
        if element.tag == "Play":
            return Play(self._address(text))
        return Say(text, element.get("language"))

    def _gather(self, element: ET.Element) -> Gather:
        digits = element.get("numDigits")
        prompts = tuple(self._prompt(child) for child in element)
        wanted = element.get("input", "dtmf")
        if wanted not in _INPUTS:
            self.faults.append(f"12200: <Gather> has no input {wanted}")
        keys, speech = _INPUTS.get(wanted, (True, False))
        return Gather(
            prompts,
            Action(self._address(element.get("action", "")), self._method(element)),
            self._number(element, "timeout", 5),
            int(self._number(element, "numDigits", 1)) if digits is not None else None,
            element.get("finishOnKey", "#"),
            element.get("actionOnEmptyResult") == "true",
            keys,
            speech,
        )

    def _dial(self, element: ET.Element) -> Dial:
        parties = tuple(self._party(child) for child in element if child.tag != "Conference")
        if not len(element) and _words(element):
            parties = (Party(_words(element)),)
        limit = self._number(element, "timeLimit", 14_400)
        rooms = element.findall("Conference")
        if rooms:
            if len(rooms) != len(element):
                self.faults.append("<Dial> holds a conference and something else")
            star_ends = element.get("hangupOnStar") == "true"
            return Dial((), self._action(element), 0.0, self._room(rooms[0]), limit, None, star_ends)
        if not parties or not all(party.number for party in parties):
            self.faults.append("<Dial> has nobody to call")
        if len(parties) > 10:
            self.faults.append("<Dial> calls more than ten numbers")
        timeout = self._number(element, "timeout", 30)
        star_ends = element.get("hangupOnStar") == "true"
        return Dial(parties, self._action(element), timeout, None, limit, element.get("callerId"), star_ends)

    def _party(self, element: ET.Element) -> Party:
        url, callback = element.get("url"), element.get("statusCallback")
        events = frozenset(element.get("statusCallbackEvent", "completed").split())
        for event in sorted(events - _CALL_EVENTS):
            self.faults.append(f"12200: <{element.tag}> has no event {event}")
        return Party(
            _words(element),
            Action(self._address(url), self._method(element)) if url else None,
            Action(self._address(callback), element.get("statusCallbackMethod", "POST")) if callback else None,
            events,
        )

    def _room(self, element: ET.Element) -> Room:
        name, label = _words(element), element.get("participantLabel")
        if not name:
            self.faults.append("<Conference> has no name")
        for what in (name, label or ""):
            if PERSONAL.search(what):
                self.faults.append("a conference's name or label looks like somebody's number or address")
        if label is not None and len(label) > _MOST_LABEL:
            self.faults.append(f"<Conference participantLabel> is longer than {_MOST_LABEL} characters")
        events = frozenset(element.get("statusCallbackEvent", "").split())
        for event in sorted(events - _ROOM_EVENTS):
            self.faults.append(f"12200: <Conference> has no event {event}")
        wait, callback = element.get("waitUrl"), element.get("statusCallback")
        return Room(
            name,
            label,
            element.get("startConferenceOnEnter", "true") == "true",
            element.get("endConferenceOnExit", "false") == "true",
            Action(self._address(wait) if wait else "", element.get("waitMethod", "POST"))
            if wait is not None
            else None,
            Action(self._address(callback), element.get("statusCallbackMethod", "POST")) if callback else None,
            events,
            muted=element.get("muted") == "true",
            beep=element.get("beep", "true") != "false",
            most=int(self._number(element, "maxParticipants", 250)),
        )

    def _connect(self, element: ET.Element) -> Stream | None:
        streams = list(element)
        if len(streams) != 1:
            self.faults.append(f"<Connect> holds {len(streams)} streams; one is allowed")
            return None
        stream = streams[0]
        if "track" in stream.attrib:
            self.faults.append("<Stream track> is for <Start> only")
        callback = stream.get("statusCallback")
        return Stream(
            self._stream_url(stream.get("url", "")),
            stream.get("name"),
            self._parameters(stream),
            Action(self._address(callback), stream.get("statusCallbackMethod", "POST")) if callback else None,
            self._action(element),
        )

    def _parameters(self, stream: ET.Element) -> dict[str, str]:
        parameters: dict[str, str] = {}
        for child in stream:
            name, value = child.get("name"), child.get("value")
            if not name or value is None:
                self.faults.append("<Parameter> needs name and value")
                continue
            if len(name) + len(value) >= _MOST_PARAMETER:
                self.faults.append(f"<Parameter {name}> is {len(name) + len(value)} characters, 500 is too many")
            if PERSONAL.fullmatch(value):
                self.faults.append(f"<Parameter {name}> looks like somebody's number or address")
            parameters[name] = value
        return parameters

    def _stream_url(self, url: str) -> str:
        if not url:
            self.faults.append("<Stream> has no url")
            return ""
        base = re.sub(r"^http", "ws", self._base_url, count=1)
        parts = urlsplit(urljoin(base, url))
        if parts.query or parts.fragment:
            self.faults.append("31923: the stream's url has a query string, which the network does not send")
        plain_is_fine = self._allow_plain_ws and parts.hostname in ("127.0.0.1", "::1", "localhost")
        if parts.scheme != "wss" and not (parts.scheme == "ws" and plain_is_fine):
            self.faults.append(f"31922: the stream's scheme is {parts.scheme}, not wss")
        return parts.geturl()

    def _action(self, element: ET.Element) -> Action | None:
        if element.get("action") is None:
            return None
        return Action(self._address(element.get("action", "")), self._method(element))

    def _method(self, element: ET.Element) -> str:
        method = element.get("method", "POST")
        if method not in ("GET", "POST"):
            self.faults.append(f"12200: <{element.tag}> has method {method}; GET and POST exist")
        return method

    def _address(self, url: str) -> str:
        address = urljoin(self._base_url, url)
        if PERSONAL.search(urlsplit(address).path + urlsplit(address).query):
            self.faults.append("an address in the document seems to hold somebody's number or address")
        return address

    def _number(self, element: ET.Element, name: str, default: float) -> float:
        value = element.get(name)
        if value is None:
            return default
        if not re.fullmatch(r"\d{1,5}", value):
            self.faults.append(f"12200: <{element.tag} {name}> is not a whole number")
            return default
        return float(value)


def _never_returns(verb: Verb) -> bool:
    match verb:
        case Redirect() | Hangup():
            return True
        case Dial(action=action):
            return action is not None
        case Stream(action=action):
            return action is not None
        case _:
            return False


def _words(element: ET.Element) -> str:
    return " ".join("".join(element.itertext()).split())


def _case_hint(name: str, allowed: frozenset[str]) -> str:
    close = [one for one in allowed if one.lower() == name.lower()]
    return f" (case matters: {close[0]})" if close else ""
