"""What breaks, and what the caller meets then: always an apology and a person."""

import asyncio
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from speech.audio import Samples
from speech.errors import SynthesisFailed
from speech.models import ModelStore
from speech.mouth import Mouth
from speech.recogniser import Recogniser, RecogniserSettings, Transcriber, load_whispers
from speech.transcript import Transcript, Utterance
from telephony.simulator import CallReport, PhoneNetwork, Script
from telephony.simulator.script import Expectation, Sentence, Turn
from tests.serving import NORDLYS, Service, serving, test_config
from voicebot.commands.call import caller_voice
from voicebot.commands.call_screen import faults
from voicebot.house import House, mouth_settings

pytestmark = pytest.mark.models

PERSON = ("+442079460101", "+442079460104")
ASKING = Script(
    "asks",
    (
        Turn(Sentence("How long does delivery take?", "en"), expect=Expectation(article="delivery-time")),
        Turn(Sentence("What are your opening hours?", "en")),
    ),
)


async def call(service: Service, mouth: Mouth, script: Script) -> CallReport:
    async with PhoneNetwork(service.network) as phones:
        report, _ = await phones.place(script, caller_voice(mouth), limit_seconds=120)
    return report


class DyingWhisper:
    """The real models, until the second utterance kills the worker."""

    def __init__(self, real: Transcriber) -> None:
        self._real = real
        self._heard: set[float] = set()

    def warm_up(self) -> None:
        self._real.warm_up()

    def rule_of(self, model_id: str) -> str:
        return self._real.rule_of(model_id)

    def transcribe(
        self,
        utterance: Utterance,
        languages: Sequence[str],
        expects: str,
        abandoned: Callable[[], bool],
        choices: Sequence[str] = (),
    ) -> Transcript:
        self._heard.add(utterance.start_seconds)
        if len(self._heard) > 1:
            raise SystemExit("the worker was killed")
        return self._real.transcribe(utterance, languages, expects, abandoned)


async def test_whispers_worker_is_killed_in_the_middle_of_a_call(models: ModelStore) -> None:
    def with_dying_whisper(house: House) -> None:
        def load(store: ModelStore, settings: RecogniserSettings) -> DyingWhisper:
            return DyingWhisper(load_whispers(store, settings))

        house.recogniser = Recogniser(models, RecogniserSettings(), load)

    async with serving(test_config(), prepared=with_dying_whisper) as service:
        report = await call(service, service.house.mouth, ASKING)
        assert report.turns[0].article == "delivery-time"
        assert report.transferred_to[0] in PERSON
        assert any("sorry" in sentence.lower() for sentence in report.turns[1].said), report.turns[1].said
        assert service.house.metrics.registry.get_sample_value("voicebot_faults_total", {"kind": "RecognitionFailed"})


class BreakingVoice:
    """Speaks until it is told to break; then every voice is broken."""

    name = "breaking"
    rate_hz = 22_050
    fingerprint = "breaking"
    broken = False

    def __init__(self, *_: object) -> None:
        pass

    def synthesize(self, spoken: str, slower: bool) -> Samples:
        raise SynthesisFailed("the voice broke")


async def test_every_voice_is_broken_and_the_carrier_says_so(models: ModelStore, tmp_path: Path) -> None:
    async with serving(test_config()) as working:
        speaker = working.house.mouth

        def with_broken_mouth(house: House) -> None:
            settings = replace(mouth_settings(house.config, house.bot), cache_folder=tmp_path)
            house.mouth = Mouth(models, settings, open_voice=BreakingVoice, open_last_resort=BreakingVoice)

        async with serving(test_config(), prepared=with_broken_mouth, wait=False) as service:
            await service.house.wait_ready()
            report = await call(service, speaker, ASKING)
            assert report.transferred_to[0] in PERSON
            assert service.house.not_ready() is not None


async def test_the_house_is_full(models: ModelStore) -> None:
    async with serving(test_config(max_calls=0)) as service:
        report = await call(service, service.house.mouth, ASKING)
        assert report.transferred_to[0] in PERSON
        assert not report.violations
        assert service.line.counters.refusals["full"] == 1


async def test_models_that_are_not_there_leave_callers_with_a_person_and_say_what_to_do(
    models: ModelStore, tmp_path: Path
) -> None:
    async with serving(test_config()) as working:
        config = test_config()
        config = replace(config, models=replace(config.models, folder=tmp_path / "none"))
        async with serving(config, wait=False) as service:
            assert not await service.house.wait_ready()
            assert service.house.trouble is not None
            assert "voicebot models fetch" in service.house.trouble
            report = await call(service, working.house.mouth, ASKING)
            assert report.transferred_to[0] in PERSON


async def test_the_bot_folder_is_deleted_and_callers_do_not_notice(models: ModelStore, tmp_path: Path) -> None:
    folder = tmp_path / "nordlys"
    shutil.copytree(NORDLYS, folder)
    async with serving(test_config(), bot=folder) as service:
        shutil.rmtree(folder)
        report = await call(service, service.house.mouth, replace(ASKING, turns=ASKING.turns[:1]))
        assert faults(report) == []


async def test_more_speak_at_once_than_can_be_heard_at_once_and_each_is_answered(models: ModelStore) -> None:
    config = test_config(max_calls=4)
    config = replace(config, speech=replace(config.speech, workers=1, waiting=0))
    async with serving(config) as service:
        script = replace(ASKING, turns=ASKING.turns[:1])
        reports = await asyncio.gather(*(call(service, service.house.mouth, script) for _ in range(4)))
    assert [faults(report) for report in reports] == [[]] * 4
    assert {report.turns[0].article for report in reports} == {"delivery-time"}
