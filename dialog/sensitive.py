"""What a bot must not handle by itself: danger, and questions for a doctor's, a lawyer's or an adviser's judgement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dialog.bot import LANGUAGES
from dialog.own_words import SensitiveTopic, Words
from dialog.signs import Signs, built_in_lists, innocent_phrases, signs_of, together

DANGERS: Mapping[str, str] = {
    "danger_fire": "fire",
    "danger_police": "police",
    "self_harm": "self_harm",
    "danger_medical": "medical",
}
"""Emergency service by sign, in the order in which they are told; the wording has `emergency_<service>` for each."""

ADVICE: Mapping[str, str] = {"advice_medical": "medical", "advice_legal": "legal", "advice_financial": "financial"}
"""Field of advice by sign; the wording has `no_advice_<field>` for each."""


@dataclass(frozen=True, slots=True)
class Danger:
    """Somebody may be in danger. service: "fire", "police", "medical" or "self_harm"."""

    service: str


@dataclass(frozen=True, slots=True)
class Advice:
    """A question for advice: only an approved text may answer it. field: "medical", "legal" or "financial"."""

    field: str


Sensitive = Danger | SensitiveTopic | Advice
"""What was found: a danger goes before a bot's own topic, and that before a question for advice."""


@dataclass(frozen=True, slots=True)
class SensitiveSigns:
    """The lists of all languages with a bot's own topics; make one per bot.

    Args:
        by_language: built-in signs.
        topics: of the bot; `own` are their signs per language, by topic id.
    """

    by_language: Mapping[str, Signs]
    topics: Mapping[str, SensitiveTopic]
    own: Mapping[str, Signs]

    def find(self, said: Sequence[str], language: str) -> Sensitive | None:
        """What is sensitive in the caller's words (`dialog.text.words`); None when nothing.

        Danger is looked for in every language, whatever the call speaks: in need people fall back to their own.
        """
        for one in LANGUAGES:
            found = self.by_language[one].find(said)
            for sign, service in DANGERS.items():
                if sign in found:
                    return Danger(service)
        for one in together(language):
            for name in sorted(self.own[one].find(said)):
                return self.topics[name]
        for one in together(language):
            found = self.by_language[one].find(said)
            for sign, advice in ADVICE.items():
                if sign in found:
                    return Advice(advice)
        return None


def sensitive_signs(own: Words | None = None) -> SensitiveSigns:
    """The built-in lists and a bot's own topics."""
    own = own or Words()
    built_in, topics = {}, {}
    for language in LANGUAGES:
        lists = built_in_lists(language)
        innocent = innocent_phrases(language, own.innocent)
        kept = {name: lists.signs[name] for name in (*DANGERS, *ADVICE)}
        built_in[language] = signs_of(kept, innocent)
        topics[language] = signs_of({topic.id: topic.phrases.get(language, ()) for topic in own.sensitive}, innocent)
    return SensitiveSigns(built_in, {topic.id: topic for topic in own.sensitive}, topics)
