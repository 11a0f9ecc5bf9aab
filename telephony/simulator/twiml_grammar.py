"""Which elements and attributes TwiML has, as far as this network plays them. Names are case-sensitive."""

_CALLBACK = "statusCallback statusCallbackEvent statusCallbackMethod"
ATTRIBUTES: dict[str, frozenset[str]] = {
    tag: frozenset(names.split())
    for tag, names in {
        "Response": "",
        "Say": "voice language loop",
        "Play": "loop digits",
        "Pause": "length",
        "Gather": "action method input numDigits timeout finishOnKey actionOnEmptyResult language hints "
        "speechTimeout profanityFilter bargeIn",
        "Dial": "action method timeout timeLimit answerOnBridge hangupOnStar callerId record ringTone sequential",
        "Number": f"url method sendDigits {_CALLBACK}",
        "Sip": f"url method username password {_CALLBACK}",
        "Conference": "startConferenceOnEnter endConferenceOnExit beep muted coach participantLabel jitterBufferSize "
        f"waitUrl waitMethod maxParticipants record trim region {_CALLBACK}",
        "Connect": "action method",
        "Stream": "url name track statusCallback statusCallbackMethod",
        "Parameter": "name value",
        "Redirect": "method",
        "Hangup": "",
        "Reject": "reason",
    }.items()
}
CHILDREN: dict[str, frozenset[str]] = {
    "Response": frozenset(("Say", "Play", "Pause", "Gather", "Dial", "Connect", "Redirect", "Hangup", "Reject")),
    "Gather": frozenset(("Say", "Play", "Pause")),
    "Dial": frozenset(("Number", "Sip", "Conference")),
    "Connect": frozenset(("Stream",)),
    "Stream": frozenset(("Parameter",)),
}
ELSEWHERE = frozenset(("Client", "Queue", "Enqueue", "Record", "Start", "Leave", "Refer", "Pay", "Sms", "Message"))
RECORDING_OFF = (None, "do-not-record", "false")
UNPLAYED = frozenset(
    (("Say", "loop"), ("Play", "loop"), ("Play", "digits"), ("Dial", "sequential"), ("Number", "sendDigits"))
    + (("Conference", "coach"),)
)
"""Element and attribute: what exists and would change what people hear, and is not played here."""
