"""A stored shift for tests, and the messages of a page that works one."""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from websockets.exceptions import ConnectionClosed

from scripts.shelf import Shelf
from scripts.shift import ShiftSession
from scripts.shift_events import Began, Finished, Graded, Held, Left, Passed, ShiftEntry, ShiftEvent, Taken, encode
from scripts.shift_plan import Contact, Kind, Length, News, Plan, plan
from server.shift_files import ShiftSheet
from server.shift_room import ShiftRun, new_shift_id
from server.web_shift import scripts_of, site_of

if TYPE_CHECKING:
    import httpx
    from websockets.sync.client import ClientConnection

    from server.web_base import Web
    from training_room import Room

SHIFT = "20261121-140000-wxyz"


def store_shift(
    web: Web, trainee: str, call: str = "", length: Length = "short", seed: int = 7, shift_id: str = SHIFT
) -> ShiftSheet:
    """A finished shift: the first contacts taken late and graded, one held, the rest left; `call` is the second's."""
    made = plan(Shelf().scripts(), seed, length)
    sheet = ShiftSheet(shift_id=shift_id, trainee=trainee, length=length, started=datetime.now(UTC), plan=made)
    web.shifts.files.create(sheet).release()
    first, second, third, *_ = made.contacts
    log = run(
        ShiftSession(made), Began(0), Taken(first.at + 6, first.id), Graded(first.at + 9, first.id, "resolve"),
        Taken(second.at + 20, second.id, call), Held(second.at + 60, second.id, on=True),
        Taken(third.at + 30, third.id), Finished(third.at + 90, third.id, "trainee"),
        Finished(third.at + 91, first.id, "trainee"), Held(third.at + 100, second.id, on=False),
        Finished(third.at + 140, second.id, "trainee"), Left(560),
    )  # fmt: skip
    web.shifts.files.log(shift_id).write_text("".join(encode(entry) + "\n" for entry in log))
    return sheet


def contact(id_: str, kind: Kind, script: str, at: float = 0.0, patience: float | None = 300.0) -> Contact:
    return Contact(id=id_, kind=kind, script=script, title=script, seed=3, at=at, patience=patience)


def going(web: Web, trainee: str, *contacts: Contact, news: tuple[News, ...] = ()) -> ShiftRun:
    """A shift of exactly these contacts, not begun."""
    made = Plan(seed=1, minutes=10, contacts=contacts, news=news)
    sheet = ShiftSheet(
        shift_id=new_shift_id(), trainee=trainee, length="short", started=datetime.now(UTC), plan=made
    )  # fmt: skip
    return web.shifts.make(site_of(web), sheet, scripts_of(web, made))


def path_of(run: ShiftRun) -> str:
    return f"/shift/{run.sheet.shift_id}"


def run(session: ShiftSession, *events: ShiftEvent) -> list[ShiftEntry]:
    """The log of a session that is woken whenever it asks."""
    log: list[ShiftEntry] = []
    for event in events:
        while session.next_tick_at < event.at:
            tick = Passed(session.next_tick_at)
            log += [tick, *session.handle(tick)]
        log += [event, *session.handle(event)]
    return log


class Duty:
    """One page's socket of a shift, as its browser would use it."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._came: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self.shift: dict[str, Any] = {}
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        try:
            while True:
                self._came.put(json.loads(self._socket.recv()))
        except ConnectionClosed:
            self._came.put(None)

    def tell(self, **message: object) -> None:
        self._socket.send(json.dumps(message))

    def until(self, fits: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Read on until a message fits; the newest state of the shift is kept."""
        while (message := self._came.get(timeout=60)) is not None:
            if message["type"] == "shift":
                self.shift = message
            if fits(message):
                return message
        raise AssertionError("the socket was closed")

    def state(self, fits: Callable[[dict[str, dict[str, Any]]], bool]) -> dict[str, dict[str, Any]]:
        """Read on until the contacts, by id, fit."""

        def contacts(message: dict[str, Any]) -> dict[str, dict[str, Any]]:
            return {one["id"]: one for one in message["contacts"]}

        return contacts(self.until(lambda message: message["type"] == "shift" and fits(contacts(message))))

    def told(self, contact: str, type_: str) -> dict[str, Any]:
        """Read on until that contact says that."""
        found = self.until(
            lambda message: (
                message["type"] == "contact" and message["contact"] == contact and message["message"]["type"] == type_
            )
        )
        inner = found["message"]
        assert isinstance(inner, dict)
        return inner

    def leave(self) -> None:
        """End the shift and wait for its marks."""
        self.tell(type="leave")
        self.until(lambda message: message["type"] == "marked")


@contextmanager
def on_duty(site: Room, browser: httpx.Client, path: str) -> Iterator[Duty]:
    """The socket of that shift's page."""
    with site.socket(browser, f"{path}/line") as socket:
        yield Duty(socket)
