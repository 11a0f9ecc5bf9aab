"""What the bot tells a caller who asks what is kept of them: the bot's own rules, in a few short sentences."""

from dialog.bot import Bot
from dialog.closing import closing
from dialog.consent import ON
from dialog.events import Listen, Prompt
from dialog.handoff import Reachable, find_person
from dialog.records_rules import RECORDINGS
from dialog.scene import Draft, Scene
from dialog.state import AnythingElse, PersonOffered
from dialog.wording import Wording

KEPT, ERASE, RECORDED = "kept", "erase", "recorded"
"""What a caller may ask: what is kept, that it be deleted, whether the call is recorded."""

REASON = "privacy"
"""Why a person takes over, for their screen."""


def told(scene: Scene, about: str) -> Draft:
    """The answer; a person is offered where the caller may want more than words.

    Nothing is shown or deleted on the word of a voice: a number can be forged, so a person makes sure first.
    """
    prompts = sentences(scene.bot, scene.wording, scene.language, about, scene.state.recording == ON)
    details: dict[str, object] = {"own_data": about}
    person = find_person(scene.bot, None, scene.now)
    if about == RECORDED or scene.state.frames or not isinstance(person, Reachable):
        if about == ERASE:
            # Nobody can take it now: the list of unanswered questions holds it until somebody does.
            details["unanswered"] = True
        end = closing(scene, "what_else", AnythingElse(), named=True)
        return Draft((*prompts, *end.prompts), end.action, "own_data", end.question, details=details)
    offer = scene.say("offer_person", department=scene.department(person.answering.id))
    ears = Listen("yes_no", scene.wait_seconds())
    question = PersonOffered(person.answering.id, REASON)
    return Draft((*prompts, offer), ears, "own_data", question, details=details)


def sentences(bot: Bot, wording: Wording, language: str, about: str, recording: bool) -> tuple[Prompt, ...]:
    """What is told in a language.

    Args:
        bot: its rules are told.
        wording: built-in texts under the bot's own.
        language: of the caller.
        about: what they asked.
        recording: this call is being recorded.
    """
    rules = bot.records

    def say(key: str, days: str = "", page: str = "") -> Prompt:
        said = wording.say(key, language, days=f"{{{days}|number}}", page=f"{{{page}|url}}")
        return Prompt(said, language)

    sound = say("privacy_recorded", str(rules.days[RECORDINGS])) if recording else say("privacy_not_recorded")
    page = (say("privacy_page", page=rules.page),) if rules.page else ()
    if about == RECORDED:
        return (sound,)
    if about == ERASE:
        return (say("privacy_erase"), *page)
    return (say(f"privacy_{rules.keep}", str(rules.days["conversations"])), sound, say("privacy_rights"), *page)


def fixed(bot: Bot, wording: Wording, language: str) -> tuple[Prompt, ...]:
    """Everything of it that can be said word for word."""
    both = (False, True) if bot.records.recording else (False,)
    every = [sentences(bot, wording, language, about, on) for about in (KEPT, ERASE) for on in both]
    return tuple(prompt for said in every for prompt in said)
