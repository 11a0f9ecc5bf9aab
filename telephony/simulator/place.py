"""One call in one line: what demonstrations and tests of the whole service use."""

from urllib.parse import urlsplit

from telephony.simulator.handset import Handset
from telephony.simulator.network import OnHappening, PhoneNetwork, Speak
from telephony.simulator.options import Mischief, Network
from telephony.simulator.report import CallReport
from telephony.simulator.script import Script


def network_at(
    base_url: str, *, account: str, token: str, public_url: str | None = None, connect_to: str | None = None
) -> Network:
    """The network for a service at an address.

    Args:
        base_url: the service, with or without the path of its voice webhook.
        account: its Twilio account's id.
        token: the account's auth token.
        public_url: the outside address it was started with, which is what gets signed; None is `base_url`.
        connect_to: where to connect for the outside address; None is `base_url` when that is another one.
    """
    parts = urlsplit(base_url)
    path = parts.path.rstrip("/")
    base = f"{parts.scheme}://{parts.netloc}"
    public = (public_url or base).rstrip("/")
    if connect_to is None and public != base:
        connect_to = base
    voice = {"voice_path": path} if path else {}
    return Network(account, token, public, connect_to, **voice)


async def place_call(
    base_url: str,
    script: Script,
    *,
    account: str,
    token: str,
    speak: Speak,
    on_event: OnHappening | None = None,
    public_url: str | None = None,
    mischief: Mischief | None = None,
    limit_seconds: float = 600.0,
) -> CallReport:
    """Call a service and have a scripted caller talk to it.

    Args:
        base_url: the service, e.g. http://127.0.0.1:8080.
        script: what the caller does.
        account: the Twilio account the service was started with.
        token: the account's auth token.
        speak: says the script's sentences: (sentence, language) to int16, 8 kHz mono.
        on_event: told what goes on while it goes on.
        public_url: the outside address the service was started with, if another than `base_url`.
        mischief: what goes wrong on purpose.
        limit_seconds: a call still running after this is hung up.
    Raises:
        SoundUnreadable: a sound file of the script is missing or not PCM.
    """
    report, _ = await place_recorded_call(
        network_at(base_url, account=account, token=token, public_url=public_url),
        script,
        speak,
        on_event=on_event,
        mischief=mischief,
        limit_seconds=limit_seconds,
    )
    return report


async def place_recorded_call(
    network: Network,
    script: Script,
    speak: Speak,
    *,
    on_event: OnHappening | None = None,
    mischief: Mischief | None = None,
    limit_seconds: float = 600.0,
) -> tuple[CallReport, Handset]:
    """The same on a given network; also returns the handset, which has the recording."""
    async with PhoneNetwork(network, mischief, seed=script.seed) as phones:
        return await phones.place(script, speak, on_happening=on_event, limit_seconds=limit_seconds)
