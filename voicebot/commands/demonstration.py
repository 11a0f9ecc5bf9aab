"""The demonstration call of `make run`: a real call over the real protocol, printed live."""

from pathlib import Path

from rich.console import Console

from telephony.simulator import Mischief, load_script, network_at
from telephony.simulator.script import ScriptInvalid
from voicebot.commands.call import PlannedCall, caller_voice, place_calls
from voicebot.commands.call_screen import CallScreen, summarise
from voicebot.config import Config
from voicebot.house import House

SCRIPT = Path("calls") / "demo-en.yaml"


async def demonstrate(config: Config, house: House, bot_folder: Path, console: Console) -> bool:
    """Have a simulated customer call the service that runs in this process.

    Args:
        config: with the account and the address the service was started with.
        house: ready.
        bot_folder: holds the script, `calls/demo-en.yaml`.
        console: where the call is printed.
    Returns:
        True when every expectation of the script held.
    Raises:
        ScriptInvalid: the bot has no such script, or it has faults.
    """
    if not (bot_folder / SCRIPT).is_file():
        raise ScriptInvalid(
            (f"{bot_folder / SCRIPT}: is not there -> a demonstration needs it; see docs/simulator.md",)
        )
    assert config.twilio is not None and config.server.public_url is not None, "filled in before serving"
    local = f"http://127.0.0.1:{config.server.port}"
    network = network_at(
        local,
        account=config.twilio.account_sid,
        token=config.twilio.auth_tokens[0],
        public_url=config.server.public_url,
        connect_to=local,
    )
    console.print("\nA demonstration call: Piper speaks for the caller, and Whisper hears it through the phone line.\n")
    script = load_script(bot_folder / SCRIPT)
    speak = caller_voice(house.mouth)
    reports = await place_calls(network, [PlannedCall(script, Mischief())], speak, on_event=CallScreen(console).show)
    summarise(console, reports)
    return all(report.ok for report in reports)
