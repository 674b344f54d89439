from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from audio.frame import silence
from fakes import HummingMouth, ScriptedEar
from scripts.events import FormChanged
from server.browser_view import on_disk
from server.call_files import CallFiles
from server.desk_page import line, next_call, shelf_rows
from server.engines import Engines, prepare
from server.settings import Settings, load
from server.web import OpenToAll, check_address
from server.web_base import PAGES
from sound_card import ROOT, wait_until
from training_room import CALL, PASSWORD, SCRIPT, Room, csrf, room, store_call

if TYPE_CHECKING:
    import httpx
    from websockets.sync.client import ClientConnection

FRAME = silence(0.02, 16_000).samples
HEAVIEST = 300_000
EVERYWHERE = "0.0.0.0"  # noqa: S104 - asked about, not bound


@asynccontextmanager
async def quick(settings: Settings) -> AsyncIterator[Engines]:
    """An ear that hears one question, and a mouth that hums."""
    async with prepare(settings, ear=ScriptedEar(["what's the address"]), mouth=HummingMouth()) as engines:
        yield engines


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    """A site without accounts that takes calls."""
    with room(tmp_path_factory.mktemp("bare"), engines=quick) as made:
        store_call(made.web, "")
        yield made


@pytest.fixture(scope="module")
def guest(bare: Room) -> httpx.Client:
    return bare.guest()


# --- coming in --------------------------------------------------------------------------------------------------


def test_the_first_visitor_may_practise_or_set_up(bare: Room) -> None:
    visitor = bare.browser()
    assert visitor.get("/").headers["location"] == "/welcome"
    page = visitor.get("/welcome").text
    assert "Just practise" in page
    assert "Set up this site" in page


def test_practising_needs_no_account_and_sees_the_calls_of_this_machine(guest: httpx.Client) -> None:
    assert "Go available" in guest.get("/").text
    assert CALL in guest.get("/calls").text
    assert guest.get("/accounts").status_code == 403


@pytest.mark.parametrize("host", ["evil.example", "192.0.2.7:8000", "localhost.evil.example"])
def test_a_page_of_another_name_that_points_here_cannot_practise(host: str, bare: Room, guest: httpx.Client) -> None:
    """DNS rebinding: the browser believes that it talks to its own site."""
    forged = {"host": host, "origin": f"http://{host}"}
    assert bare.browser(**forged).post("/practise").status_code == 403
    assert bare.browser(**forged).get("/setup").status_code == 403
    assert guest.get("/", headers=forged).status_code == 303


def test_setting_up_makes_an_administrator_and_ends_practising(tmp_path: Path) -> None:
    with room(tmp_path) as site:
        guest, boss = site.guest(), site.browser()
        wrong = boss.post("/setup", data={"name": "boss", "full_name": "The <Boss>", "password": "short"})
        assert wrong.status_code == 422
        assert "10 to 200" in wrong.text
        assert "The &lt;Boss&gt;" in wrong.text
        made = boss.post("/setup", data={"name": "boss", "full_name": "The Boss", "password": PASSWORD})
        assert made.headers["location"] == "/"
        assert "The Boss" in boss.get("/").text
        assert boss.get("/accounts").status_code == 200
        assert guest.get("/").headers["location"].startswith("/sign-in")
        assert guest.post("/practise").status_code == 403
        again = guest.post("/setup", data={"name": "eve", "full_name": "Eve", "password": PASSWORD})
        assert again.status_code == 403


def test_only_this_machine_is_served_until_there_are_accounts(tmp_path: Path) -> None:
    settings = load(tmp_path)
    check_address("127.0.0.1", settings)
    with pytest.raises(OpenToAll, match="rightcall account NAME --role administrator"):
        check_address(EVERYWHERE, settings)
    with room(tmp_path, "administrator"):
        check_address(EVERYWHERE, settings)


# --- forged and misshapen requests ------------------------------------------------------------------------------


def test_every_page_is_held_to_a_strict_policy(guest: httpx.Client) -> None:
    for path in ("/", "/calls", f"/calls/{CALL}", "/nothing", "/static/site.css", f"/calls/{CALL}/recording"):
        headers = guest.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-frame-options"] == "DENY"
        assert headers["x-content-type-options"] == "nosniff"
        assert "no-" in headers["cache-control"]


def test_no_page_holds_script_or_style_or_an_address_elsewhere() -> None:
    for path in [*PAGES.rglob("*.html"), *PAGES.rglob("*.js"), *PAGES.rglob("*.css")]:
        text = path.read_text(encoding="utf-8").replace("http://localhost", "").replace("http://www.w3.org", "")
        assert not re.search(r"https?://\w", text.replace("https:///", "")), path.name
        if path.suffix == ".html":
            assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", text), path.name


def test_the_heaviest_page_is_light(guest: httpx.Client) -> None:
    static = sum(path.stat().st_size for path in (PAGES / "static").iterdir())
    for path in ("/", f"/calls/{CALL}"):
        assert len(guest.get(path).content) + static < HEAVIEST


def test_a_form_without_its_token_or_from_elsewhere_changes_nothing(bare: Room) -> None:
    guest = bare.guest()
    token = csrf(guest.get("/").text)
    assert guest.post("/calls", data={"csrf": "wrong"}).status_code == 403
    assert guest.post("/calls", data={}).status_code == 403
    assert guest.post("/calls", data={"csrf": token}, headers={"origin": "https://evil.example"}).status_code == 403
    assert guest.post("/calls", data={"csrf": token}, headers={"origin": "null"}).status_code == 403
    assert guest.post("/calls", data={"csrf": token, "script": SCRIPT}).status_code == 303
    assert guest.post("/sign-out", data={"csrf": token}).status_code == 303
    assert guest.get("/").status_code == 303


def test_ten_megabytes_are_refused(guest: httpx.Client) -> None:
    answer = guest.post("/calls", data={"script": "x" * 10_000_000})
    assert answer.status_code == 413


@pytest.mark.parametrize("script", ["/etc/passwd.toml", "../x", "no-such-call", "é\u202e🚓", "a" * 500])
def test_a_call_that_is_not_on_the_shelf_cannot_be_taken(script: str, guest: httpx.Client) -> None:
    token = csrf(guest.get("/").text)
    assert guest.post("/calls", data={"csrf": token, "script": script}).status_code in (404, 422)


@pytest.mark.parametrize("to", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_signing_in_leads_nowhere_else(to: str, tmp_path: Path) -> None:
    with room(tmp_path, "trainee") as site:
        form = {"name": "trainee", "password": PASSWORD, "next": to}
        assert site.browser().post("/sign-in", data=form).headers["location"] == "/"


def test_the_cookie_is_for_this_server_alone(bare: Room) -> None:
    cookie = bare.browser().post("/practise").headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "domain" not in cookie
    secure = bare.browser().post("/practise", headers={"origin": bare.base.replace("http:", "https:")})
    assert "secure" in secure.headers["set-cookie"].lower()


def test_administrators_make_and_change_accounts_and_people_their_password(tmp_path: Path) -> None:
    with room(tmp_path, "administrator") as site:
        boss = site.signed_in("administrator")
        token = csrf(boss.get("/accounts").text)
        new = {"csrf": token, "name": "ann", "full_name": "<script>alert(1)</script>", "password": PASSWORD}
        assert boss.post("/accounts", data={**new, "roles": ["trainee", "assessor"]}).status_code == 303
        assert "<script>alert" not in boss.get("/accounts").text
        assert boss.post("/accounts", data={**new, "roles": ["trainee"]}).status_code == 422
        ann = site.signed_in("ann")
        change = {"csrf": csrf(ann.get("/account").text), "password": "wrong", "new_password": "quite another one"}
        assert ann.post("/account/password", data=change).status_code == 422
        assert ann.post("/account/password", data={**change, "password": PASSWORD}).status_code == 303
        site.signed_in("ann", "quite another one")
        assert (
            boss.post("/accounts/ann", data={"csrf": token, "roles": ["trainer"], "active": "yes"}).status_code == 303
        )
        assert boss.post("/accounts/administrator", data={"csrf": token, "roles": ["trainee"]}).status_code == 422


# --- the pages --------------------------------------------------------------------------------------------------


def test_the_debrief_shows_what_happened_without_any_script(guest: httpx.Client) -> None:
    page = guest.get(f"/calls/{CALL}").text
    for words in ("of 100", "Location captured", "What a good handler would have said", "Word for word", "target"):
        assert words in page
    told = guest.get(f"/calls/{CALL}/timeline").json()
    assert len(told["wave"]["peaks"]) == 2
    assert told["wave"]["seconds"] == pytest.approx(4.0, abs=0.1)
    assert {event["kind"] for event in told["events"]} == {"decision", "end"}


def test_the_desk_suggests_what_was_never_taken_then_what_went_worst(bare: Room) -> None:
    from random import Random

    scripts, problems = bare.web.scripts.on(bare.web.shelf())
    assert not problems
    stored = bare.web.records.calls()
    rows = shelf_rows(scripts, stored)
    assert [row.taken for row in rows if row.script.id == SCRIPT] == [1]
    fresh = next_call(rows, Random(1))
    assert fresh is not None
    assert fresh.id != SCRIPT
    worst = next_call([row for row in rows if row.last], Random(1))
    assert worst is not None
    assert worst.id == SCRIPT
    assert next_call([], Random(1)) is None


def test_progress_is_drawn_within_its_box() -> None:
    assert line([]) == ""
    assert line([0, 100]) == "0.0,22.0 120.0,2.0"
    assert line([50]) == "0.0,12.0 120.0,12.0"


# --- the line ---------------------------------------------------------------------------------------------------


def new_call(browser: httpx.Client) -> str:
    form = {"csrf": csrf(browser.get("/").text), "script": SCRIPT}
    return browser.post("/calls", data=form).headers["location"].split("/")[2]


def tell(socket: ClientConnection, **message: object) -> None:
    socket.send(json.dumps(message))


def told(socket: ClientConnection, *kinds: str) -> dict[str, object]:
    """The next message of one of those kinds; the trainee is silent meanwhile."""
    while True:
        message = socket.recv(timeout=30)
        if isinstance(message, bytes):
            socket.send(FRAME)
            continue
        read: dict[str, object] = json.loads(message)
        if read["type"] in kinds:
            return read


def answered(site: Room, browser: httpx.Client) -> tuple[str, ClientConnection]:
    call_id = new_call(browser)
    socket = site.line(browser, call_id)
    told(socket, "ringing")
    tell(socket, type="answer")
    told(socket, "answered")
    return call_id, socket


def test_a_call_is_taken_written_down_decided_and_debriefed(bare: Room, guest: httpx.Client) -> None:
    call_id, socket = answered(bare, guest)
    with socket:
        assert guest.get(f"/calls/{call_id}").headers["location"].endswith("/console")
        tell(socket, type="form", field="location", value="12 Mill Lane <b>", n=3)
        saved = told(socket, "saved")
        assert saved["n"] == 3
        assert "12 Mill Lane" in bare.web.files.log(call_id).read_text()
        tell(socket, type="decide", decision="deploy", grade="emergency")
        assert told(socket, "decided")["text"] == "deploy (Immediate)"
        tell(socket, type="hold", on=True)
        assert told(socket, "held")["on"] is True
        socket.send(b"rubbish")
        socket.send("rubbish")
        tell(socket, type="hang_up")
        assert told(socket, "marked")["url"] == f"/calls/{call_id}"
    page = guest.get(f"/calls/{call_id}").text
    assert "12 Mill Lane &lt;b&gt;" in page
    record = bare.web.records.call(call_id)
    assert record is not None
    assert (record.state, record.handset, record.ended_by) == ("finished", "browser", "trainee")


def test_another_tab_is_told_and_the_call_goes_on(bare: Room, guest: httpx.Client) -> None:
    call_id, socket = answered(bare, guest)
    with socket:
        with bare.line(guest, call_id, tab="two") as other, pytest.raises(ConnectionClosed) as closed:
            other.recv(timeout=10)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4409
        tell(socket, type="hang_up")
        told(socket, "marked")


def test_a_socket_that_drops_is_taken_up_again_with_everything_on_the_page(bare: Room, guest: httpx.Client) -> None:
    call_id, socket = answered(bare, guest)
    with socket:
        tell(socket, type="form", field="name", value="Chloe", n=1)
        told(socket, "saved")
        socket.socket.close()  # as a network that is suddenly gone
    with bare.line(guest, call_id) as again:
        state = told(again, "state")
        assert state["answered"] is True
        assert state["form"] == {"name": "Chloe"}
        tell(again, type="hang_up")
        told(again, "marked")
    record = bare.web.records.call(call_id)
    assert record is not None
    assert record.state == "finished"


def test_a_socket_that_stays_away_leaves_an_interrupted_record(
    bare: Room, guest: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.steady.LOST_AFTER", 0.5)
    call_id, socket = answered(bare, guest)
    socket.close()
    live = bare.web.calls.get(call_id)
    assert live is not None
    assert live.task is not None
    loop = live.task.get_loop()
    asyncio.run_coroutine_threadsafe(_over(live.task), loop).result(30)
    record = bare.web.records.call(call_id)
    assert record is not None
    assert (record.state, record.ended_by) == ("interrupted", "line")
    assert "interrupted" in guest.get(f"/calls/{call_id}").text


async def _over(task: asyncio.Task[None]) -> None:
    await asyncio.wait({task})


def test_a_message_that_is_too_big_closes_the_socket_and_the_call_waits(bare: Room, guest: httpx.Client) -> None:
    call_id, socket = answered(bare, guest)
    socket.send("x" * 70_000)
    with socket, pytest.raises(ConnectionClosed) as closed:
        told(socket, "marked")
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1009
    with bare.line(guest, call_id) as again:
        assert told(again, "state")["answered"] is True
        tell(again, type="hang_up")
        told(again, "marked")


def test_signing_out_ends_the_line_too(bare: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.web_console.SESSION_CHECKED_EVERY", 0.05)
    guest = bare.guest()
    token = csrf(guest.get("/").text)
    _call_id, socket = answered(bare, guest)
    guest.post("/sign-out", data={"csrf": token})
    with socket, pytest.raises(ConnectionClosed) as closed:
        told(socket, "marked")
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1008


@pytest.mark.parametrize("origin", ["https://evil.example", "null", ""])
def test_no_other_sites_page_opens_the_line(origin: str, bare: Room, guest: httpx.Client) -> None:
    call_id = new_call(guest)
    with pytest.raises(InvalidStatus):
        bare.line(guest, call_id, origin=origin)


def test_a_change_counts_as_saved_only_when_the_file_has_it(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    assert not on_disk(log, 1)
    log.write_text("one\n")
    assert on_disk(log, 1)

    def late(_seconds: float) -> None:
        with log.open("a") as file:
            file.write("two\n")

    assert on_disk(log, 2, wait=late)
    assert not on_disk(log, 99, wait=lambda _seconds: None)


SERVE = """
import asyncio, sys
from pathlib import Path
from fakes import HummingMouth, ScriptedEar
from server.app import create_app, server
from server.engines import prepare
from server.settings import load

async def main():
    settings = load(Path(sys.argv[1]))
    async with prepare(settings, ear=ScriptedEar([]), mouth=HummingMouth()) as engines:
        await server(create_app(settings, engines), "127.0.0.1", int(sys.argv[2])).serve()

asyncio.run(main())
"""


def test_kill_9_loses_no_entry_that_the_page_has_shown_as_saved(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}
    child = subprocess.Popen([sys.executable, "-c", SERVE, str(tmp_path), str(port)], env=env)
    site = Room(None, None, f"http://127.0.0.1:{port}")  # type: ignore[arg-type] # the app is in the other process
    try:
        wait_until(lambda: _answers(port))
        call_id, line = answered(site, site.guest())
        with line:
            shown = 0
            for number in range(1, 30):
                tell(line, type="form", field="notes", value=f"entry {number}", n=number)
                shown = int(str(told(line, "saved")["n"]))
            child.kill()
    finally:
        child.kill()
        child.wait()
        for browser in site.browsers:
            browser.close()
    with room(tmp_path, engines=quick) as again:
        page = again.guest().get(f"/calls/{call_id}").text
    assert "interrupted" in page
    assert "of 100" in page, "what there is of it is marked"
    log = CallFiles(tmp_path / "calls").entries(call_id)
    written = [entry.value for entry in log if isinstance(entry, FormChanged)]
    assert written[:shown] == [f"entry {number}" for number in range(1, shown + 1)]
    assert shown == 29


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False
