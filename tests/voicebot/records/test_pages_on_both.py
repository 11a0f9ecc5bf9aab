"""The console's pages over either database: each comes up, and forms with odd letters in them are taken."""

from pathlib import Path

from tests.voicebot.records.talks import NUMBER
from tests.voicebot.web.conftest import Kept, form_token
from tests.voicebot.web.office import EVERYBODY, PAGES, open_office
from voicebot.records.database import Database
from voicebot.records.vault import Vault


async def test_every_page_comes_up(database: Database, vault: Vault, tmp_path: Path) -> None:
    with database.writing() as connection:
        vault.prepare(connection)
    office = open_office(Kept(database, vault), tmp_path)
    odd = "actor=%00&subject=%25_%00&outcome=%00&language=%00&rule=%00&before=999999999999999"
    read = f"/console/conversations/{office.cut_in}"
    async with office.somebody(*EVERYBODY) as browser:
        for path in (*PAGES, read, "/console/unanswered.csv", *(f"{page.partition('?')[0]}?{odd}" for page in PAGES)):
            assert (await browser.get(path)).status_code == 200, path
        token = form_token((await browser.get("/console/callers")).text)
        form = {"csrf": token, "number": NUMBER, "reason": "krav\0 🙂", "note": "\0", "ids": "\0", "settle": "done"}
        for path, status in (
            ("/console/conversations/search", 200),
            ("/console/unanswered/settle", 303),
            ("/console/forgetting", 200),
            ("/console/callers", 200),
            ("/console/callers/export", 200),
        ):
            assert (await browser.post(path, data=form)).status_code == status, path
        proof = await browser.post("/console/callers/erase", data={**form, "confirm": "slett"})
        assert "Bevis for sletting" in proof.text
