"""What the bot says when a person has left the caller to it again, and how good the caller found it."""

from typing import Any

from dialog.closing import closing
from dialog.events import HANDED_BACK, Listen, PersonDone
from dialog.scene import Draft, Scene
from dialog.state import AnythingElse, RatingAsked

BEST = 5


def person_done(scene: Scene, event: PersonDone) -> Draft:
    """The caller is back: how it was, asked once in a call, or anything else?"""
    back = event.outcome == HANDED_BACK
    said = scene.say("handed_back" if back else "person_done")
    details: dict[str, Any] = {"department": event.department, "outcome": event.outcome}
    if scene.bot.rating and not scene.state.rated and not back:
        prompts = (said, scene.say("rating_ask"))
        ears = Listen("digits", scene.wait_seconds(), length=1)
        question = RatingAsked(event.department)
        return Draft(prompts, ears, "person_done", question, details=details)
    end = closing(scene, "more", AnythingElse(), named=True)
    return Draft((said, *end.prompts), end.action, "person_done", end.question, details=details)


def unclear(scene: Scene, question: RatingAsked) -> Draft:
    """Words without a number: asked once more, with a way out; then on with what there is."""
    if scene.state.misses:
        return rated(scene, None)
    ears = Listen("digits", scene.wait_seconds(), length=1)
    return Draft((scene.say("rating_again"),), ears, "rating_again", question, misses=1, repeatable=False)


def rated(scene: Scene, rating: int | None) -> Draft:
    """The caller has said how it was, or would rather not; then on with what there is."""
    said = scene.say("rating_none" if rating is None else "rating_thanks")
    details: dict[str, Any] = {} if rating is None else {"rating": rating}
    end = closing(scene, "more", AnythingElse(), named=True)
    rule = "not_rated" if rating is None else "rated"
    return Draft((said, *end.prompts), end.action, rule, end.question, details=details)
