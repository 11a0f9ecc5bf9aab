"""What the bot says and does for each thing that can happen in a conversation.

Every function here takes a `Scene` and gives a `Draft`; the engine turns the draft into a `Reply` and the next state.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from dialog.bot import Article, Bot
from dialog.events import Action, HandOff, HangUp, Listen, Prompt
from dialog.handoff import Closed, Reachable, find_person
from dialog.state import AnythingElse, NothingOpen, OpenQuestion, PersonOffered, State, WhichArticle
from dialog.wording import Wording

FIRST_WAIT_SECONDS = 7.0
LONGEST_WAIT_SECONDS = 12.0
SILENCES_TO_END = 3
MISSES_TO_PERSON = 3
UNKNOWNS_TO_OFFER, UNKNOWNS_TO_PERSON = 2, 3
HEADING_BELOW_SCORE = 0.85
"""Below this score the answer begins with its heading, so that a wrong one is heard to be wrong at once."""
TOPICS_NAMED = 3


@dataclass(frozen=True, slots=True)
class Scene:
    """All that a reply may depend on.

    Args:
        bot: as its folder describes it.
        wording: built-in texts under the bot's own.
        state: of the conversation before this reply, its language already decided.
        now: timezone-aware.
    """

    bot: Bot
    wording: Wording
    state: State
    now: datetime

    @property
    def language(self) -> str:
        """The language of the reply."""
        return self.state.language

    def say(self, key: str, **values: str) -> Prompt:
        """A prompt from the wording; texts of the same key are used in turn."""
        return Prompt(self.wording.say(key, self.language, self.state.turn, **values), self.language)

    def department(self, department_id: str) -> str:
        """A department's name in the language of the reply."""
        for department in self.bot.departments:
            if department.id == department_id:
                return department.names.get(self.language) or next(iter(department.names.values()), department.id)
        return department_id

    def title(self, article_id: str) -> str:
        """An article's title in the language of the reply, or in one the caller may understand."""
        return in_language(self.bot, self.bot.article(article_id).titles, self.language)[1]

    def wait_seconds(self) -> float:
        """Silence before the next reprompt: all waits together stay below the bot's limit."""
        if self.state.silences == 0:
            return FIRST_WAIT_SECONDS
        rest = (self.bot.limits.idle_seconds - FIRST_WAIT_SECONDS) / (SILENCES_TO_END - 1)
        return max(1.0, min(LONGEST_WAIT_SECONDS, rest))


@dataclass(frozen=True, slots=True)
class Draft:
    """A reply before it is entered in the state.

    Args:
        prompts: to be said.
        action: to be done then.
        rule: what decided.
        question: the bot's open question after it.
        article: id of the article quoted.
        score: of the winner.
        details: for the decision record.
        silences: of the caller in a row after it; `misses` and `unknowns` likewise.
        repeatable: True when "repeat" after it means this reply.
    """

    prompts: tuple[Prompt, ...]
    action: Action
    rule: str
    question: OpenQuestion = NothingOpen()
    article: str | None = None
    score: float | None = None
    details: dict[str, Any] = field(default_factory=dict)
    silences: int = 0
    misses: int = 0
    unknowns: int = 0
    repeatable: bool = True


def in_language(bot: Bot, texts: Any, language: str) -> tuple[str, str]:
    """(language, text) for a language, or for one a caller of it may understand."""
    neighbours = {"nb": ("nn",), "nn": ("nb",)}.get(language, ())
    for candidate in (language, *neighbours, *bot.languages):
        if candidate in texts:
            return candidate, texts[candidate]
    return language, ""


def open_ears(scene: Scene) -> Listen:
    """Wait for anything."""
    return Listen("open", scene.wait_seconds())


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
    heard = {scene.language, *({"nb", "nn"} if scene.language in ("nb", "nn") else ())}
    prompts = []
    for language in scene.bot.languages:
        if language not in heard:
            heard |= {language, *({"nb", "nn"} if language in ("nb", "nn") else ())}
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


def choice_ears(scene: Scene, articles: tuple[str, ...]) -> Listen:
    """Wait for one of the titles, or yes or no."""
    titles = tuple(scene.title(article) for article in articles)
    return Listen("yes_no" if len(articles) == 1 else "choice", scene.wait_seconds(), titles)


def unknown(scene: Scene) -> Draft:
    """That I do not know: topics first, a person the second time, the person's phone the third."""
    times = scene.state.unknowns + 1
    person = find_person(scene.bot, None, scene.now)
    if times >= UNKNOWNS_TO_PERSON and isinstance(person, Reachable):
        draft = pass_on(scene, person, "not_understood")
        return replace(draft, prompts=(scene.say("dont_know"), *draft.prompts), rule="dont_know", unknowns=times)
    prompts = (scene.say("dont_know"),)
    if times >= UNKNOWNS_TO_OFFER and isinstance(person, Reachable):
        offer = scene.say("offer_person", department=scene.department(person.answering.id))
        ears = Listen("yes_no", scene.wait_seconds())
        return Draft((*prompts, offer), ears, "dont_know", PersonOffered(person.answering.id), unknowns=times)
    if times == 1 and topics(scene):
        prompts += (scene.say("topics", topics=topics(scene)),)
    return Draft((*prompts, scene.say("rephrase")), open_ears(scene), "dont_know", AnythingElse(), unknowns=times)


def topics(scene: Scene) -> str:
    """What the bot can help with, as words in a sentence; "" when it has no articles."""
    own = scene.bot.topics.get(scene.language)
    if own:
        return own
    titles = [text for text in (article.titles.get(scene.language) for article in scene.bot.articles) if text]
    named = titles[:TOPICS_NAMED]
    if len(named) < 2:
        return "".join(named)
    return f"{', '.join(named[:-1])} {scene.wording.say_raw('and', scene.language)} {named[-1]}"


def person(scene: Scene, department: str | None, reason: str) -> Draft:
    """To a person; when nobody answers now, when somebody will."""
    found = find_person(scene.bot, department, scene.now)
    if found is None:
        return Draft((scene.say("no_person"),), open_ears(scene), "person", details={"reachable": False})
    if isinstance(found, Closed):
        return closed(scene, found)
    return pass_on(scene, found, reason)


def pass_on(scene: Scene, found: Reachable, reason: str) -> Draft:
    """Say who answers, and hand over."""
    name = scene.department(found.answering.id)
    if found.asked is found.answering:
        prompt = scene.say("handoff", department=name)
    else:
        prompt = scene.say("handoff_other", department=scene.department(found.asked.id), other=name)
    action = HandOff(found.answering.id, found.number, name, reason)
    details: dict[str, Any] = {"department": found.answering.id, "asked": found.asked.id, "reachable": True}
    return Draft((prompt,), action, "key_0" if reason == "key_0" else "person", details=details, repeatable=False)


def closed(scene: Scene, found: Closed) -> Draft:
    """Nobody answers now: when somebody will, and what the bot can do meanwhile."""
    name = scene.department(found.asked.id)
    if found.opening is None:
        said = scene.say("closed", department=name)
    else:
        said = scene.say("closed_until", department=name, opening=spoken_opening(scene, found.opening))
    details: dict[str, Any] = {
        "department": found.asked.id,
        "reachable": False,
        "opening": found.opening.isoformat() if found.opening else None,
    }
    ears = Listen("yes_no", scene.wait_seconds())
    return Draft((said, scene.say("closed_help")), ears, "person", AnythingElse(), details=details)


def spoken_opening(scene: Scene, opening: datetime) -> str:
    """ "tomorrow at ...", "on Monday at ...", with marked values."""
    days = (opening.date() - scene.now.astimezone(opening.tzinfo).date()).days
    clock = f"{{{opening:%H:%M}|time}}"
    say = scene.wording.say_raw
    if days <= 1:
        return say("opening_today" if days == 0 else "opening_tomorrow", scene.language, time=clock)
    if days < 7:
        return say("opening_weekday", scene.language, opening.weekday(), time=clock)
    return say("opening_date", scene.language, date=f"{{{opening:%Y-%m-%d}|date}}", time=clock)


def end(scene: Scene, rule: str, key: str, reason: str) -> Draft:
    """The last sentence of a call."""
    return Draft((scene.say(key),), HangUp(reason), rule)


def silence(scene: Scene) -> Draft:
    """The caller said nothing: ask, mention the keypad, end."""
    times = scene.state.silences + 1
    later = replace(scene, state=replace(scene.state, silences=times))
    if times >= SILENCES_TO_END:
        return replace(end(scene, "no_input", "no_input_end", "no_input"), silences=times)
    question = scene.state.question
    prompts: tuple[Prompt, ...] = (scene.say("no_input" if times == 1 else "no_input_again"),)
    if isinstance(question, WhichArticle):
        prompts = (asked_again(scene, question),)
    elif isinstance(question, PersonOffered):
        prompts = (scene.say("offer_person", department=scene.department(question.department)),)
    return Draft(
        prompts,
        replace(scene.state.listened, timeout_seconds=later.wait_seconds()),
        "no_input",
        question,
        details={"times": times},
        silences=times,
        misses=scene.state.misses,
        unknowns=scene.state.unknowns,
        repeatable=False,
    )


def asked_again(scene: Scene, question: WhichArticle) -> Prompt:
    """The open choice in other words, with its keys."""
    titles = [scene.title(article) for article in question.articles]
    if len(titles) == 1:
        return scene.say("choice_one", first=titles[0])
    if len(titles) == 2:
        return scene.say("choice_keys", first=titles[0], second=titles[1])
    return scene.say("choice_three", first=titles[0], second=titles[1], third=titles[2])


def miss(scene: Scene, reason: str) -> Draft:
    """No usable words: say it again, say it shorter, then a person."""
    times = scene.state.misses + 1
    details: dict[str, Any] = {"times": times, "reason": reason}
    if times >= MISSES_TO_PERSON:
        draft = person(scene, None, "not_understood")
        prompts = (scene.say("not_understood_end"), *draft.prompts)
        return replace(draft, prompts=prompts, rule="not_understood", details={**draft.details, **details})
    prompts = (scene.say("not_understood" if times == 1 else "not_understood_again"),)
    question = scene.state.question
    if times > 1 and isinstance(question, WhichArticle):
        prompts = (asked_again(scene, question),)
    return Draft(
        prompts,
        replace(scene.state.listened, timeout_seconds=FIRST_WAIT_SECONDS),
        "not_understood",
        question,
        details=details,
        misses=times,
        unknowns=scene.state.unknowns,
        repeatable=False,
    )


def helping(scene: Scene) -> Draft:
    """What the bot can do."""
    named = topics(scene)
    prompts = (scene.say("help", topics=named),) if named else ()
    return Draft((*prompts, scene.say("help_person"), scene.say("ready")), open_ears(scene), "help")


def plain(scene: Scene, rule: str, key: str, question: OpenQuestion = NothingOpen(), **values: str) -> Draft:
    """One sentence from the wording, and the floor."""
    return Draft((scene.say(key, **values),), open_ears(scene), rule, question, unknowns=scene.state.unknowns)


def again(scene: Scene, rule: str) -> Draft:
    """The last reply once more, faster or slower when the caller asked for that."""
    state = scene.state
    if not state.last:
        return Draft((scene.say("nothing_to_repeat"),), open_ears(scene), rule)
    prompts = tuple(replace(prompt, slower=state.slower) for prompt in state.last)
    if rule != "repeat":
        prompts = (scene.say(rule), *prompts)
    quoted = next((prompt.article for prompt in state.last if prompt.article), None)
    return Draft(
        prompts, state.listened, rule, state.question, article=quoted, unknowns=state.unknowns, repeatable=False
    )
