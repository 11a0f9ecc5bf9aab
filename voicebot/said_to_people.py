"""What the people who are rung are told, as the line wants it."""

from collections.abc import Awaitable, Callable

from dialog.brief import AgentWords
from telephony.call import Spoken
from telephony.transfer.happenings import Person
from telephony.transfer.request import WarmRequest
from telephony.transfer.states import Patience


def warm_request(
    transfer: str,
    rounds: tuple[tuple[Person, ...], ...],
    words: AgentWords,
    brief: Callable[[], Awaitable[str]],
    patience: Patience,
    *,
    taken_by: str,
    after: bool,
    may_ring: Callable[[str], bool],
) -> WarmRequest:
    """What a line is asked for; see `WarmRequest`.

    Args:
        transfer: its id.
        rounds: who is rung.
        words: as things stand when it is asked for.
        brief: as things stand when somebody hears it.
        patience: how long each wait may take.
        taken_by: id of who has taken the caller at the console; "" for nobody.
        after: the bot has something to say when the person has gone.
        may_ring: asked right before each phone is rung.
    """

    def said(text: str) -> Spoken:
        return Spoken(text, words.language)

    async def brief_now() -> Spoken:
        return said(await brief())

    return WarmRequest(
        id=transfer,
        rounds=rounds,
        whisper=said(words.whisper),
        brief=brief_now,
        no_brief=said(words.no_brief),
        taken=said(words.taken),
        sorry=said(words.too_late),
        reasons=said(words.why_not),
        noted=said(words.noted),
        patience=patience,
        taken_by=taken_by,
        after=after,
        may_ring=may_ring,
    )
