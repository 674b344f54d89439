"""A trainee on a call in the browser, without a browser: their voice goes on while a test looks at other pages."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Self

from websockets.exceptions import ConnectionClosed

from fakes import voice
from training_room import SCRIPT, Room, csrf

if TYPE_CHECKING:
    import httpx
    from websockets.sync.client import ClientConnection

LOUD = voice(0.02).samples[:640].ljust(640, b"\0")


class Trainee:
    """Takes the call at once; the sound goes on on a thread until it is left."""

    def __init__(self, site: Room, browser: httpx.Client) -> None:
        form = {"csrf": csrf(browser.get("/").text), "script": SCRIPT}
        self.call_id = browser.post("/calls", data=form).headers["location"].split("/")[2]
        self.socket: ClientConnection = site.line(browser, self.call_id)
        self.told: list[dict[str, object]] = []
        self.changed = threading.Condition()
        self.thread = threading.Thread(target=self._talk)

    def _talk(self) -> None:
        try:
            while True:
                message = self.socket.recv(timeout=60)
                if isinstance(message, bytes):
                    self.socket.send(LOUD)
                    continue
                read = json.loads(message)
                if read["type"] == "ringing":
                    self.socket.send(json.dumps({"type": "answer"}))
                with self.changed:
                    self.told.append(read)
                    self.changed.notify_all()
        except (ConnectionClosed, TimeoutError):
            return

    def wait(self, kind: str, **holding: object) -> None:
        def there() -> bool:
            return any(one["type"] == kind and holding.items() <= one.items() for one in self.told)

        with self.changed:
            assert self.changed.wait_for(there, timeout=60), self.told

    def wait_until_heard(self) -> None:
        """Until the page has told the trainee that somebody listens."""
        with self.changed:
            assert self.changed.wait_for(lambda: any(one.get("by") for one in self.told), timeout=60), self.told

    def hang_up(self) -> None:
        self.socket.send(json.dumps({"type": "hang_up"}))
        self.wait("marked")

    def __enter__(self) -> Self:
        self.thread.start()
        self.wait("answered")
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()
        self.thread.join()
