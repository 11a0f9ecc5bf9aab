"""The phone network's and the caller's side of a call, for tests, demonstrations and staging. See docs/simulator.md."""

from telephony.simulator.network import Happening, PhoneNetwork
from telephony.simulator.options import Mischief, Network
from telephony.simulator.phone_call import PhoneCall
from telephony.simulator.place import network_at, place_call, place_recorded_call
from telephony.simulator.post import Fate, Post
from telephony.simulator.report import CallReport, TurnReport
from telephony.simulator.rest import RestDouble
from telephony.simulator.ringing import Ringing
from telephony.simulator.script import Script, ScriptInvalid, script_of
from telephony.simulator.script_reader import load_script, read_script

__all__ = [
    "CallReport",
    "Fate",
    "Happening",
    "Mischief",
    "Network",
    "PhoneCall",
    "PhoneNetwork",
    "Post",
    "RestDouble",
    "Ringing",
    "Script",
    "ScriptInvalid",
    "TurnReport",
    "load_script",
    "network_at",
    "place_call",
    "place_recorded_call",
    "read_script",
    "script_of",
]
