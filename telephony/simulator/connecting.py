"""`<Dial>` for one call: into a room, to phones of this network, or to one that is only pretended."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from telephony.simulator.conference import Conferences, Member
from telephony.simulator.dialling import Exchange, dialled, pretended
from telephony.simulator.options import Mischief
from telephony.simulator.prompts import Prompts
from telephony.simulator.verbs import Action, Dial, Room
from telephony.simulator.webhooks import WebhookFailed

_BRIDGE = Room("", None, True, True, Action("", ""), None, frozenset())
_TALK_SECONDS = 1.0
_MOST_RING_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Connected:
    """How a `<Dial>` went.

    Args:
        fields: what its action is told.
        elsewhere: the caller was connected with a phone that is not in this network, and is lost to it.
    """

    fields: dict[str, str]
    elsewhere: bool = False


class Connecting:
    """Carries out each `<Dial>` of one call.

    `in_room` is the `<Dial>` that has the call in a room now.

    Args:
        member: the call as a member of a room: (room, star_ends).
        conferences: the rooms it may enter.
        exchange: the phones it may call.
        prompts: let time pass.
        mischief: how a phone behaves that is only pretended.
        violations: told of what would not have worked.
    """

    def __init__(
        self,
        member: Callable[..., Member],
        conferences: Conferences,
        exchange: Exchange,
        prompts: Prompts,
        mischief: Mischief,
        violations: list[str],
    ) -> None:
        self._member = member
        self._conferences = conferences
        self._exchange = exchange
        self._prompts = prompts
        self._mischief = mischief
        self._violations = violations
        self.in_room: Dial | None = None

    async def dial(self, dial: Dial) -> Connected | None:
        """Until the two have parted, or there were never two; None: the next verb."""
        if dial.room is not None:
            return await self._confer(dial, dial.room)
        with_bridged = not self._mischief.no_dial_bridged
        done = await dialled(dial, self._exchange, self._member(room=_BRIDGE, star_ends=dial.star_ends))
        if done is not None:
            return Connected(done.fields(with_bridged=with_bridged))
        done = pretended(self._mischief.dial_result)
        await self._prompts.pass_time(_TALK_SECONDS if done.bridged else min(_MOST_RING_SECONDS, dial.timeout_seconds))
        return Connected(done.fields(with_bridged=with_bridged), elsewhere=done.bridged)

    async def _confer(self, dial: Dial, room: Room) -> Connected | None:
        conference = self._conferences.enter(room)
        member = self._member(room=room, star_ends=dial.star_ends)
        self.in_room = dial
        reason = "participant_hung_up"
        try:
            async with asyncio.timeout(dial.limit_seconds):
                await conference.stay(member)
        except TimeoutError:
            reason = "conference_ended_via_api"
        except WebhookFailed as failure:
            # No wait document, no conference: the member goes on with the action.
            self._violations.append(f"the wait document failed: {failure}")
            reason = "participant_add_failed"
        except ValueError as refused:
            self._violations.append(str(refused))
            return None
        except asyncio.CancelledError:
            moved = not member.handset.hung_up.is_set() and member.facts.status == "in-progress"
            reason = "participant_updated_via_api" if moved else reason
            raise
        finally:
            self.in_room = None
            conference.leave(member, reason)
        return Connected({"DialCallStatus": "answered"})
