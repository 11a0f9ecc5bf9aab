"""What the bot does about a command: the one place where every command has its reply."""

from dataclasses import dataclass, replace
from typing import assert_never

from dialog import after_person, consent, own_data, passing, repairs, replies, ringing, what_now
from dialog.closing import closing, plain
from dialog.commands import (
    Answer,
    AnswerConsent,
    AskAboutBot,
    AskAdvice,
    AskCallback,
    AskHelp,
    AskOwnData,
    AskPerson,
    AskWhere,
    CancelFlow,
    CannotAnswer,
    ChangePace,
    ChangeTo,
    Command,
    Continue,
    Correct,
    Emergency,
    Goodbye,
    Greet,
    KeepRinging,
    LeaveToPerson,
    NameFlow,
    NoAnswer,
    NoWords,
    OfferChoice,
    Pick,
    Rate,
    Record,
    RefuseNumber,
    RejectChoice,
    Repeat,
    SendAgain,
    SendLink,
    SkipSlot,
    StayHere,
    StopRinging,
    SwitchLanguage,
    Take,
    Thank,
    YesNo,
)
from dialog.events import Act, Listen, Prompt
from dialog.finding import nearest
from dialog.flows import proving, turns
from dialog.flows.run import without_top
from dialog.own_words import SensitiveTopic
from dialog.scene import Draft, Scene, in_language, listed, open_ears
from dialog.state import (
    AnythingElse,
    InFlow,
    LinkOffered,
    NowOrLater,
    RatingAsked,
    RecordingAsked,
    Sending,
    SlotAsked,
    Topic,
    WhatNow,
    WhichTopic,
)
from dialog.topics import take

UNSURE_CONFIDENCE = 0.3
"""Below it the words were probably misheard: no article is quoted before the caller has said that it is the right one,
no call is ended, no language changed, and instead of "I don't know" the bot asks again."""

SURE_CONFIDENCE = 0.6
"""Below it a value is read back before a flow uses it."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """What a command came from.

    Args:
        text: the caller's words; "" for a key.
        content: of them, what is not small talk.
        confidence: 0..1.
        heard_out: the caller had heard what was asked.
    """

    text: str = ""
    content: tuple[str, ...] = ()
    confidence: float = 1.0
    heard_out: bool = True

    @property
    def unsure(self) -> bool:
        """Probably misheard."""
        return self.confidence < UNSURE_CONFIDENCE

    @property
    def sure(self) -> bool:
        """Heard well enough for a value to be used as it is."""
        return self.confidence >= SURE_CONFIDENCE


def obey(scene: Scene, command: Command, said: Utterance) -> Draft:
    """The reply to a command."""
    match command:
        case Emergency(service=service):
            # Nothing is asked behind it, but a flow under way is not lost.
            end = closing(scene, "")
            return Draft((scene.say(f"emergency_{service}"),), end.action, "emergency", end.question)
        case RefuseNumber(wanted=wanted):
            refused = plain(scene, "national_id", "slot_national_id", "what_else")
            if wanted is None:
                return refused
            draft = obey(scene, wanted, said)
            return replace(draft, prompts=(refused.prompts[0], *draft.prompts), rule="national_id")
        case AskPerson(department=department, reason=reason):
            return passing.person(scene, department, reason)
        case AskCallback() | StayHere() | StopRinging() | KeepRinging() | Rate():
            return _of_people(scene, command, said)
        case LeaveToPerson(topic=topic):
            return _left_to_person(scene, topic)
        case AskAdvice(subject=subject):
            return replies.advise(scene, subject)
        case SwitchLanguage(language=None):
            return _no_such_language(scene)
        case SwitchLanguage() if isinstance(scene.state.question, RecordingAsked):
            return consent.ask(scene, plain(scene, "language", "language"))
        case SwitchLanguage():
            return plain(scene, "language", "language", "ready")
        case AnswerConsent() | Record() | AskOwnData():
            return _about_privacy(scene, command, said)
        case Repeat():
            return repairs.again(scene, "repeat")
        case ChangePace(slower=slower):
            slowed = replace(scene, state=replace(scene.state, slower=slower))
            return repairs.again(slowed, "slower" if slower else "faster")
        case Goodbye() if said.unsure:
            return missed(scene, "unsure")
        case Goodbye():
            return replies.end(scene, "goodbye", "goodbye", "goodbye")
        case AskAboutBot():
            return plain(scene, "about_bot", "about_bot", "ready", name=scene.bot.name)
        case AskHelp():
            return replies.helping(scene)
        case SendLink():
            return _send_link(scene, scene.state.topic)
        case Pick() | RejectChoice() | Take() | OfferChoice() | CannotAnswer() | ChangeTo():
            return _of_knowledge(scene, command, said)
        case (
            CancelFlow()
            | Correct()
            | Answer()
            | YesNo()
            | SkipSlot()
            | SendAgain()
            | AskWhere()
            | NoAnswer()
            | NameFlow()
        ):
            return _of_flow(scene, command, said)
        case Continue() | Thank() | Greet() | NoWords():
            return _courtesy(scene, command)
        case _:
            assert_never(command)


def _of_people(
    scene: Scene, command: AskCallback | StayHere | StopRinging | KeepRinging | Rate, said: Utterance
) -> Draft:
    """People who are being rung, who could not be reached, or who have gone."""
    match command:
        case AskCallback():
            return _called_back(scene, command, said)
        case StayHere():
            return what_now.stays(scene)
        case StopRinging(wanted=wanted):
            return ringing.without(scene, obey(scene, wanted, said)) if wanted else ringing.stopped(scene)
        case KeepRinging():
            return plain(scene, "ringing", "ringing_waits")
        case Rate(rating=rating):
            return after_person.rated(scene, rating)
        case _:
            assert_never(command)


def _called_back(scene: Scene, command: AskCallback, said: Utterance) -> Draft:
    """Into the flow for it; a time or a number may stand in the words. Who is being rung need not come."""
    if command.department is not None:
        scene = replace(scene, state=replace(scene.state, question=WhatNow(command.department)))
    draft = take(scene, (Topic(flow=command.kind),), said.text)
    return replace(ringing.without(scene, draft), rule=command.kind)


def _about_privacy(scene: Scene, command: AnswerConsent | Record | AskOwnData, said: Utterance) -> Draft:
    """Whether the call is recorded, and what is kept of it."""
    match command:
        case AskOwnData(about=about):
            return own_data.told(scene, about)
        case Record(again=False):
            return consent.stopped(scene)
        case Record() if not scene.state.recording:
            return plain(scene, "recording", "privacy_not_recorded", "what_else")
        case Record():
            return consent.ask(scene, Draft((), open_ears(scene), "recording_asked"))
        case AnswerConsent(granted=True) if not said.heard_out:
            return consent.ask(scene, Draft((), open_ears(scene), "recording_asked"))
        case AnswerConsent(granted=True) if not said.sure:
            return consent.answered(scene, False, "no_answer")
        case AnswerConsent(granted=granted):
            return consent.answered(scene, granted, "said" if said.text else "pressed")
        case _:
            assert_never(command)


def _courtesy(scene: Scene, command: Continue | Thank | Greet | NoWords) -> Draft:
    """Small talk; when a flow waits for something, its question is the answer."""
    frames = scene.state.frames
    match command:
        case NoWords():
            return missed(scene, "no_words")
        case Continue() if frames and isinstance(scene.state.question, InFlow):
            # Once they may be about to say it; "yes" again to "which number?" needs the question in other words.
            waited = bool(scene.state.turns) and scene.state.turns[-1].rule == "wait"
            return turns.missed(scene, "no_answer") if waited else turns.take_time(scene)
        case Continue():
            return plain(scene, "continue", "", "what_else")
        case Thank():
            return plain(scene, "thanks", "", "welcome", AnythingElse())
        case Greet():
            return plain(scene, "hello", "", "hello")
        case _:
            assert_never(command)


def _of_flow(
    scene: Scene,
    command: CancelFlow | Correct | Answer | YesNo | SkipSlot | SendAgain | AskWhere | NoAnswer | NameFlow,
    said: Utterance,
) -> Draft:
    match command:
        case CancelFlow():
            return turns.cancel(scene)
        case YesNo(yes=yes):
            return _yes_or_no(scene, yes)
        case Correct():
            return turns.correct(scene, command, said.sure)
        case Answer():
            return turns.answer(scene, command, said.sure)
        case SkipSlot():
            return turns.skip(scene)
        case AskWhere():
            return turns.where_is_it(scene)
        case SendAgain():
            return proving.begin(scene, again=True)
        case NoAnswer():
            return turns.missed(scene, "no_answer")
        case NameFlow():
            return plain(scene, "named", "", "")
        case _:
            assert_never(command)


def _yes_or_no(scene: Scene, yes: bool) -> Draft:
    match scene.state.question:
        case NowOrLater(flow=flow) if yes:
            return take(scene, (Topic(flow=flow),))
        case NowOrLater(flow=flow):
            later = (*scene.state.later, Topic(flow=flow))
            promised = scene.say("promised", topics=scene.title(Topic(flow=flow)))
            end = closing(scene, "what_else", named=True)
            return Draft((promised, *end.prompts), end.action, "later", end.question, later=later)
        case LinkOffered(article=article) if yes:
            return _send_link(scene, article)
        case LinkOffered():
            return plain(scene, "continue", "", "more", AnythingElse())
        case _:
            return turns.yes_or_no(scene, yes)


def _of_knowledge(
    scene: Scene, command: Pick | RejectChoice | Take | OfferChoice | CannotAnswer | ChangeTo, said: Utterance
) -> Draft:
    match command:
        case Pick(topic=topic, rest=rest):
            draft = take(scene, (topic, *rest), f"{_doubted(scene, (topic,))} {said.text}".strip())
            return draft if topic.flow else replace(draft, rule="chosen", asked=said.content)
        case RejectChoice():
            return plain(scene, "choice_none", "", "choice_none")
        case ChangeTo(topic=topic):
            return take(scene.with_frames(without_top(scene.state.frames)), (topic,), said.text)
        case Take() | OfferChoice() | CannotAnswer():
            return _informed(scene, command, said)
        case _:
            assert_never(command)


def _doubted(scene: Scene, topics: tuple[Topic, ...]) -> str:
    """What the caller had said before the bot asked which of these was meant; "" when it had not asked."""
    question = scene.state.question
    return question.said if isinstance(question, WhichTopic) and set(topics) <= set(question.topics) else ""


def _informed(scene: Scene, command: Take | OfferChoice | CannotAnswer, said: Utterance) -> Draft:
    ranked = command.ranked
    score = ranked.best.score if ranked.best else None
    match command:
        case Take(topic=topic) if said.unsure:
            draft = replies.offer_choice(scene, (topic,), score, said.text)
        case Take(topic=Topic(flow=flow)) if flow and scene.state.frames:
            draft = _now_or_later(scene, flow)
        case Take(topic=topic, rest=rest, follow_up=follow_up):
            heading = follow_up or (score is not None and score < replies.HEADING_BELOW_SCORE)
            draft = take(scene, (topic, *rest), said.text, score, heading and not rest)
            draft = replace(draft, asked=said.content if not follow_up else scene.state.asked)
            draft = replace(draft, details={**draft.details, "follow_up": follow_up})
        case OfferChoice() if isinstance(scene.state.question, RatingAsked) and not said.unsure:
            draft = after_person.unclear(scene, scene.state.question)
        case OfferChoice(topics=topics):
            draft = replies.offer_choice(scene, topics, score, _doubted(scene, topics) or said.text)
        case CannotAnswer() if isinstance(scene.state.question, WhatNow):
            draft = what_now.unclear(scene, scene.state.question)
        case CannotAnswer() if isinstance(scene.state.question, RatingAsked):
            draft = after_person.unclear(scene, scene.state.question)
        case CannotAnswer():
            draft = missed(scene, "unsure") if said.unsure else replies.unknown(scene, nearest(ranked))
    thresholds = {"answer": scene.bot.thresholds.answer, "choice": scene.bot.thresholds.choice}
    return replace(draft, score=score, details={**draft.details, **ranked.details(), "thresholds": thresholds})


def _left_to_person(scene: Scene, topic: SensitiveTopic) -> Draft:
    """The approved sentence for a matter of its own, and a person."""
    language, text = in_language(scene.bot, topic.says, scene.language)
    said = Prompt(text, language) if text else scene.say("person_better")
    draft = passing.person(scene, topic.department or None, "sensitive")
    details = {**draft.details, "topic": topic.id}
    return replace(draft, prompts=(said, *draft.prompts), rule="sensitive", details=details)


def _now_or_later(scene: Scene, flow: str) -> Draft:
    """Another flow is asked for while one is under way: which first?"""
    current = scene.title(Topic(flow=scene.state.frames[-1].flow))
    prompt = scene.say("switch_flow", title=scene.title(Topic(flow=flow)), current=current)
    ears = Listen("yes_no", scene.wait_seconds())
    return Draft((prompt,), ears, "switch", NowOrLater(flow), details={"switch": flow})


def missed(scene: Scene, reason: str) -> Draft:
    """No usable words: the flow's question in other words, or that nothing was understood."""
    frames = scene.state.frames
    asked = frames and isinstance(scene.state.question, InFlow) and isinstance(frames[-1].question, SlotAsked)
    return turns.missed(scene, reason) if asked else repairs.miss(scene, reason)


def _send_link(scene: Scene, article_id: str) -> Draft:
    """Have the link of an article sent, when the bot may and the article has one."""
    link = scene.bot.article(article_id).link if article_id else None
    if not scene.bot.sms or not link:
        return plain(scene, "no_link", "no_link", "what_else")
    ticket = scene.state.tickets + 1
    act = Act("send_link", {"link": link, "article": article_id}, ticket)
    draft = Draft((scene.say("one_moment"),), act, "send_link", Sending(ticket), tickets=ticket, repeatable=False)
    return draft


def _no_such_language(scene: Scene) -> Draft:
    names = [scene.wording.say_raw("own_name", language) for language in scene.bot.languages]
    return plain(scene, "other_language", "other_language", languages=listed(scene, names))
