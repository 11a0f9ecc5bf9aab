"""`voicebot call [URL]`: call a service as the phone network would, with a simulated caller who speaks."""

import argparse
import asyncio
import random
import re
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.console import Console

from speech.mouth import DEFAULT_VOICES, Mouth, MouthSettings
from telephony.call import Pcm16
from telephony.errors import TelephonyError
from telephony.simulator import (
    CallReport,
    Happening,
    Mischief,
    Network,
    PhoneNetwork,
    RestDouble,
    Script,
    load_script,
    network_at,
    script_of,
)
from telephony.simulator.chaos import chaos_call
from telephony.simulator.network import Speak
from telephony.simulator.report import to_json
from telephony.simulator.script import Sentence
from telephony.simulator.sound import write_stereo
from voicebot.commands.call_screen import CallScreen, summarise
from voicebot.config import Config, ConfigInvalid, load_config
from voicebot.house import open_store

PHONE_RATE_HZ = 8_000
BETWEEN_SENTENCES_SAMPLES = PHONE_RATE_HZ // 5

# What a caller on a bad line says when no script is given; what it means does not matter there.
CHAOS_SENTENCES = ("How long does delivery take?", "What?", "No, not that one.", "Yes.", "I want to talk to a person.")


@dataclass(frozen=True, slots=True)
class PlannedCall:
    """One call to be placed: what the caller does, and what the network does to it."""

    script: Script
    mischief: Mischief


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "call",
        help="call a service with a simulated caller",
        description="Places calls as Twilio would. Without --script, --say or --play the caller listens to the "
        "greeting and hangs up. Ends with status 0 only when every expectation held. See docs/simulator.md.",
    )
    parser.add_argument("url", nargs="?", help="the service; default: this machine, at the configured port")
    parser.add_argument("--script", type=Path, action="append", default=[], help="a call as YAML; may be repeated")
    parser.add_argument("--say", dest="acts", action="append", default=[], help="a sentence; may be repeated")
    parser.add_argument("--play", dest="acts", action="append", type=Path, help="a WAV file; may be repeated")
    parser.add_argument("--language", default="en", help="of the sentences")
    parser.add_argument("-n", dest="count", type=_positive, default=1, help="how many calls")
    parser.add_argument("--at-once", type=_positive, default=1, help="how many of them at the same time")
    parser.add_argument("--seed", type=int, default=0, help="decides noise, chaos and where mischief strikes")
    parser.add_argument("--chaos", action="store_true", help="callers and networks that behave badly at random")
    parser.add_argument("--limit", type=float, default=600.0, help="hang up after this many seconds")
    parser.add_argument(
        "--wav",
        type=Path,
        help="write the call, caller left, bot right; more files for more calls and for people who are rung",
    )
    parser.add_argument("--json", type=Path, help="write the report")
    parser.add_argument("--quiet", action="store_true", help="print the summary only")
    _add_account(parser)
    _add_mischief(parser)
    parser.set_defaults(run=run)


def _add_account(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("whose calls", "default: the configuration and its environment variables")
    group.add_argument("--config", type=Path, help="the configuration file")
    group.add_argument("--account-sid", help="AC...")
    group.add_argument("--auth-token", help="better set TWILIO_AUTH_TOKEN: other users can see a command line")
    group.add_argument("--public-url", help="the outside address the service was started with, which gets signed")
    group.add_argument("--connect-to", help="where to connect for that address, e.g. http://127.0.0.1:8080")
    group.add_argument("--rest-port", type=int, help="also answer Twilio's REST API here (service: TWILIO_API_URL)")


def _add_mischief(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("what goes wrong on purpose")
    flags = {
        "wrong-token": "sign with another token",
        "no-signature": "do not sign",
        "https-signed-stream": "sign the stream's address as https",
        "trailing-slash": "sign the stream's address with a slash at its end",
        "sha256": "sign with HMAC-SHA256",
        "no-dial-bridged": "never tell whether two phones were connected",
        "repeat-webhooks": "deliver every webhook twice",
        "shuffle-callbacks": "let the end of the call be told before the end of the stream",
    }
    for name, what in flags.items():
        group.add_argument(f"--{name}", action="store_true", help=what)
    default = Mischief()
    group.add_argument("--callback-copies", type=_positive, default=1, help="deliver each callback so often")
    group.add_argument("--jitter-ms", type=int, default=0, help="frames come up to this late")
    group.add_argument("--burst-frames", type=_positive, default=1, help="frames come in bursts of so many")
    group.add_argument("--lost-share", type=float, default=0.0, help="this share of the frames is lost, e.g. 0.04")
    group.add_argument("--hole-ms", type=int, default=0, help="lose so much in the middle of every sentence")
    group.add_argument("--swapped-share", type=float, default=0.0, help="this share of the frames is overtaken")
    group.add_argument("--stall-ms", type=int, default=0, help="hold back so much of a sentence at a time")
    group.add_argument(
        "--timestamp-jump-ms",
        dest="timestamp_jumps_ms",
        type=int,
        action="append",
        default=[],
        help="jump in stream time, forward or back, in the middle of a sentence; may be repeated, for the next one",
    )
    group.add_argument("--garbage-every-frames", type=int, default=0, help="odd messages every so many frames")
    group.add_argument("--oversized-message-bytes", type=int, default=0, help="one message of this size")
    group.add_argument("--drop-after-seconds", type=float, help="cut the stream's connection")
    group.add_argument("--drop-streams", type=_positive, help="only so many streams of a call; default: every one")
    group.add_argument("--slow-reader-seconds", type=float, default=0.0, help="read nothing for so long")
    group.add_argument("--verb-pace", type=float, default=1.0, help="how long Say and Pause take; 0 no time")
    group.add_argument("--key-pace", type=float, default=1.0, help="how long the network waits for keys; 0.1 a tenth")
    group.add_argument(
        "--dial-result",
        choices=("completed", "unbridged", "busy", "no-answer", "failed"),
        default=default.dial_result,
        help="how a phone behaves that the caller is passed on to",
    )


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def run(arguments: argparse.Namespace) -> int:
    """Place the calls; 0 when all went as the scripts and the protocol want it."""
    config = load_config(arguments.config)
    network = _network(arguments, config)
    planned = _plan(arguments)
    if arguments.rest_port is None and any(one.script.people for one in planned):
        raise ConfigInvalid(
            (
                "the script has people, whom the bot rings over REST -> give --rest-port 8099, and start the service "
                "with TWILIO_API_URL=http://127.0.0.1:8099",
            )
        )
    console = Console(highlight=False)
    screen = CallScreen(console, several=len(planned) > 1)
    wav = arguments.wav

    def record(number: int, whose: str, stereo: Pcm16) -> None:
        if wav is not None:
            parts = [
                wav.stem,
                *([str(number + 1)] if len(planned) > 1 else []),
                *([_in_a_name(whose)] if whose else []),
            ]
            write_stereo(wav.with_stem("-".join(parts)), stereo)

    reports = asyncio.run(
        _with_voice(
            config,
            network,
            planned,
            at_once=arguments.at_once,
            seed=arguments.seed,
            rest_port=arguments.rest_port,
            limit_seconds=arguments.limit,
            on_event=None if arguments.quiet else screen.show,
            record=record,
        )
    )
    if arguments.json is not None:
        arguments.json.write_text(to_json(reports) + "\n", encoding="utf-8")
    summarise(console, reports)
    return 0 if all(report.ok for report in reports) else 1


def _in_a_name(whose: str) -> str:
    """Somebody's name as a part of a file's name."""
    return re.sub(r"\W+", "_", whose).strip("_")


def _network(arguments: argparse.Namespace, config: Config) -> Network:
    account = arguments.account_sid or (config.twilio.account_sid if config.twilio else None)
    token = arguments.auth_token or (config.twilio.auth_tokens[0] if config.twilio else None)
    if account is None or token is None:
        raise ConfigInvalid(
            ("no Twilio account -> set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN to what the service was started with",)
        )
    public_url = arguments.public_url or config.server.public_url
    url = arguments.url or f"http://127.0.0.1:{config.server.port}"
    if not url.startswith(("http://", "https://")):
        raise ConfigInvalid((f"{url!r} is no address of a service -> give one like http://127.0.0.1:8080",))
    if arguments.connect_to is not None:
        public_url = arguments.public_url or url
    return network_at(url, account=account, token=token, public_url=public_url, connect_to=arguments.connect_to)


def _plan(arguments: argparse.Namespace) -> list[PlannedCall]:
    scripts = [load_script(path) for path in arguments.script]
    acts = arguments.acts or []
    if arguments.chaos:
        sentences = [act for act in acts if isinstance(act, str)] or CHAOS_SENTENCES
        chance = random.Random(arguments.seed)
        seeds = [chance.randrange(2**31) for _ in range(arguments.count)]
        return [PlannedCall(*chaos_call(seed, sentences, arguments.language)) for seed in seeds]
    if acts or not scripts:
        scripts.append(script_of("command line", arguments.language, acts))
    mischief = _mischief(arguments)
    return [PlannedCall(scripts[number % len(scripts)], mischief) for number in range(_rounds(arguments, scripts))]


def _rounds(arguments: argparse.Namespace, scripts: Sequence[Script]) -> int:
    """-n counts calls; without it every script is called once."""
    return max(int(arguments.count), len(scripts))


def _mischief(arguments: argparse.Namespace) -> Mischief:
    return Mischief(
        wrong_token=arguments.wrong_token,
        no_signature=arguments.no_signature,
        https_signed_stream=arguments.https_signed_stream,
        trailing_slash=arguments.trailing_slash,
        sha256=arguments.sha256,
        repeat_webhooks=arguments.repeat_webhooks,
        shuffle_callbacks=arguments.shuffle_callbacks,
        callback_copies=arguments.callback_copies,
        jitter_ms=arguments.jitter_ms,
        burst_frames=arguments.burst_frames,
        lost_share=arguments.lost_share,
        hole_ms=arguments.hole_ms,
        swapped_share=arguments.swapped_share,
        stall_ms=arguments.stall_ms,
        timestamp_jumps_ms=tuple(arguments.timestamp_jumps_ms),
        garbage_every_frames=arguments.garbage_every_frames,
        oversized_message_bytes=arguments.oversized_message_bytes,
        drop_after_seconds=arguments.drop_after_seconds,
        drop_streams=arguments.drop_streams,
        slow_reader_seconds=arguments.slow_reader_seconds,
        verb_pace=arguments.verb_pace,
        key_pace=arguments.key_pace,
        no_dial_bridged=arguments.no_dial_bridged,
        dial_result=arguments.dial_result,
    )


async def _with_voice(
    config: Config,
    network: Network,
    planned: Sequence[PlannedCall],
    *,
    at_once: int,
    seed: int,
    rest_port: int | None,
    limit_seconds: float,
    on_event: Callable[[Happening], None] | None,
    record: Callable[[int, str, Pcm16], None],
) -> list[CallReport]:
    """Start a voice for the callers when they have something to say, then place the calls."""
    sentences = frozenset[Sentence]().union(*(one.script.sentences for one in planned))
    languages = sorted({sentence.language for sentence in sentences})
    voices = {**DEFAULT_VOICES, **config.speech.voices}
    async with AsyncExitStack() as stack:
        mouth = Mouth(open_store(config), MouthSettings(config.speech.cache_folder / "phrases", voices=voices))
        stack.push_async_callback(mouth.close)
        if languages:
            await mouth.start(languages)
        speak = caller_voice(mouth)
        # All of it now: a voice at work during a call would slow down a service on the same machine.
        for sentence in sentences:
            await speak(sentence.text, sentence.language)
        return await place_calls(
            network,
            planned,
            speak,
            at_once=at_once,
            seed=seed,
            rest_port=rest_port,
            limit_seconds=limit_seconds,
            on_event=on_event,
            record=record,
        )


async def place_calls(
    network: Network,
    planned: Sequence[PlannedCall],
    speak: Speak,
    *,
    at_once: int = 1,
    seed: int = 0,
    rest_port: int | None = None,
    limit_seconds: float = 600.0,
    on_event: Callable[[Happening], None] | None = None,
    record: Callable[[int, str, Pcm16], None] | None = None,
) -> list[CallReport]:
    """Place several calls.

    Args:
        network: whose calls, and where to; see `telephony.simulator.network_at`.
        planned: the calls, begun in this order.
        speak: says the callers' sentences; see `caller_voice`.
        at_once: how many at the same time.
        seed: decides where mischief strikes.
        rest_port: also answer Twilio's REST API on this port of loopback.
        limit_seconds: a call still running after this is hung up.
        on_event: told what goes on while it goes on.
        record: given each call's number, whose phone ("" the caller's, or the name of somebody who was rung) and
            recording (int16, shape (n, 2), 8 kHz, what was said into it left) when it is over.
    Returns:
        The reports, in the order of `planned`.
    Raises:
        SoundUnreadable: a sound file of a script is missing or not PCM.
        PortTaken: the REST port is in use.
    """
    room = asyncio.Semaphore(at_once)
    async with AsyncExitStack() as stack:
        phones = await stack.enter_async_context(PhoneNetwork(network, seed=seed))
        if rest_port is not None:
            await stack.enter_async_context(RestDouble(phones, port=rest_port))

        async def place(number: int, call: PlannedCall) -> CallReport:
            async with room:
                report, handset = await phones.place(
                    call.script, speak, mischief=call.mischief, on_happening=on_event, limit_seconds=limit_seconds
                )
            if record is not None:
                record(number, "", handset.stereo())
                for rung in report.rung:
                    record(number, rung.name, phones.calls[rung.call_sid].handset.stereo())
            return report

        try:
            async with asyncio.TaskGroup() as tasks:
                placed = [tasks.create_task(place(number, call)) for number, call in enumerate(planned)]
        except* TelephonyError as several:
            raise several.exceptions[0] from None
    return [task.result() for task in placed]


def caller_voice(mouth: Mouth) -> Speak:
    """A caller who speaks with a started `Mouth`, each sentence synthesised once."""
    said: dict[tuple[str, str], Pcm16] = {}

    async def speak(text: str, language: str) -> Pcm16:
        if (text, language) not in said:
            gap = np.zeros(BETWEEN_SENTENCES_SAMPLES, dtype=np.int16)
            parts: list[Pcm16] = []
            for sentence in mouth.sentences(text, language):
                chunk = await mouth.say(sentence, language, rate_hz=PHONE_RATE_HZ)
                parts += [chunk.pcm, gap]
            said[text, language] = np.concatenate(parts[:-1]) if parts else gap
        return said[text, language]

    return speak
