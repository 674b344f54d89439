"""The live board and listening in: who sees and hears what, and that no listener disturbs a call."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import numpy as np
import pytest
from sqlalchemy import select
from websockets.exceptions import ConnectionClosed

from audio.frame import silence
from fakes import HummingMouth, ScriptedEar
from scripts.events import Answered, Ended, FormChanged, HoldChanged, Recorded, Say
from scripts.force import default_force
from scripts.shelf import Shelf
from server.engines import Engines, prepare
from server.live import QUEUE_FRAMES, Listener, LiveCall, LiveCalls
from server.reception import Unwatched
from server.schema import audit
from trainee_on_call import Trainee
from training_room import SCRIPT, Room, room

if TYPE_CHECKING:
    import httpx

    from server.settings import Settings


class Watching(Unwatched):
    """A view whose trainee can be told who listens."""

    def __init__(self) -> None:
        self.told: list[list[str]] = []

    def listened(self, names: list[str]) -> None:
        self.told.append(names)


def live(view: Unwatched | None = None) -> LiveCall:
    return LiveCall(
        "20261121-101500-abcd", Shelf().script(SCRIPT), "ann", "phone", 8000, default_force(), view or Unwatched()
    )


# --- one call -------------------------------------------------------------------------------------------------------


def test_a_board_shows_where_a_call_stands() -> None:
    call = live()
    assert call.as_json()["phase"] == "ringing"
    call.entry(Answered(0.0, 1, 3.0))
    call.entry(Say(0.1, "1:opening", "There's somebody downstairs.", "There's somebody downstairs.", 30, ()))
    call.entry(FormChanged(9.0, "location", "12 Mill Lane"))
    call.entry(Recorded(20.0, "deploy", "emergency", None, "form"))
    call.entry(HoldChanged(21.0, True))
    call.time(25.0)
    shown = call.as_json()
    assert (shown["phase"], shown["now"], shown["decided"]) == ("on hold", 25, "deploy (Immediate)")
    clocks = {str(clock["name"]): clock for clock in shown["clocks"]}  # type: ignore[attr-defined]
    assert (clocks["location"]["seconds"], clocks["location"]["stopped"]) == (9, True)
    assert json.loads(json.dumps(shown)) == shown


def test_the_trainee_is_told_who_listens_and_when_nobody_does_any_more() -> None:
    view = Watching()
    call = live(view)
    assert call.tells
    tess, tom = call.listen("Tess"), call.listen("Tom")
    call.leave(tess)
    call.leave(tess)
    call.entry(Ended(9.0, "trainee", "hung up"))
    assert view.told == [["Tess"], ["Tess", "Tom"], ["Tom"], []]
    assert asyncio.run(tom.get()) is None
    assert not live().tells


def test_a_slow_listener_loses_the_oldest_sound_and_holds_nothing_up() -> None:
    listener = Listener("Tess")
    for number in range(QUEUE_FRAMES + 30):
        listener.put(bytes([number]))
    assert listener.left_out == 30
    assert asyncio.run(listener.get()) == bytes([30])


def test_a_listener_hears_both_sides_at_once() -> None:
    call = live()
    call.sound(silence(0.02, 8000), silence(0.02, 8000))
    listener = call.listen("Tess")
    one = silence(0.02, 8000)
    two = type(one)(np.full(160, 700, "<i2").tobytes(), 8000)
    call.sound(one, two)
    call.sound(two, two)
    assert np.frombuffer(asyncio.run(listener.get()) or b"", "<i2").tolist() == [700] * 160
    assert np.frombuffer(asyncio.run(listener.get()) or b"", "<i2").tolist() == [1400] * 160


def test_a_call_is_on_the_board_while_it_lasts() -> None:
    calls, call = LiveCalls(), live()
    with calls.shown(call):
        listener = call.listen("Tess")
        assert list(calls.calls) == [call.call_id]
    assert not calls.calls
    assert asyncio.run(listener.get()) is None


# --- the pages ------------------------------------------------------------------------------------------------------


@asynccontextmanager
async def quick(settings: Settings) -> AsyncIterator[Engines]:
    async with prepare(settings, ear=ScriptedEar([]), mouth=HummingMouth()) as engines:
        yield engines


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    with room(tmp_path_factory.mktemp("board"), "trainer", "ann", engines=quick) as made:
        made.web.accounts.add("both", "Both", "a long enough password", ["trainee", "assessor"])
        yield made


@pytest.fixture(scope="module")
def browsers(site: Room) -> dict[str, httpx.Client]:
    return {name: site.signed_in(name) for name in ("trainer", "ann", "both")}


def board(browser: httpx.Client) -> list[dict[str, object]]:
    """The calls in the first state that the board is told."""
    with browser.stream("GET", "/board/events", timeout=60) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        for line in answer.iter_lines():
            if line.startswith("data: "):
                found: list[dict[str, object]] = json.loads(line.removeprefix("data: "))["calls"]
                return found
    raise AssertionError("the stream ended without a state")


def test_a_call_is_watched_and_listened_to_and_its_trainee_sees_it(
    site: Room, browsers: dict[str, httpx.Client]
) -> None:
    assert board(browsers["trainer"]) == []
    with Trainee(site, browsers["ann"]) as ann:
        (shown,) = board(browsers["trainer"])
        assert (shown["call_id"], shown["name"], shown["handset"]) == (ann.call_id, "Ann", "browser")
        with site.socket(browsers["trainer"], f"/board/{ann.call_id}/listen") as ear:
            assert json.loads(ear.recv(timeout=30)) == {"rate": 16000}
            ann.wait("listened", by=["Trainer"])
            heard = [ear.recv(timeout=30) for _ in range(25)]
            assert all(isinstance(sound, bytes) and len(sound) == 640 for sound in heard)
            assert any(sound.strip(b"\0") for sound in heard if isinstance(sound, bytes))
        ann.wait("listened", by=[])
        ann.hang_up()
    with site.web.records.reading() as connection:
        noted = connection.execute(select(audit.c.who, audit.c.what).where(audit.c.did == "listened in")).all()
    assert [tuple(row) for row in noted] == [("trainer", f"{ann.call_id}: ann")]


def test_nobody_watches_or_hears_a_call_of_their_own(site: Room, browsers: dict[str, httpx.Client]) -> None:
    with Trainee(site, browsers["both"]) as mine:
        assert board(browsers["both"]) == []
        with site.socket(browsers["both"], f"/board/{mine.call_id}/listen") as ear, pytest.raises(ConnectionClosed):
            ear.recv(timeout=30)
        mine.hang_up()


def test_a_listener_who_does_not_read_disturbs_no_call_and_the_end_of_the_call_is_theirs(
    site: Room, browsers: dict[str, httpx.Client]
) -> None:
    with Trainee(site, browsers["ann"]) as ann:
        with site.socket(browsers["trainer"], f"/board/{ann.call_id}/listen") as ear:
            ann.wait("listened", by=["Trainer"])
            ann.hang_up()
            with pytest.raises(ConnectionClosed):
                deque(iter(lambda: ear.recv(timeout=30), None))
        record = site.web.records.call(ann.call_id)
        assert record is not None
        assert record.state == "finished"
