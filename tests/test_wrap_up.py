"""The incident form after the call: how long it stays open, and what becomes of what is written then."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from fakes import HummingMouth, ScriptedEar
from reviewing import rehearsed_log
from scripts.cast import draw
from scripts.events import Ended, FormChanged
from scripts.force import default_force
from scripts.marking import mark
from scripts.shelf import Shelf
from server.engines import Engines, prepare
from training_room import SCRIPT, Room, csrf, room

if TYPE_CHECKING:
    import httpx
    from websockets.sync.client import ClientConnection

    from server.settings import Settings


@asynccontextmanager
async def quick(settings: Settings) -> AsyncIterator[Engines]:
    async with prepare(settings, ear=ScriptedEar([]), mouth=HummingMouth()) as engines:
        yield engines


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    with room(tmp_path_factory.mktemp("patient"), engines=quick, wrap_up=600) as made:
        yield made


def answered(site: Room) -> tuple[httpx.Client, str, ClientConnection]:
    guest = site.guest()
    form = {"csrf": csrf(guest.get("/").text), "script": SCRIPT}
    call_id = guest.post("/calls", data=form).headers["location"].split("/")[2]
    socket = site.line(guest, call_id)
    told(socket, "ringing")
    tell(socket, type="answer")
    told(socket, "answered")
    return guest, call_id, socket


def tell(socket: ClientConnection, **message: object) -> None:
    socket.send(json.dumps(message))


def told(socket: ClientConnection, kind: str) -> dict[str, object]:
    """The next message of that kind; the trainee is silent meanwhile."""
    while True:
        message = socket.recv(timeout=60)
        if isinstance(message, bytes):
            socket.send(bytes(640))
            continue
        read: dict[str, object] = json.loads(message)
        if read["type"] == kind:
            return read


def test_what_is_written_after_the_call_is_kept_with_its_time_and_the_calls_length_is_not_changed(
    patient: Room,
) -> None:
    _, call_id, socket = answered(patient)
    with socket:
        tell(socket, type="hang_up")
        assert told(socket, "wrap_up")["seconds"] == 600
        tell(socket, type="form", field="name", value="Chloe Langford", n=1)
        assert told(socket, "saved")["n"] == 1
        tell(socket, type="decide", decision="deploy", grade="emergency")
        tell(socket, type="hang_up")
        tell(socket, type="done")
        told(socket, "marked")
    log = patient.web.files.entries(call_id)
    ended = next(entry for entry in log if isinstance(entry, Ended))
    assert isinstance(log[-1], FormChanged), "decisions and a second hanging up come too late"
    assert log[-1].value == "Chloe Langford"
    assert log[-1].at >= ended.at
    record = patient.web.records.call(call_id)
    assert record is not None
    assert record.seconds == pytest.approx(ended.at)
    assert record.score is not None
    assert record.ended_by == "trainee"


def test_while_a_form_is_finished_another_call_can_be_taken_and_a_page_that_returns_finds_it_open(
    patient: Room,
) -> None:
    guest, call_id, socket = answered(patient)
    with socket:
        tell(socket, type="hang_up")
        told(socket, "wrap_up")
        engines = patient.web.engines()
        assert engines is not None
        assert engines.load.calls == 0
    with patient.line(guest, call_id) as again:
        assert 0 < float(str(told(again, "state")["wrap_up"])) <= 600
        tell(again, type="done")
        told(again, "marked")


def test_the_form_closes_by_itself_when_its_time_is_over(tmp_path_factory: pytest.TempPathFactory) -> None:
    with room(tmp_path_factory.mktemp("short"), engines=quick, wrap_up=0.2) as site:
        _, _, socket = answered(site)
        with socket:
            tell(socket, type="hang_up")
            assert told(socket, "wrap_up")["seconds"] == 0.2
            told(socket, "marked")


def test_an_entry_after_the_call_counts_as_recorded_and_changes_nothing_else() -> None:
    script = Shelf().script(SCRIPT)
    log = rehearsed_log(SCRIPT, "middling")
    before = mark(script, log, default_force())
    late = FormChanged(log[-1].at + 42.0, "name", "Nobody of that name")
    after = mark(script, [*log, late], default_force())
    recorded = {
        verdict.criterion for verdict in after.verdicts if verdict.evidence and verdict.evidence[0].who == "form"
    }
    same = {verdict.criterion: verdict for verdict in before.verdicts}
    assert [v for v in after.verdicts if v.criterion not in recorded and v != same[v.criterion]] == []
    fact = next(fact for fact in script.facts if "name" in fact.topics and fact.value)
    right = FormChanged(late.at, "name", draw(script, 1).value(fact.value or ""))
    sheet = mark(script, [*log, right], default_force())
    assert sheet.facts[fact.id].recorded == (round(late.at, 1),)
