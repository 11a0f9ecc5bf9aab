"""What the bot says when it is not quoting an article: built-in wording, replaced key by key from bot.yaml.

The built-in texts stand in `dialog/built_in/wording.<language>.yaml`; docs/wording.md explains every key.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

import yaml

from dialog.markup import fill

PLACEHOLDERS: Mapping[str, tuple[str, ...]] = {
    "invitation": (),
    "disclosure_again": (),
    "ready": (),
    "resumed": (),
    "more": (),
    "what_else": (),
    "about": ("title",),
    "choice_one": ("first",),
    "choice_two": ("first", "second"),
    "choice_three": ("first", "second", "third"),
    "choice_keys": ("first", "second"),
    "choice_none": (),
    "dont_know": (),
    "topics": ("topics",),
    "rephrase": (),
    "offer_person": ("department",),
    "no_input": (),
    "still_there": (),
    "no_input_again": (),
    "no_input_end": (),
    "not_understood": (),
    "not_understood_again": (),
    "not_understood_end": (),
    "handoff": ("department",),
    "handoff_other": ("department", "other"),
    "closed": ("department",),
    "closed_until": ("department", "opening"),
    "closed_help": (),
    "nobody_answered": (),
    "no_person": (),
    "back_to": ("title",),
    "nearest": ("topics",),
    "promised": ("topics",),
    "next_topic": ("title",),
    "switch_flow": ("title", "current"),
    "offer_link": (),
    "link_sent": (),
    "link_failed": (),
    "no_link": (),
    "slot_confirm": ("value",),
    "slot_confirm_again": ("value",),
    "slot_choice_one": ("first",),
    "slot_choice_two": ("first", "second"),
    "slot_choice_three": ("first", "second", "third"),
    "slot_rest": (),
    "slot_missed": (),
    "slot_again": (),
    "slot_anew": (),
    "slot_corrected": ("value",),
    "slot_skipped": (),
    "slot_needed": (),
    "slot_no_help": (),
    "slot_too_short": (),
    "slot_too_long": (),
    "slot_checksum": (),
    "slot_pattern": (),
    "slot_range": (),
    "slot_past": (),
    "slot_closed": (),
    "slot_national_id": (),
    "slot_unknown_place": (),
    "take_your_time": (),
    "yes_or_no": (),
    "flow_cancelled": (),
    "flow_failed": (),
    "act_failed": (),
    "identity_offer_sms": (),
    "identity_offer_ciba": ("app",),
    "identity_code_sent": (),
    "identity_code": (),
    "identity_code_again": (),
    "identity_code_help": (),
    "identity_wrong_code": (),
    "identity_approve": ("app",),
    "identity_binding": ("code",),
    "identity_waiting": ("app",),
    "identity_proven": (),
    "identity_declined": (),
    "identity_refused": (),
    "identity_expired": (),
    "identity_unavailable": (),
    "identity_no_number": (),
    "identity_text": ("name", "code"),
    "one_moment": (),
    "person_ready": (),
    "ringing": (),
    "ringing_next": (),
    "ringing_one_ahead": (),
    "ringing_ahead": ("count",),
    "ringing_minute": (),
    "ringing_minutes": ("minutes",),
    "ringing_department": ("department",),
    "ringing_callback": (),
    "ringing_stay": (),
    "ringing_again": ("department",),
    "ringing_waits": (),
    "ringing_stopped": (),
    "nobody_free": (),
    "what_now": (),
    "what_now_callback": (),
    "what_now_message": (),
    "what_now_keys": (),
    "what_now_keys_callback": (),
    "what_now_keys_message": (),
    "stays": (),
    "slot_nearest": ("value",),
    "person_done": (),
    "handed_back": (),
    "rating_ask": (),
    "rating_thanks": (),
    "rating_again": (),
    "rating_none": (),
    "agent_note": ("text",),
    "number_refused": (),
    "still_working": (),
    "goodbye": (),
    "welcome": (),
    "hello": (),
    "about_bot": ("name",),
    "help": ("topics",),
    "help_person": (),
    "slower": (),
    "faster": (),
    "nothing_to_repeat": (),
    "unknown_key": (),
    "language": (),
    "other_language": ("languages",),
    "emergency_fire": (),
    "emergency_police": (),
    "emergency_medical": (),
    "emergency_self_harm": (),
    "no_advice_medical": (),
    "no_advice_legal": (),
    "no_advice_financial": (),
    "mood_offer": ("department",),
    "mood_handoff": (),
    "person_better": (),
    "opening_today": ("time",),
    "opening_tomorrow": ("time",),
    "opening_weekday": ("time",),
    "opening_date": ("date", "time"),
    "recording_ask": ("purpose",),
    "recording_how": (),
    "recording_on": (),
    "recording_off": (),
    "recording_deleted": (),
    "privacy_redacted": ("days",),
    "privacy_facts": ("days",),
    "privacy_nothing": ("days",),
    "privacy_not_recorded": (),
    "privacy_recorded": ("days",),
    "privacy_rights": (),
    "privacy_erase": (),
    "privacy_page": ("page",),
    "and": (),
    "own_name": (),
    "fault": (),
    "full": (),
    "not_ready": (),
    "too_often": (),
}
"""Every key of the wording and the places that are filled in in its texts."""

WORDING_KEYS = tuple(PLACEHOLDERS)

APOLOGIES = (
    "fault",
    "full",
    "not_ready",
    "too_often",
    "nobody_answered",
    "one_moment",
    "person_ready",
    "still_working",
    "identity_waiting",
)
"""Keys that a line may speak by itself, outside a conversation."""


@lru_cache(maxsize=8)
def built_in(language: str) -> Mapping[str, tuple[str, ...]]:
    """The built-in texts of a language: variants by key."""
    file = resources.files("dialog").joinpath("built_in", f"wording.{language}.yaml")
    raw = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    return {key: (texts,) if isinstance(texts, str) else tuple(texts) for key, texts in raw.items()}


@dataclass(frozen=True, slots=True)
class Wording:
    """Texts by key and language.

    Args:
        own: of the bot: key, language, variants; goes before the built-in ones.
    """

    own: Mapping[str, Mapping[str, tuple[str, ...]]]

    def variants(self, key: str, language: str) -> tuple[str, ...]:
        """All texts for a key; never empty."""
        return self.own.get(key, {}).get(language) or built_in(language)[key]

    def say(self, key: str, language: str, variant: int = 0, **values: str) -> str:
        """One text, filled in, beginning with a capital; `variant` counts round the texts there are."""
        text = self.say_raw(key, language, variant, **values)
        return text[:1].upper() + text[1:]

    def say_raw(self, key: str, language: str, variant: int = 0, **values: str) -> str:
        """One text, filled in, as a part of a longer sentence."""
        texts = self.variants(key, language)
        return fill(texts[variant % len(texts)], values)
