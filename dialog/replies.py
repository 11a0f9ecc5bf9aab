"""What the bot says when a turn went right: greeting, answers, choices, honest ignorance, goodbye.

Every function here takes a `Scene` and gives a `Draft`; the engine turns the draft into a `Reply` and the next state.
"""

from dataclasses import replace
from typing import Any

from dialog.bot import NORWEGIAN, Article
from dialog.events import HangUp, Listen, Prompt
from dialog.handoff import Reachable, find_person
from dialog.passing import pass_on
from dialog.scene import Draft, Scene, choice_ears, in_language, open_ears, topics
from dialog.state import AnythingElse, PersonOffered, WhichArticle

HEADING_BELOW_SCORE = 0.85
"""Below this score the answer begins with its heading, so that a wrong one is heard to be wrong at once."""


def greet(scene: Scene) -> Draft:
    """Greeting, disclosure and privacy notice, an invitation per other language, and the floor."""
    language, bot = scene.language, scene.bot
    told = replace(Prompt(bot.disclosures[language], language), interruptible=False)
    privacy = replace(Prompt(bot.privacy[language], language), interruptible=False)
    greeting = Prompt(bot.greetings[language], language)
    prompts = (greeting, told, privacy, *invitations(scene), scene.say("ready"))
    return Draft(prompts, open_ears(scene), "greeting")


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
    """The line was lost and has come back."""
    return Draft((scene.say("resumed"),), open_ears(scene), "resumed")


def quote(scene: Scene, article: Article, score: float, heading: bool, rule: str = "answer") -> Draft:
    """The approved answer, and whether there is anything else."""
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
    more = (*prompts, scene.say("more"))
    return Draft(more, open_ears(scene), rule, AnythingElse(), article.id, score, details)


def offer_choice(scene: Scene, articles: tuple[str, ...], score: float | None) -> Draft:
    """Did you mean A or B?"""
    titles = tuple(scene.title(article) for article in articles)
    places = dict(zip(("first", "second", "third"), titles, strict=False))
    key = ("choice_one", "choice_two", "choice_three")[len(titles) - 1]
    return Draft(
        (scene.say(key, **places),), choice_ears(scene, articles), "choice", WhichArticle(articles), None, score
    )


def unknown(scene: Scene) -> Draft:
    """That I do not know: topics first, a person the time before the limit, the person's phone at it."""
    times = scene.state.unknowns + 1
    person = find_person(scene.bot, None, scene.now)
    if 0 < scene.bot.limits.no_match <= times and isinstance(person, Reachable):
        draft = pass_on(scene, person, "not_understood")
        return replace(draft, prompts=(scene.say("dont_know"), *draft.prompts), rule="dont_know", unknowns=times)
    prompts: tuple[Prompt, ...] = (scene.say("dont_know"),)
    if 0 < scene.bot.limits.no_match - 1 <= times and isinstance(person, Reachable):
        offer = scene.say("offer_person", department=scene.department(person.answering.id))
        ears = Listen("yes_no", scene.wait_seconds())
        return Draft((*prompts, offer), ears, "dont_know", PersonOffered(person.answering.id), unknowns=times)
    if times == 1 and topics(scene):
        prompts += (scene.say("topics", topics=topics(scene)),)
    return Draft((*prompts, scene.say("rephrase")), open_ears(scene), "dont_know", AnythingElse(), unknowns=times)


def end(scene: Scene, rule: str, key: str, reason: str) -> Draft:
    """The last sentence of a call."""
    return Draft((scene.say(key),), HangUp(reason), rule)


def helping(scene: Scene) -> Draft:
    """What the bot can do."""
    named = topics(scene)
    prompts = (scene.say("help", topics=named),) if named else ()
    return Draft((*prompts, scene.say("help_person"), scene.say("ready")), open_ears(scene), "help")
