"""The mind of one bot: state and event in, state and reply out.

A turn goes: words apart, language, commands from the rules, from the open question and from the knowledge, one of them
obeyed (`dialog.commands.PRECEDENCE`), a draft of the reply (`dialog.replies`), the next state.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from importlib import resources
from pathlib import Path
from typing import assert_never

import yaml

from dialog import passing, repairs, replies
from dialog.bot import NORWEGIAN, Bot
from dialog.commands import (
    AskAboutBot,
    AskHelp,
    AskPerson,
    CannotAnswer,
    ChangePace,
    Command,
    Continue,
    Emergency,
    Goodbye,
    Greet,
    NoWords,
    OfferChoice,
    Pick,
    Quote,
    RejectChoice,
    Repeat,
    SwitchLanguage,
    Thank,
    foremost,
)
from dialog.embedding import Embedder
from dialog.events import (
    ActionDone,
    ActionFailed,
    CallBegan,
    CallerPressed,
    CallerSaid,
    CallerSilent,
    Decision,
    Event,
    HandOff,
    HangUp,
    Listen,
    NotUnderstood,
    Prompt,
    Reply,
    TransferFailed,
)
from dialog.handoff import Reachable, find_person
from dialog.knowledge import Knowledge
from dialog.language import LanguageIdentifier, LanguageSense, language_of, next_sense
from dialog.phrases import Heard, built_in_phrases
from dialog.producers import by_knowledge, by_open_question, by_rules
from dialog.prompts import fixed_prompts
from dialog.scene import Draft, Scene, in_language, plain
from dialog.state import AnythingElse, PersonOffered, State, WhichArticle
from dialog.wording import APOLOGIES, Wording

UNSURE_CONFIDENCE = 0.3
"""Below it the words were probably misheard: no article is quoted before the caller has said that it is the right one,
no call is ended, no language changed, and instead of "I don't know" the bot asks again."""


class Engine:
    """Answers for one bot. Building loads models and takes seconds; afterwards it is pure, fast and safe in threads.

    Args:
        bot: as `load_bot` gives it.
        cache_folder: where embeddings are kept between starts; None keeps none.
    """

    def __init__(self, bot: Bot, cache_folder: Path | None = None) -> None:
        self.bot = bot
        self._wording = Wording(bot.wording)
        self._limits = {"thresholds": {"answer": bot.thresholds.answer, "choice": bot.thresholds.choice}}
        self._phrases = built_in_phrases()
        self._identifier = LanguageIdentifier()
        self._knowledge = Knowledge(bot.articles, background(), Embedder(), cache_folder)

    def new_state(self) -> State:
        """The state before the first event of a conversation."""
        return State(self.bot.languages, LanguageSense(self.bot.languages[0]))

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
            return state, Reply((), state.listened, Decision("stale_action"))
        if isinstance(event, CallBegan):
            state = self._with_language(state, event.language)
        return self._entered(state, self._draft_for(self._scene(state, now), event))

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

    def apology(self, kind: str, language: str) -> str:
        """One spoken sentence for a line that must explain itself: "fault", "full", "not_ready", "nobody_answered".

        Raises:
            KeyError: another kind.
        """
        if kind not in APOLOGIES:
            raise KeyError(kind)
        return self._wording.say(kind, language if language in self.bot.languages else self.bot.languages[0])

    def _scene(self, state: State, now: datetime) -> Scene:
        return Scene(self.bot, self._wording, state, now)

    def _with_language(self, state: State, language: str | None) -> State:
        if language not in self.bot.languages:
            return state
        return replace(state, sense=LanguageSense(language, settled=True))

    def _draft_for(
        self, scene: Scene, event: CallBegan | CallerPressed | CallerSilent | NotUnderstood | TransferFailed
    ) -> Draft:
        match event:
            case CallBegan(resumed=True):
                return replies.resume(scene)
            case CallBegan():
                return replies.greet(scene)
            case CallerPressed(digit=digit):
                return self._key(scene, digit)
            case CallerSilent():
                return repairs.silence(scene)
            case NotUnderstood(reason=reason):
                return repairs.miss(scene, reason)
            case TransferFailed(department=department):
                draft = plain(scene, "nobody_answered", "nobody_answered", AnythingElse())
                return replace(draft, details={"department": department})
            case _:
                assert_never(event)

    def _key(self, scene: Scene, digit: str) -> Draft:
        question = scene.state.question
        if digit == "0":
            return replace(passing.person(scene, None, "key_0"), rule="key_0")
        if digit == "*":
            return repairs.again(scene, "repeat")
        place = "123".find(digit) if len(digit) == 1 else -1
        if isinstance(question, WhichArticle) and len(question.articles) > 1 and 0 <= place < len(question.articles):
            return self._picked(scene, question.articles[place])
        if isinstance(question, WhichArticle | PersonOffered | AnythingElse) and place in (0, 1):
            return self._yes_or_no(scene, question, place == 0)
        return plain(scene, "unknown_key", "unknown_key", question)

    def _yes_or_no(self, scene: Scene, question: WhichArticle | PersonOffered | AnythingElse, yes: bool) -> Draft:
        if isinstance(question, WhichArticle):
            return self._picked(scene, question.articles[0]) if yes else self._perform(scene, RejectChoice(), None)
        if isinstance(question, PersonOffered):
            return self._perform(scene, AskPerson(question.department) if yes else Continue(), None)
        return self._perform(scene, Continue() if yes else Goodbye(), None)

    def _picked(self, scene: Scene, article_id: str) -> Draft:
        return replies.quote(scene, self.bot.article(article_id), 1.0, heading=False, rule="chosen")

    def _respond_to_words(self, state: State, event: CallerSaid, now: datetime) -> tuple[State, Reply]:
        heard = self._phrases.hear(event.text)
        evidence = self._identifier.evidence(heard.words, event.language)
        before = state.language
        if event.confidence >= UNSURE_CONFIDENCE:
            state = replace(state, sense=next_sense(state.sense, evidence, heard.words, state.languages))
        command = SwitchLanguage(None) if self._foreign(state, evidence.family) else self._command(state, heard)
        if isinstance(command, SwitchLanguage) and command.language is not None:
            state = replace(state, sense=LanguageSense(command.language, settled=True))
        scene = self._scene(state, now)
        draft = self._perform(scene, command, event)
        told = self._disclosure(scene, before)
        details = {
            **draft.details,
            "language": state.language,
            "language_before": before,
            "language_evidence": evidence.details(),
            "heard_confidence": round(event.confidence, 3),
        }
        return self._entered(state, replace(draft, details=details), told)

    def _foreign(self, state: State, family: str | None) -> bool:
        """Russian is told apart from Ukrainian and answered politely, not taken for it."""
        return family == "ru" and language_of("uk", self.bot.languages, state.sense) is not None

    def _command(self, state: State, heard: Heard) -> Command:
        commands = by_rules(heard, self._phrases, self.bot)
        commands += by_open_question(heard, self._phrases, self.bot, state.question)
        if heard.content and not commands:
            commands.append(by_knowledge(heard, self._knowledge, self.bot.thresholds))
        return foremost(commands)

    def _disclosure(self, scene: Scene, before: str) -> tuple[Prompt, ...]:
        """When a caller is answered in a language in which it has not been said yet: that this is a bot, in short."""
        language, told = scene.language, set(scene.state.disclosed)
        if language == before or told & (set(NORWEGIAN) if language in NORWEGIAN else {language}):
            return ()
        return (replace(scene.say("disclosure_again"), interruptible=False),)

    def _perform(self, scene: Scene, command: Command, event: CallerSaid | None) -> Draft:
        match command:
            case Emergency(service=service):
                return plain(scene, "emergency", f"emergency_{service}")
            case AskPerson(department=department):
                return passing.person(scene, department, "caller_asked")
            case SwitchLanguage(language=None):
                return self._no_such_language(scene)
            case SwitchLanguage():
                return plain(scene, "language", "language")
            case Repeat():
                return repairs.again(scene, "repeat")
            case ChangePace(slower=slower):
                slowed = replace(scene, state=replace(scene.state, slower=slower))
                return repairs.again(slowed, "slower" if slower else "faster")
            case Goodbye() if _is_unsure(event):
                return repairs.miss(scene, "unsure")
            case Goodbye():
                return replies.end(scene, "goodbye", "goodbye", "goodbye")
            case Pick(article=article):
                return self._picked(scene, article)
            case RejectChoice():
                return plain(scene, "choice_none", "choice_none")
            case Continue():
                return plain(scene, "continue", "what_else")
            case AskAboutBot():
                return plain(scene, "about_bot", "about_bot", name=self.bot.name)
            case AskHelp():
                return replies.helping(scene)
            case Quote() | OfferChoice() | CannotAnswer():
                return self._informed(scene, command, event)
            case Thank():
                return plain(scene, "thanks", "welcome", AnythingElse())
            case Greet():
                return plain(scene, "hello", "hello")
            case NoWords():
                return repairs.miss(scene, "no_words")
            case _:
                assert_never(command)

    def _informed(self, scene: Scene, command: Quote | OfferChoice | CannotAnswer, event: CallerSaid | None) -> Draft:
        ranked = command.ranked
        score = ranked.best.score if ranked.best else None
        match command:
            case Quote() if _is_unsure(event):
                draft = replies.offer_choice(scene, (ranked.candidates[0].article,), score)
            case Quote():
                article = self.bot.article(ranked.candidates[0].article)
                sure = ranked.candidates[0].score
                draft = replies.quote(scene, article, sure, heading=sure < replies.HEADING_BELOW_SCORE)
            case OfferChoice(articles=articles):
                draft = replies.offer_choice(scene, articles, score)
            case CannotAnswer():
                draft = repairs.miss(scene, "unsure") if _is_unsure(event) else replies.unknown(scene)
        return replace(draft, score=score, details={**draft.details, **ranked.details(), **self._limits})

    def _no_such_language(self, scene: Scene) -> Draft:
        names = [self._wording.say_raw("own_name", language) for language in self.bot.languages]
        joined = names[0]
        if len(names) > 1:
            joined = f"{', '.join(names[:-1])} {self._wording.say_raw('and', scene.language)} {names[-1]}"
        return plain(scene, "other_language", "other_language", languages=joined)

    def _entered(self, state: State, draft: Draft, before: tuple[Prompt, ...] = ()) -> tuple[State, Reply]:
        """The reply of a draft, with prompts before it that are never repeated, and the state after it."""
        slower = {"slower": True, "faster": False}.get(draft.rule, state.slower)
        prompts = tuple(replace(prompt, slower=slower) for prompt in (*before, *draft.prompts))
        told = {prompt.language for prompt in prompts if self._discloses(prompt)}
        after = replace(
            state,
            finished=isinstance(draft.action, HangUp),
            turn=state.turn + 1,
            question=draft.question,
            silences=draft.silences,
            misses=draft.misses,
            unknowns=draft.unknowns,
            slower=slower,
            disclosed=state.disclosed | told,
            last=prompts[len(before) :] if draft.repeatable else state.last,
            listened=draft.action if isinstance(draft.action, Listen) else state.listened,
        )
        decision = Decision(draft.rule, draft.article, draft.score, draft.details)
        return after, Reply(prompts, draft.action, decision)

    def _discloses(self, prompt: Prompt) -> bool:
        again = self._wording.variants("disclosure_again", prompt.language)
        return prompt.text in (self.bot.disclosures.get(prompt.language), *again)


def _is_unsure(event: CallerSaid | None) -> bool:
    return event is not None and event.confidence < UNSURE_CONFIDENCE


def background() -> list[str]:
    """Everyday sentences that are no question to a company, in all languages: the middle of the map of meaning."""
    file = resources.files("dialog").joinpath("built_in", "background.yaml")
    listed: dict[str, list[str]] = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    return [sentence for sentences in listed.values() for sentence in sentences]
