"""The administrator's pages about data: the audit trail, retention, taking out and erasing."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, insert

from server.audit_trail import ROWS
from server.retention import NOTE
from server.schema import audit, calls
from server.web_data import keeping_of
from training_room import CALL, Room, csrf, room, store_call

if TYPE_CHECKING:
    import httpx

    import postgres


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def opened(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RIGHTCALL_RETENTION_DAYS", "90")
        if request.param == "postgresql":
            running: postgres.Cluster = request.getfixturevalue("cluster")
            patch.setenv("RIGHTCALL_DATABASE", running.database())
        with room(tmp_path_factory.mktemp("site"), "administrator", "trainee") as made:
            yield made


@pytest.fixture(scope="module")
def boss(opened: Room) -> httpx.Client:
    return opened.signed_in("administrator")


def post(browser: httpx.Client, path: str, **form: str) -> httpx.Response:
    return browser.post(path, data={"csrf": csrf(browser.get("/data").text), **form})


def fill_trail(opened: Room, rows: list[dict[str, object]]) -> None:
    with opened.web.records.writing() as connection:
        connection.execute(delete(audit))
        connection.execute(insert(audit), rows)


def entry(number: int, who: str = "ann", did: str = "signed in", what: str = "") -> dict[str, object]:
    at = datetime(2026, 11, 1, 12, 0) + timedelta(hours=number)  # noqa: DTZ001 - as stored
    return {"at": at, "who": who, "did": did, "what": what or f"entry {number}."}


def shown(page: httpx.Response) -> list[str]:
    assert page.status_code == 200
    return re.findall(r"entry \d+\.", page.text)


def test_the_trail_is_read_in_pages_from_the_newest_back(opened: Room, boss: httpx.Client) -> None:
    fill_trail(opened, [entry(number) for number in range(ROWS + 30)])
    first = boss.get("/audit")
    assert shown(first) == [f"entry {number}." for number in range(ROWS + 29, 29, -1)]
    older = re.search(r'href="(/audit\?before=\d+)">Older', first.text)
    assert older
    second = boss.get(older[1])
    assert shown(second) == [f"entry {number}." for number in range(29, -1, -1)]
    assert "Older" not in second.text
    assert "Newest" in second.text


def test_the_trail_is_narrowed_by_who_what_and_day(opened: Room, boss: httpx.Client) -> None:
    fill_trail(
        opened,
        [
            entry(0),
            entry(30, who="ben"),
            entry(60, did="heard a recording", what="entry 60. 100% <b>&amp;</b>"),
            entry(90, what="entry 90. 1000"),
        ],
    )
    assert shown(boss.get("/audit", params={"who": "ben"})) == ["entry 30."]
    heard = boss.get("/audit", params={"did": "heard a recording"})
    assert shown(heard) == ["entry 60."]
    assert "&lt;b&gt;&amp;amp;&lt;/b&gt;" in heard.text
    assert shown(boss.get("/audit", params={"what": "ENTRY 6"})) == ["entry 60."]
    assert shown(boss.get("/audit", params={"what": "100%"})) == ["entry 60."]
    assert shown(boss.get("/audit", params={"since": "2026-11-03", "until": "2026-11-04"})) == ["entry 60."]
    assert not shown(boss.get("/audit", params={"who": "nobody", "since": "rubbish"}))
    assert "No entry fits" in boss.get("/audit", params={"who": "nobody"}).text


def test_old_recordings_are_deleted_from_the_page_and_the_debrief_says_so(opened: Room, boss: httpx.Client) -> None:
    store_call(opened.web, "trainee")
    with opened.web.records.writing() as connection:
        long_ago = (datetime.now(UTC) - timedelta(days=91)).replace(tzinfo=None)
        connection.execute(calls.update().values(started=long_ago))
    trainee = opened.signed_in("trainee")
    assert f"/calls/{CALL}/recording" in trainee.get(f"/calls/{CALL}").text
    assert "The time of <strong>1</strong> has come" in boss.get("/data").text
    assert post(boss, "/data/retention").status_code == 303
    assert "None is older" in boss.get("/data").text
    assert trainee.get(f"/calls/{CALL}/recording").status_code == 404
    debrief = trainee.get(f"/calls/{CALL}")
    assert debrief.status_code == 200
    assert f"/calls/{CALL}/recording" not in debrief.text
    assert "The recording was deleted" in debrief.text
    assert "90 days" in debrief.text
    assert "deleted recordings" in boss.get("/audit").text
    assert (opened.web.files.folder(CALL) / NOTE).is_file()


def test_a_trainee_is_taken_out_and_then_erased(opened: Room, boss: httpx.Client) -> None:
    store_call(opened.web, "trainee", "20261121-101600-bbbb")
    looked = boss.get("/data/trainee", params={"name": "trainee"})
    assert "What is stored about trainee" in looked.text
    taken = post(boss, "/data/export", name="trainee")
    assert taken.headers["content-type"] == "application/zip"
    assert "right-call-trainee.zip" in taken.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(taken.content)) as archive:
        assert "calls/20261121-101600-bbbb/recording.wav" in archive.namelist()
    wrong = post(boss, "/data/erase", name="trainee", again="trainer")
    assert (wrong.status_code, "nothing was erased" in wrong.text) == (422, True)
    assert opened.web.records.call("20261121-101600-bbbb") is not None
    done = post(boss, "/data/erase", name="trainee", again="trainee")
    assert (done.status_code, "Erased:" in done.text) == (200, True)
    assert opened.web.records.call("20261121-101600-bbbb") is None
    for path, form in (("/data/export", {}), ("/data/erase", {"again": "trainee"})):
        gone = post(boss, path, name="trainee", **form)
        assert (gone.status_code, "Nothing is stored" in gone.text) == (404, True)
    assert boss.get("/data/trainee", params={"name": "<script>"}).status_code == 404
    assert {"took out a trainee&#39;s data", "erased a trainee"} <= set(
        re.findall(r"<td>([^<]*)</td>", boss.get("/audit").text)
    )


async def test_a_server_deletes_by_itself_where_it_is_asked_to_and_only_there(opened: Room) -> None:
    task = keeping_of(opened.web)
    assert task is not None
    task.cancel()
    kept = opened.web.settings.model_copy(update={"retention_days": 0})
    site, opened.web.site.settings = opened.web.site.settings, kept
    assert keeping_of(opened.web) is None
    opened.web.site.settings = site
