"""The console's pages about records: what they show, what they leave in the access log, and what they never show."""

import csv
import io
import json
import re
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import numpy as np
import pytest

from telephony.transfer.outcomes import ATTEMPT_OUTCOMES, TRANSFER_OUTCOMES
from tests.voicebot.records.talks import NUMBER, UNKNOWN
from tests.voicebot.web.conftest import Kept, form_token
from tests.voicebot.web.office import EVERYBODY, PAGES, Office, open_office
from voicebot.recording.opus import encoded
from voicebot.records.belonging import owned_tables
from voicebot.records.counting_handovers import CALLBACKS
from voicebot.records.entries import BRIEF_RIGHT, WRAP_UP_OUTCOMES
from voicebot.records.schema import conversations, recordings
from voicebot.records.vault import place_of
from voicebot.web.permissions import Role
from voicebot.web.texts import load_texts


@pytest.fixture
def office(kept: Kept, tmp_path: Path) -> Office:
    return open_office(kept, tmp_path)


@pytest.fixture
async def kari(office: Office) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody with every role."""
    async with office.somebody(*EVERYBODY) as browser:
        yield browser


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
async def test_every_page_comes_up_in_every_language(office: Office, language: str) -> None:
    async with office.somebody(*EVERYBODY, language=language) as browser:
        pages = {path: await browser.get(path) for path in (*PAGES, f"/console/conversations/{office.cut_in}")}
        token = form_token(pages["/console/callers"].text)
        for path, form in (
            ("/console/callers", {"number": NUMBER, "reason": "krav"}),
            ("/console/conversations/search", {"number": NUMBER}),
            ("/console/forgetting", {}),
        ):
            pages[path] = await browser.post(path, data={"csrf": token, **form})
    assert {path: page.status_code for path, page in pages.items() if page.status_code != 200} == {}
    for path, page in pages.items():
        assert f'<html lang="{language}">' in page.text
        assert not re.search(r"[{}]|Undefined", page.text), path
        assert page.headers["cache-control"] == "no-store", path


def test_the_texts_are_the_same_in_every_language() -> None:
    def keys(texts: object, before: str = "") -> set[str]:
        if not isinstance(texts, dict):
            return {before}
        return {key for name, inner in texts.items() for key in keys(inner, f"{before}.{name}")}

    texts = load_texts()
    assert keys(texts["nb"]) == keys(texts["en"])
    assert keys(texts["nn"]) == keys(texts["en"])
    assert keys(texts["uk"]["public"]) == keys(texts["en"]["public"])


async def test_who_opens_a_conversation_sees_what_was_said_and_why_and_leaves_a_line(
    office: Office, kari: httpx.AsyncClient
) -> None:
    listed = await kari.get("/console/conversations")
    assert f"conversations/{office.cut_in}" in listed.text
    assert "Bob" not in listed.text
    assert office.lines() == [], "a list gives nobody away"
    page = await kari.get(f"/console/conversations/{office.cut_in}")
    assert "jeg heter" in page.text
    assert "<b>" not in page.text
    assert "Artikkelen «hours» passet best" in page.text
    assert '<p lang="nb">Vi har åpent. <s class="unheard">Fra åtte til fire.</s></p>' in page.text
    assert NUMBER[3:] not in page.text
    assert "ba om et menneske" in page.text
    assert office.lines() == [("conversation.read", office.cut_in)]
    assert "åpnet en samtale" in page.text, "the reader sees their own line, too"
    missing = await kari.get(f"/console/conversations/{'0' * 32}")
    strange = await kari.get("/console/conversations/../../etc")
    assert (missing.status_code, strange.status_code) == (404, 404)
    assert len(office.lines()) == 1


async def test_a_conversation_shows_who_was_asked_what_they_said_of_it_and_what_was_promised(
    kari: httpx.AsyncClient, office: Office
) -> None:
    page = (await kari.get(f"/console/conversations/{office.cut_in}")).text
    for words in (
        "sa nei, opptatt med noe annet",
        "snakket med kunden",
        "må følges opp",
        "det stemte delvis",
        "beskjed",
    ):
        assert words in page, words
    assert "vil ha tilbud på &lt;i&gt;lamper&lt;/i&gt;" in page
    assert "lampen" not in page, "what a callback is about stands on its own page, for those who call"


async def test_figures_tell_how_departments_reached_callers_and_name_nobody(kari: httpx.AsyncClient) -> None:
    page = (await kari.get("/console/statistics?from=2026-11-20&to=2026-11-24")).text
    for words in ("sa nei, opptatt med noe annet", "4 av 5, fra én kunde.", "venter", "det stemte delvis"):
        assert words in page, words
    assert not re.search(r">\s*(ada|bo)\b", page)


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_every_outcome_of_a_transfer_has_words(language: str) -> None:
    texts = load_texts()[language]
    known = {*ATTEMPT_OUTCOMES, *TRANSFER_OUTCOMES, "passed_on", "refused", "nobody_free"}
    assert set(texts["transfer_outcomes"]) == known
    assert set(texts["statistics"]["wrap_up_outcomes"]) == set(WRAP_UP_OUTCOMES)
    assert set(texts["statistics"]["brief_answers"]) == set(BRIEF_RIGHT) - {""}
    assert set(texts["statistics"]["fates"]) == set(CALLBACKS)
    tables = {table.name for table in owned_tables()}
    assert tables <= set(texts["callers"]["kinds"])


async def test_a_number_is_searched_for_in_a_form_and_stands_in_no_address_and_no_line(
    office: Office, kari: httpx.AsyncClient
) -> None:
    token = form_token((await kari.get("/console/conversations")).text)
    found = await kari.post("/console/conversations/search", data={"csrf": token, "number": "92 24 37 11"})
    assert re.findall(r"conversations/([0-9a-f]{32})", found.text) == [office.cut_in]
    assert not re.search(r'(href|action)="[^"]*92243711', found.text)
    bad = await kari.post("/console/conversations/search", data={"csrf": token, "number": "hei"})
    assert bad.status_code == 422
    assert "ikke et telefonnummer" in bad.text
    assert office.lines() == [("conversation.search", office.subject())]


async def test_whatever_the_address_says_the_list_comes_up(kari: httpx.AsyncClient) -> None:
    for query in (
        "from=2026-11-23&to=2026-11-23&outcome=goodbye&line=twilio&language=nb&handed=yes&rule=answer&article=hours",
        "from=0001-01-01&to=9999-12-31",
        "from=hello&to=2026-13-99&outcome=%00&language=klingon&handed=maybe&rule=';--&bot=nobody&flow=x",
        "after=2026-11-23T09:00:00%2B00:00~" + "f" * 32,
        "before=0001-01-01T00:00:00-14:00~" + "0" * 32,
        "after=9999-12-31T23:59:59-14:00~" + "0" * 32,
        "after=2026-11-23~x&before=%F0%9F%98%80",
        "settled=99999&settled=%C2%B2&actor=%00&subject=%25_&to=2026-02-30",
    ):
        for page in ("conversations", "statistics", "unanswered", "access-log"):
            assert (await kari.get(f"/console/{page}?{query}")).status_code == 200, (page, query)


async def test_a_group_of_questions_is_settled_at_once(office: Office, kari: httpx.AsyncClient) -> None:
    page = (await kari.get("/console/unanswered")).text
    assert page.index("ladekabel") < page.index("bitcoin"), "asked most often first"
    assert "Spurt 3 ganger" in page
    assert "    - &#34;=1+1 bitcoin&#34;" in page
    assert "knowledge/delivery.md" in page
    ids = re.findall(r'name="ids" value="([^"]+)"', page)[0]
    form = {"csrf": form_token(page), "ids": ids, "settle": "done", "note": "ny artikkel", "status": "open"}
    done = await kari.post("/console/unanswered/settle", data=form)
    assert done.status_code == 303
    page = (await kari.get("/console/unanswered" + done.headers["location"].partition("unanswered")[2])).text
    assert "3 spørsmål er merket" in page
    assert "ladekabel" not in page
    assert "ny artikkel (kari" in (await kari.get("/console/unanswered?status=done")).text


async def test_the_file_of_questions_has_no_words_that_only_one_has_said_and_no_formula(
    kari: httpx.AsyncClient,
) -> None:
    answer = await kari.get("/console/unanswered.csv")
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter=";"))
    assert [(row["question"], row["asked"]) for row in rows] == [(UNKNOWN.words, "3"), ("", "1")]
    assert rows[1]["nearest"] == "delivery"


async def test_the_officer_finds_gives_out_and_erases_each_with_a_reason(
    office: Office, kari: httpx.AsyncClient
) -> None:
    token = form_token((await kari.get("/console/callers")).text)
    form = {"csrf": token, "number": "92243711", "reason": "krav om sletting"}
    silent = await kari.post("/console/callers", data={**form, "reason": ""})
    assert (silent.status_code, office.lines()) == (422, [])
    found = await kari.post("/console/callers", data=form)
    assert "Svar i samtaler" in found.text
    given = await kari.post("/console/callers/export", data=form)
    with zipfile.ZipFile(io.BytesIO(given.content)) as archive:
        assert office.cut_in in {row["id"] for row in json.loads(archive.read("data.json"))["tables"]["conversations"]}
    wrong = await kari.post("/console/callers/erase", data={**form, "confirm": "ja"})
    assert "Ingenting er slettet" in wrong.text
    with office.kept.database.reading() as connection:
        assert len(connection.execute(conversations.select()).all()) == 5
    proof = await kari.post("/console/callers/erase", data={**form, "confirm": "Slett"})
    assert "Bevis for sletting" in proof.text
    assert "kontrollert" in proof.text
    assert NUMBER[3:] not in proof.text
    assert office.subject() in proof.text
    with office.kept.database.reading() as connection:
        assert len(connection.execute(conversations.select()).all()) == 4
    actions = ["caller.find", "caller.export", "caller.find", "caller.erase"]
    assert office.lines() == [(action, office.subject()) for action in actions]
    again = await kari.post("/console/callers", data=form)
    assert "ikke lagret noe" in again.text
    assert "Noe ble slettet for dette nummeret" in again.text


async def test_the_access_log_is_shown_and_its_chain_judged(office: Office, kari: httpx.AsyncClient) -> None:
    for _ in range(3):
        await kari.get(f"/console/conversations/{office.cut_in}")
    shown = await kari.get(f"/console/access-log?check=1&action=conversation.read&subject={office.cut_in[:12]}")
    assert shown.text.count(f"<code>{office.cut_in[:12]}</code>") == 3
    assert "Lenken er hel: 3 linjer" in shown.text
    with office.kept.database.engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER access_log_stays")
        connection.exec_driver_sql("UPDATE access_log SET actor = 'ola' WHERE seq = 2")
    broken = await kari.get("/console/access-log?check=1")
    assert "Linje 2 til 2 er endret" in broken.text


async def test_only_who_may_give_out_hears_a_recording_and_that_leaves_a_line(office: Office) -> None:
    database, vault = office.kept.database, office.kept.vault
    sound = encoded(np.zeros((8_000, 2), dtype=np.int16), 8_000)
    assert office.parts.settings is not None
    folder = office.parts.settings.records.folder / "recordings"
    folder.mkdir()
    with database.writing() as connection:
        row = connection.execute(recordings.select()).one()
        caller = connection.execute(conversations.select().where(conversations.c.id == office.cut_in)).one().caller_id
        sealed = vault.seal_bytes(connection, caller, sound, place_of("recordings", "file", row.id))
    (folder / row.file).write_bytes(sealed)
    path = f"/console/conversations/{office.cut_in}/recording"
    async with office.somebody(Role.AGENT) as agent:
        assert (await agent.get(path)).status_code == 403
        assert "<audio" not in (await agent.get(f"/console/conversations/{office.cut_in}")).text
    async with office.somebody(Role.PRIVACY, name="berit") as officer:
        played = await officer.get(path)
        assert (played.content[:4], played.headers["content-type"]) == (b"OggS", "audio/ogg")
        assert (await officer.get(path.replace(office.cut_in, "0" * 32))).status_code == 404
        assert path.partition("/console")[2] in (await officer.get(f"/console/conversations/{office.cut_in}")).text
    actions = ["conversation.read", "recording.play", "conversation.read"]
    assert office.lines() == [(action, office.cut_in) for action in actions]


async def test_nothing_is_offered_that_is_then_refused(office: Office) -> None:
    """Whatever a role's pages link to, that role may open."""
    for role in Role:
        async with office.somebody(role, name=f"one-{role}") as browser:
            home = await browser.get("/console")
            offered = set(re.findall(r'href="([^"#]+)"', home.text))
            for path in offered:
                answer = await browser.get(str(httpx.URL("http://127.0.0.1/console").join(path)), follow_redirects=True)
                assert answer.status_code == 200, (role, path)
