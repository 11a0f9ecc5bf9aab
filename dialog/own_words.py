"""A bot's own words: names and how they are said, words that mean anger, and what is left to people."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class SensitiveTopic:
    """A matter that the bot does not handle.

    Args:
        id: its key in words.yaml.
        phrases: per language, what callers say.
        department: who takes it, by id; "" for the default department.
        says: per language, an approved sentence before the caller is passed on; may be empty.
    """

    id: str
    phrases: Mapping[str, tuple[str, ...]]
    department: str = ""
    says: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Words:
    """A bot's own words; all of it may be empty.

    Args:
        names: words that the recogniser should know: products, places, people.
        pronunciations: per written word, per language, how it is spelled so that the voice says it right.
        anger: per language, phrases that weigh like a complaint.
        innocent: per language, phrases whose words count for nothing.
        sensitive: matters for people, in the order of the file.
    """

    names: tuple[str, ...] = ()
    pronunciations: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    anger: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    innocent: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sensitive: tuple[SensitiveTopic, ...] = ()

    def pronounced(self, text: str, language: str) -> str:
        """A text for the voice, with each written word of the list as it is said; longer words go first."""
        said = {word: forms[language] for word, forms in self.pronunciations.items() if language in forms}
        if not said:
            return text
        longest_first = sorted(said, key=len, reverse=True)
        either = "|".join(re.escape(word) for word in longest_first)
        # A marked value ({post@nordlys.example|email}) is read out by its own rules, and stays as it is.
        wanted = re.compile(rf"(\{{[^{{}}]*\}})|(?<!\w)(?:{either})(?!\w)")
        return wanted.sub(lambda match: match[1] or said[match[0]], text)
