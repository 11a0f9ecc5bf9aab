"""What the bot says when a turn went right: greeting, answers, choices, honest ignorance, goodbye.

Every function here takes a `Scene` and gives a `Draft`; the engine turns the draft into a `Reply` and the next state.
"""

from dataclasses import replace
from typing import Any

from dialog import consent, passing
from dialog.bot import NORWEGIAN, Article
from dialog.closing import Closing, closing, plain
from dialog.events import HangUp, Listen, Prompt
from dialog.flows.asking import CHOICES
from dialog.handoff import Reachable, find_person
from dialog.scene import Draft, Scene, choice_ears, in_language, listed, open_ears, topics
from dialog.state import AnythingElse, LinkOffered, PersonOffered, Topic, WhichTopic

HEADING_BELOW_SCORE = 0.85
"""Below this score the answer begins with its heading, so that a wrong one is heard to be wrong at once."""


def greet(scene: Scene, may_record: bool = False) -> Draft:
    """Greeting, disclosure and privacy notice, an invitation per other language, and the floor.

    Where the bot records calls, and this one can be, the question whether it may stands in the place of the last.
    """
    language, bot = scene.language, scene.bot
    told = replace(Prompt(bot.disclosures[language], language), interruptible=False)
    privacy = replace(Prompt(bot.privacy[language], language), interruptible=False)
    greeting = Prompt(bot.greetings[language], language)
    prompts = (greeting, told, privacy, *invitations(scene))
    asked = consent.ask(scene, Draft(prompts, open_ears(scene), "greeting")) if may_record else None
    if asked is not None and asked.recording:
        return asked
    return Draft((*prompts, scene.say("ready")), open_ears(scene), "greeting")


def invitations(scene: Scene) -> tuple[Prompt, ...]:
    """One sentence in each other language of the bot; bokmål and nynorsk invite each other's speakers."""
    heard = {scene.language, *(NORWEGIAN if scene.language in NORWEGIAN else ())}
    prompts = []
    for language in scene.bot.languages:
        if language not in heard:
            heard |= {language, *(NORWEGIAN if language in NORWEGIAN else ())}
            prompts.append(Prompt(scene.wording.say("invitation", language), language))
    return tuple(prompts)


def resume(scene: Scene) -> Draft:
    """The line was lost and has come back: on with the flow, or what can I do?"""
    return plain(scene, "resumed", "resumed", "what_else")


def quote(scene: Scene, article: Article, score: float | None, heading: bool, rule: str = "answer") -> Draft:
    """The approved answer, and the end of the reply; see `dialog.topics` for several in one."""
    language, text = in_language(scene.bot, article.answers, scene.language)
    if not text:
        return unknown(scene)
    prompts = [Prompt(text, language, article=article.id)]
    if heading:
        title = article.titles.get(language, "")
        prompts.insert(0, Prompt(scene.wording.say("about", language, title=title), language, article=article.id))
    details: dict[str, Any] = {
        "heading": heading,
        "answer_language": language,
        "review": article.review.isoformat() if article.review else None,
    }
    end = closing(scene, "more", AnythingElse(), named=True)
    if scene.bot.sms and article.link and not scene.state.frames:
        offer = scene.say("offer_link")
        end = Closing((offer,), Listen("yes_no", scene.wait_seconds()), LinkOffered(article.id))
    more = (*prompts, *end.prompts)
    return Draft(more, end.action, rule, end.question, article.id, score, details)


def offer_choice(scene: Scene, offered: tuple[Topic, ...], score: float | None, said: str = "") -> Draft:
    """Did you mean A or B? The words that were not clear are kept for the flow that may be chosen."""
    titles = tuple(scene.title(topic) for topic in offered)
    places = dict(zip(("first", "second", "third"), titles, strict=False))
    key = CHOICES[len(titles) - 1]
    details: dict[str, Any] = {"choice": [topic.flow or topic.article for topic in offered]}
    ears = choice_ears(scene, offered)
    return Draft((scene.say(key, **places),), ears, "choice", WhichTopic(offered, said), None, score, details)


def unknown(scene: Scene, near: tuple[Topic, ...] = ()) -> Draft:
    """That I do not know: what is nearest, or topics; a person the time before the limit, the phone at it.

    While people are rung for the caller, that they are: the topics are not what was asked for.

    Args:
        scene: of the turn.
        near: topics that are not what was asked, but not far from it.
    """
    times = scene.state.unknowns + 1
    details: dict[str, Any] = {"unanswered": True, "near": [topic.flow or topic.article for topic in near]}
    person = find_person(scene.bot, None, scene.now)
    no_match = scene.bot.limits.no_match
    if (scene.state.ringing or 0 < no_match <= times) and isinstance(person, Reachable):
        draft = passing.person(scene, None, "not_understood")
        prompts: tuple[Prompt, ...] = (scene.say("dont_know"), *draft.prompts)
        return replace(draft, prompts=prompts, rule="dont_know", unknowns=times, details={**draft.details, **details})
    prompts = (scene.say("dont_know"),)
    if 0 < no_match - 1 <= times and isinstance(person, Reachable):
        offer = scene.say("offer_person", department=scene.department(person.answering.id))
        ears = Listen("yes_no", scene.wait_seconds())
        question = PersonOffered(person.answering.id, "not_understood")
        return Draft((*prompts, offer), ears, "dont_know", question, details=details, unknowns=times)
    if near:
        prompts += (scene.say("nearest", topics=listed(scene, [scene.title(topic) for topic in near])),)
    elif times == 1 and topics(scene):
        prompts += (scene.say("topics", topics=topics(scene)),)
    end = closing(scene, "rephrase", AnythingElse())
    return Draft((*prompts, *end.prompts), end.action, "dont_know", end.question, details=details, unknowns=times)


def end(scene: Scene, rule: str, key: str, reason: str) -> Draft:
    """The last sentence of a call."""
    return Draft((scene.say(key),), HangUp(reason), rule)


def helping(scene: Scene) -> Draft:
    """What the bot can do."""
    named = topics(scene)
    prompts = (scene.say("help", topics=named),) if named else ()
    end = closing(scene, "ready", named=True)
    return Draft((*prompts, scene.say("help_person"), *end.prompts), end.action, "help", end.question)


def advise(scene: Scene, subject: str) -> Draft:
    """No advice of a kind that only approved texts may give: that, and a person who may know."""
    found = find_person(scene.bot, None, scene.now)
    prompts = (scene.say(f"no_advice_{subject}"),)
    details: dict[str, Any] = {"subject": subject, "unanswered": True}
    if not isinstance(found, Reachable):
        end = closing(scene, "what_else", AnythingElse())
        return Draft((*prompts, *end.prompts), end.action, "advice", end.question, details=details)
    offer = scene.say("offer_person", department=scene.department(found.answering.id))
    ears = Listen("yes_no", scene.wait_seconds())
    return Draft((*prompts, offer), ears, "advice", PersonOffered(found.answering.id, "sensitive"), details=details)
