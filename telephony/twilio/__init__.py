"""Calls from Twilio: webhooks in, TwiML out, and a media stream per call."""

from telephony.twilio.counters import TwilioCounters
from telephony.twilio.line import TwilioLine
from telephony.twilio.settings import Patience, TwilioSettings

__all__ = ["Patience", "TwilioCounters", "TwilioLine", "TwilioSettings"]
