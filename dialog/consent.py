"""Asking whether a call may be recorded, and what the caller answers: nothing is recorded without a clear yes.

The question comes once, behind the greeting. Whatever is no clear answer to it counts as a no and is answered as if it
had not been asked: the caller gets the same service. "Stop the recording" holds at any time; who wants it again is
asked again.
`voicebot` does the recording; here only `State.recording` and the details of a decision say so.
"""

from dataclasses import replace

from dialog.bot import Bot
from dialog.closing import closing
from dialog.events import Listen, Prompt
from dialog.scene import Draft, Scene, in_language
from dialog.slots.yes_no import firm_answer
from dialog.state import RecordingAsked
from dialog.wording import Wording

PURPOSE = "recording"
"""What a consent is to; what the sound is for stands in its wording."""

ASKED, ON, OFF = "asked", "on", "off"
"""`State.recording`; "" when this call cannot be recorded at all."""

HEARD_AGAIN = frozenset({"repeat", "slower", "faster"})
"""Rules by which the caller hears the question once more."""

ABOUT_RECORDING = frozenset(
    "ta tar tek opp opptak opptaket samtalen gjerne dere du de dykk kan det record recording recorded you can may it "
    "this the call записуйте записувати запис розмову можна можете ви".split()
)
"""Words that may stand with a yes: "ja, dere kan ta opp samtalen". Without a yes they grant nothing."""

HUMS = frozenset("mm mhm mmm mm-hm mm-hmm aha jaha uh-huh hm hmm yeah-yeah угу ага".split())
"""Yes enough to other questions, but nobody has agreed to be recorded by humming."""


def asks(bot: Bot, wording: Wording, language: str) -> tuple[Prompt, ...]:
    """The question in a language, and how to answer it; empty when the bot has none that its speakers understand."""
    rules = bot.records.recording
    if rules is None:
        return ()
    texts = dict(rules.asks)
    for each, purpose in rules.purposes.items():
        texts.setdefault(each, wording.say("recording_ask", each, purpose=purpose))
    spoken, text = in_language(bot, texts, language)
    return (Prompt(text, spoken), Prompt(wording.say("recording_how", spoken), spoken)) if text else ()


def question(scene: Scene) -> tuple[Prompt, ...]:
    """The question in the language of the call."""
    return asks(scene.bot, scene.wording, scene.language)


def ask(scene: Scene, draft: Draft) -> Draft:
    """The draft with the question behind what it says; without one it stays as it is, and nothing is recorded."""
    prompts = question(scene)
    if not prompts:
        return draft
    ears = Listen("yes_no", scene.wait_seconds())
    asked = RecordingAsked(prompts[0].language)
    return replace(draft, prompts=(*draft.prompts, *prompts), action=ears, question=asked, recording=ASKED)


def answer_in(said: str) -> bool | None:
    """A caller's clear yes or no to being recorded; None for everything else."""
    if all(word in HUMS for word in said.lower().replace(",", " ").replace(".", " ").split()):
        return None
    return firm_answer(said, ABOUT_RECORDING)


def answered(scene: Scene, granted: bool, how: str) -> Draft:
    """What the caller decided, told back to them. how: "said" or "pressed"; "no_answer" never grants."""
    end = closing(scene, "ready")
    said = scene.say("recording_on" if granted else "recording_off")
    draft = Draft((said, *end.prompts), end.action, "recording", end.question)
    return _noted(scene, draft, granted, how)


def stopped(scene: Scene) -> Draft:
    """The caller does not want to be recorded any longer: what there is goes, too."""
    end = closing(scene, "what_else")
    said = scene.say("recording_deleted" if scene.state.recording == ON else "privacy_not_recorded")
    draft = Draft((said, *end.prompts), end.action, "recording", end.question)
    if scene.state.recording not in (ON, ASKED):
        return draft
    return _noted(scene, draft, False, "said")


def settled(scene: Scene, draft: Draft) -> Draft:
    """The reply to what a caller did while the question was open: it stays open only to be heard again.

    Args:
        scene: of the turn.
        draft: the reply.
    """
    if not isinstance(scene.state.question, RecordingAsked) or draft.recording is not None:
        return draft
    if not isinstance(draft.question, RecordingAsked):
        return _noted(scene, draft, False, "no_answer")
    return draft if draft.rule in HEARD_AGAIN else answered(scene, False, "no_answer")


def _noted(scene: Scene, draft: Draft, granted: bool, how: str) -> Draft:
    rules, asked = scene.bot.records.recording, scene.state.question
    language = asked.language if isinstance(asked, RecordingAsked) else scene.language
    prompts = asks(scene.bot, scene.wording, language)
    noted = {
        "purpose": PURPOSE,
        "granted": granted,
        "how": how,
        "wording": " ".join(prompt.text for prompt in prompts),
        "version": rules.version if rules else "",
        "language": prompts[0].language if prompts else language,
    }
    return replace(draft, recording=ON if granted else OFF, details={**draft.details, "consent": noted})
