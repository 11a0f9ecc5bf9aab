"""A real call, recorded with the caller's consent, kept, backed up and then erased: no byte of it may be left.

    python -m benchmarks.erased_call

Needs the speech models. The phrase cache is filled first, so that whatever a call would add to it shows.
"""

import asyncio
import hashlib
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from telephony.simulator import CallReport, PhoneNetwork, Script
from telephony.simulator.script import Sentence, Turn
from tests.serving import serving, test_config
from tests.voicebot.records.byte_scan import files_below, forms, seen_in
from voicebot.commands.call import caller_voice
from voicebot.config import Config, RecordsConfig
from voicebot.records.backing_up import back_up
from voicebot.records.erasing import erase
from voicebot.records.exporting import export
from voicebot.records.proof_text import proof_text
from voicebot.records.stores import opened_stores
from voicebot.records.subjects import Officer, subject_of_number
from voicebot.records.surveying import survey

BOT = Path(__file__).parent.parent / "tests" / "dialog" / "bots" / "opptaket"
NUMBER = "+4792243711"
OFFICER = Officer("cli:benchmark", "operator", "")
SCRIPT = Script(
    "agrees to be recorded and tells a secret",
    (
        Turn(Sentence("Yes, that is fine.", "en")),
        Turn(Sentence("I have lost my yellow umbrella in the elevator.", "en")),
    ),
    caller=NUMBER,
)
QUIET_SECONDS = 10


def main() -> int:
    """Call, erase, look everywhere; 1 when something was found."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        config = test_config()
        records = replace(config.records, folder=home / "records", key_backup=home / "keys")
        config = replace(config, records=records, speech=replace(config.speech, cache_folder=home / "cache"))
        asyncio.run(_fill_the_cache(config, home / "cache"))
        before = _fingerprints(home / "cache")
        report = asyncio.run(_call(config))
        print(f"{len(before)} files in the caches before the call")
        faults = [] if _fingerprints(home / "cache") == before else ["the call has changed the caches"]
        faults += _erased(records, home, report)
        print("\n".join(faults) or "nothing was found")
        return 1 if faults else 0


async def _fill_the_cache(config: Config, cache: Path) -> None:
    async with serving(config, bot=BOT, keep=True):
        known = -1
        while known != (now := len(list(files_below(cache)))):
            known = now
            await asyncio.sleep(QUIET_SECONDS)


async def _call(config: Config) -> CallReport:
    async with serving(config, bot=BOT, keep=True) as service, PhoneNetwork(service.network) as phones:
        report, _ = await phones.place(SCRIPT, caller_voice(service.house.mouth), limit_seconds=120)
        return report


def _erased(records: RecordsConfig, home: Path, report: CallReport) -> list[str]:
    heard = " ".join(turn.understood for turn in report.turns if turn.understood)
    words = {word.strip(".,!?") for word in f"{heard} umbrella elevator".split() if len(word) > 5}
    marks = {form for word in (*words, NUMBER, NUMBER[3:], report.call_sid) for form in forms(word)}
    faults = []
    with opened_stores(records) as stores:
        with stores.database.reading() as connection:
            subject = subject_of_number(connection, stores.vault, NUMBER)
        back_up(stores, home / "backup", OFFICER)
        kept = export(stores, subject, OFFICER, "en")
        if "umbrella" not in kept.text or not kept.sounds:
            faults.append("the call was not kept and recorded: this proves nothing")
        proof = erase(stores, subject, OFFICER)
        print(proof_text(proof, "en"))
        if not proof.complete or not proof.files:
            faults.append("the erasure is not complete")
        looked = survey(home / "backup", stores.vault.master, ())
        if looked.rows["turns"] != looked.dark["turns"]:
            faults.append("the backup can still be read")
    marks |= {caller.encode() for caller in subject.caller_ids}
    files = list(files_below(home / "records", home / "keys"))
    found = seen_in(files, marks)
    print(
        f"heard: {len(heard.split())} words; {len(marks)} marks looked for in {sum(len(one) for _, one in files)} bytes"
    )
    return faults + [f"{name} holds {len(seen)} of the marks" for name, seen in found.items()]


def _fingerprints(folder: Path) -> dict[str, str]:
    return {name: hashlib.sha256(content).hexdigest() for name, content in files_below(folder)}


if __name__ == "__main__":
    sys.exit(main())
