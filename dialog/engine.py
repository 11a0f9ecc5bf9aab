"""The mind of one bot: state and event in, state and reply out.

A turn goes: words apart, language, commands from the rules, from the open question and from the knowledge, one of them
obeyed (`dialog.commands.PRECEDENCE`), a draft of the reply (`dialog.replies`), the next state.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TypeAlias, assert_never

from dialog import after_person, consent, keypad, notes, repairs, replies, ringing, what_now
from dialog.anger import Anger
from dialog.bot import NORWEGIAN, Bot
from dialog.brief import AgentWords, Brief, agent_words, brief
from dialog.closing import plain
from dialog.commands import Command, SwitchLanguage
from dialog.deciding import decide
from dialog.embedding import Embedder
from dialog.entering import entered
from dialog.events import (
    ActionDone,
    ActionFailed,
    AgentNote,
    AgentTyped,
    CallBegan,
    CallerPressed,
    CallerSaid,
    CallerSilent,
    CallerTypedToAgent,
    Decision,
    Event,
    HandOff,
    HangUp,
    NotUnderstood,
    PersonDone,
    Prompt,
    Reply,
    Ringing,
    TransferFailed,
)
from dialog.flows import proving, turns
from dialog.frustration import mood_signs
from dialog.handoff import Reachable, find_person
from dialog.identity_code import without_code
from dialog.language import LanguageIdentifier, LanguageSense, language_of, next_sense
from dialog.obeying import UNSURE_CONFIDENCE, Utterance, missed, obey
from dialog.people import shared_language
from dialog.phrases import built_in_phrases
from dialog.prompts import fixed_prompts
from dialog.scene import Draft, Scene, in_language
from dialog.sensitive import sensitive_signs
from dialog.slots.national_id import without_national_ids
from dialog.state import Acting, AnythingElse, RatingAsked, RecordingAsked, Sending, State
from dialog.temper import mood_after, tempered
from dialog.understanding import Understanding
from dialog.wording import APOLOGIES, Wording

_HAPPENED: TypeAlias = (
    CallBegan
    | CallerPressed
    | CallerSilent
    | NotUnderstood
    | TransferFailed
    | PersonDone
    | AgentNote
    | AgentTyped
    | CallerTypedToAgent
)


class Engine:
    """Answers for one bot. Building loads models and takes seconds; afterwards it is pure, fast and safe in threads.

    Args:
        bot: as `load_bot` gives it.
        cache_folder: where embeddings are kept between starts; None keeps none.
    """

    def __init__(self, bot: Bot, cache_folder: Path | None = None) -> None:
        self.bot = bot
        self._wording = Wording(bot.wording)
        self._phrases = built_in_phrases()
        self.identifier = LanguageIdentifier()
        self._sensitive = sensitive_signs(bot.words)
        self.mood_signs = mood_signs(bot.words)
        embedder = Embedder()
        self._anger = Anger(embedder, cache_folder)
        self.understanding = Understanding(bot, embedder, cache_folder)

    def new_state(self) -> State:
        """The state before the first event of a conversation."""
        return State(self.bot.languages, LanguageSense(self.bot.languages[0]), content=self.bot.content_version)

    def respond(self, state: State, event: Event, now: datetime) -> tuple[State, Reply]:
        """The next state and what to say and do.

        Args:
            state: from `new_state` or the last `respond`.
            event: what happened on the line.
            now: timezone-aware; decides opening hours and nothing else.
        """
        if state.finished:
            return state, Reply((), HangUp("goodbye"), Decision("finished"))
        if isinstance(event, CallerSaid):
            return self._respond_to_words(state, event, now)
        if isinstance(event, ActionDone | ActionFailed):
            draft = _after_act(self._scene(state, now), event)
            if draft is None:
                return state, Reply((), state.listened, Decision("stale_act"))
            return self._entered(state, draft)
        if isinstance(event, CallBegan):
            state = replace(self._with_language(state, event.language), number=event.number or state.number)
        scene = self._scene(state, now)
        return self._entered(state, consent.settled(scene, self._draft_for(scene, event)), said=_typed(event))

    def ringing_words(self, state: State, now: Ringing) -> tuple[Prompt, ...]:
        """What the bot says while people are rung and the caller is silent; nothing when it is too early for more."""
        return ringing.words(self.bot, self._wording, state, now)

    def fixed_prompts(self) -> Iterable[Prompt]:
        """Everything the bot can say word for word, each once: for the phrase cache."""
        return fixed_prompts(self.bot, self._wording)

    def person(self, now: datetime, language: str) -> HandOff | None:
        """Where callers go at this hour when the bot is full or broken; None when it has no number at all.

        When everything is closed it is the default department all the same: its own line knows best what to say then.
        """
        found = find_person(self.bot, None, now)
        if found is None:
            return None
        answering = found.answering if isinstance(found, Reachable) else found.asked
        number = found.number if isinstance(found, Reachable) else found.asked.number
        _, name = in_language(self.bot, answering.names, language)
        return HandOff(answering.id, number, name or answering.id, "fault")

    def agent_words(self, state: State, person: HandOff) -> AgentWords:
        """What the people of a handoff hear who are rung for this caller: in a language that all of them understand."""
        language = shared_language((callee for people in person.rounds for callee in people), self.bot.languages)
        return agent_words(self.bot, state, person.reason, language)

    def brief(self, state: State, reason: str, language: str) -> Brief:
        """What a conversation is about, for whoever takes over. language: theirs."""
        return brief(self.bot, state, reason, language)

    def apology(self, kind: str, language: str) -> str:
        """One spoken sentence for a line that must explain itself: "fault", "full", "nobody_answered" and so on.

        Raises:
            KeyError: another kind.
        """
        if kind not in APOLOGIES:
            raise KeyError(kind)
        spoken = language if language in self.bot.languages else self.bot.languages[0]
        return self._wording.say(kind, spoken, app=self.bot.identity.app)

    def code_text(self, language: str, code: str) -> str:
        """The text message with a code that proves a number, in a language of the bot or else its first."""
        spoken = language if language in self.bot.languages else self.bot.languages[0]
        return self._wording.say("identity_text", spoken, name=self.bot.name, code=code)

    def _scene(self, state: State, now: datetime) -> Scene:
        return Scene(self.bot, self._wording, state, now)

    def _with_language(self, state: State, language: str | None) -> State:
        if language not in self.bot.languages:
            return state
        return replace(state, sense=LanguageSense(language, settled=True))

    def _draft_for(self, scene: Scene, event: _HAPPENED) -> Draft:
        match event:
            case CallBegan(resumed=True):
                return replies.resume(scene)
            case CallBegan(may_record=may_record):
                return replies.greet(scene, may_record)
            case CallerSilent() | NotUnderstood() if isinstance(scene.state.question, RecordingAsked):
                return consent.answered(scene, False, "no_answer")
            case CallerSilent() | NotUnderstood() if isinstance(scene.state.question, RatingAsked):
                return after_person.rated(scene, None)
            case CallerPressed(digit=digit, heard_out=heard_out):
                return keypad.key(scene, digit, heard_out)
            case CallerSilent():
                return keypad.typed_out(scene) or repairs.silence(scene)
            case NotUnderstood(reason=reason):
                return missed(scene, reason)
            case TransferFailed():
                return what_now.nobody_came(scene, event)
            case PersonDone():
                return after_person.person_done(scene, event)
            case AgentNote():
                return notes.said(scene, event)
            case AgentTyped() | CallerTypedToAgent():
                return notes.noted(scene, event)
            case _:
                assert_never(event)

    def _respond_to_words(self, state: State, event: CallerSaid, now: datetime) -> tuple[State, Reply]:
        kept = self._without_national_ids(event.text)
        heard = self._phrases.hear(kept)
        evidence = self.identifier.evidence(heard.words, event.language)
        before = state.language
        if event.confidence >= UNSURE_CONFIDENCE:
            state = replace(state, sense=next_sense(state.sense, evidence, heard.words, state.languages))
        scene = self._scene(state, now)
        if self._foreign(state, evidence.family):
            command: Command = SwitchLanguage(None)
        else:
            sensitive = self._sensitive.find(heard.words, state.language)
            rank = partial(self.understanding.rank, language=state.language)
            command = decide(scene, kept, heard, kept != event.text, sensitive, self._phrases, rank)
        if isinstance(command, SwitchLanguage) and command.language is not None:
            scene = self._scene(replace(state, sense=LanguageSense(command.language, settled=True)), now)
        mood = mood_after(state, event, kept, command, self.mood_signs, self._anger.probability(heard.words))
        scene = replace(scene, state=replace(scene.state, mood=mood))
        draft = obey(scene, command, Utterance(kept, heard.content, event.confidence, event.heard_out))
        draft, mood = tempered(scene, state.mood, command, consent.settled(scene, draft))
        told = self._disclosure(scene, before)
        details = {
            **draft.details,
            "language": scene.language,
            "language_before": before,
            "language_evidence": evidence.details(),
            "heard_confidence": round(event.confidence, 3),
            "mood": mood.details(),
            **({"national_id": True} if kept != event.text else {}),
        }
        said = without_code(state, kept)
        return self._entered(replace(scene.state, mood=mood), replace(draft, details=details), told, said)

    def _without_national_ids(self, said: str) -> str:
        """The words without such numbers in any language of the bot: callers count in their own."""
        for language in self.bot.languages:
            said, _ = without_national_ids(said, language)
        return said

    def _foreign(self, state: State, family: str | None) -> bool:
        """Russian is told apart from Ukrainian and answered politely, not taken for it."""
        return family == "ru" and language_of("uk", self.bot.languages, state.sense) is not None

    def _disclosure(self, scene: Scene, before: str) -> tuple[Prompt, ...]:
        """When a caller is answered in a language in which it has not been said yet: that this is a bot, in short."""
        language, told = scene.language, set(scene.state.disclosed)
        if language == before or told & (set(NORWEGIAN) if language in NORWEGIAN else {language}):
            return ()
        return (replace(scene.say("disclosure_again"), interruptible=False),)

    def _entered(
        self, state: State, draft: Draft, before: tuple[Prompt, ...] = (), said: str = ""
    ) -> tuple[State, Reply]:
        told = frozenset(prompt.language for prompt in (*before, *draft.prompts) if self._discloses(prompt))
        return entered(state, draft, told, before, said)

    def _discloses(self, prompt: Prompt) -> bool:
        again = self._wording.variants("disclosure_again", prompt.language)
        return prompt.text in (self.bot.disclosures.get(prompt.language), *again)


def _typed(event: Event) -> str:
    """The caller's words to a person; the bot only remembers them."""
    return event.text if isinstance(event, CallerTypedToAgent) else ""


def _after_act(scene: Scene, event: ActionDone | ActionFailed) -> Draft | None:
    """The reply to the end of an act; None when nobody waits for it any more."""
    frames, question = scene.state.frames, scene.state.question
    done = isinstance(event, ActionDone)
    if isinstance(question, Sending) and question.ticket == event.ticket:
        return plain(
            scene,
            "link_sent" if done else "link_failed",
            "link_sent" if done else "link_failed",
            "more",
            AnythingElse(),
        )
    if frames and proving.is_act_of(frames[-1], event.ticket):
        return proving.came(scene, event)
    waiting = frames[-1].question if frames else None
    if not isinstance(waiting, Acting) or waiting.ticket != event.ticket:
        return None
    if isinstance(event, ActionDone):
        return turns.acted(scene, dict(event.result))
    return turns.not_acted(scene, event.reason)
