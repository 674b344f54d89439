"""Sending the waiting statements to the configured learning record store, in the background, at least once.

Each is put under its own id (xAPI 1.0.3, part three, section 2.1.1), so that sending it again does no harm. The
first in the queue holds the others back while the store is away: they arrive in their order.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Literal

import httpx

from server.outbox import Outbox, Waiting
from server.records import RecordsError
from server.settings import Settings
from server.xapi import VERSION

log = logging.getLogger(__name__)

LOOKS_EVERY = 10.0
"""Seconds between looks for what is new: a call in one process is signed in another."""
ANSWER_SECONDS = 20.0
FIRST_WAIT, LONGEST_WAIT = 5.0, 3600.0
"""Seconds until the first repetition; each doubles it."""
FAILS_AT_MOST = 12
"""How often the store may fail over one statement itself (500) before it counts as refused: some ten hours."""
AWAY = frozenset({301, 302, 307, 308, 401, 403, 404, 405, 408, 425, 429, 502, 503, 504})
"""Answers about the store, its address or our key, not about the statement: it waits, however long."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one try: the store's words, and for how long it asked us to wait."""

    kind: Literal["sent", "refused", "failed", "away"]
    said: str
    wait: float = 0.0


class RecordStore:
    """One store, reached by `client` (its base URL is the endpoint)."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def put(self, one: Waiting) -> Answer:
        """Try to hand over one statement."""
        where = {"statementId": one.statement_id}
        try:
            answer = await self._client.put("statements", params=where, content=one.body.encode(), headers=JSON)
            if answer.status_code == httpx.codes.CONFLICT:
                return await self._conflict(one, answer)
        except httpx.HTTPError as error:
            return Answer("away", f"cannot be reached: {str(error) or type(error).__name__}")
        return _read(answer)

    async def _conflict(self, one: Waiting, answer: httpx.Response) -> Answer:
        """The store has another statement of that id: ours as it stores it, or somebody else's."""
        there = await self._client.get("statements", params={"statementId": one.statement_id})
        if there.is_success and _same(json.loads(one.body), there):
            return Answer("sent", "was there already")
        return _read(answer)


JSON = {"content-type": "application/json"}


def _read(answer: httpx.Response) -> Answer:
    said = f"{answer.status_code} {' '.join(answer.text.split())[:400]}".strip()
    if answer.is_success:
        return Answer("sent", said)
    if answer.status_code in AWAY:
        return Answer("away", said, _retry_after(answer))
    return Answer("failed" if answer.is_server_error else "refused", said)


def _retry_after(answer: httpx.Response) -> float:
    """Seconds that the store asks us to wait; 0 where it does not say, or says it as a date."""
    told = answer.headers.get("retry-after", "")
    return min(float(told), LONGEST_WAIT) if told.isascii() and told.isdigit() and len(told) < 9 else 0.0


def _same(ours: object, answer: httpx.Response) -> bool:
    """Whether the stored statement says the same: a store may add to it, but not change who did what to which."""
    try:
        theirs = answer.json()
    except ValueError:
        return False
    keys = ("id", "actor", "verb", "object", "result", "timestamp")
    if not isinstance(ours, dict) or not isinstance(theirs, dict):
        return False
    return all(_within(ours.get(key), theirs.get(key)) for key in keys if key != "timestamp")


def _within(ours: object, theirs: object) -> bool:
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return all(_within(value, theirs.get(key)) for key, value in ours.items() if key != "display")
    return ours == theirs


def wait_for(tries: int, chance: Random) -> float:
    """Seconds until the next try: doubling to an hour, the last tenth drawn, so that sites do not come at once."""
    return float(min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(tries, 20)) * chance.uniform(0.9, 1.0))


@dataclass
class Sender:
    """The background work. `now` is UTC."""

    outbox: Outbox
    store: RecordStore
    chance: Random = field(default_factory=Random)
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    async def run(self) -> None:
        """Send for ever; a database that fails is tried again."""
        while True:
            try:
                await self.round()
            except RecordsError:
                log.exception("the statements cannot be read; trying again")
            await asyncio.sleep(LOOKS_EVERY)

    async def round(self) -> None:
        """Find what is missing, and send all that is due until one has to wait."""
        while await asyncio.to_thread(self.outbox.gather, self.now()):
            pass
        while (one := await asyncio.to_thread(self.outbox.first)) and one.due <= self.now():
            answer = await self.store.put(one)
            await asyncio.to_thread(self._note, one, answer)
            if answer.kind in ("away", "failed"):
                return

    def _note(self, one: Waiting, answer: Answer) -> None:
        now = self.now()
        if answer.kind == "sent":
            self.outbox.settle(one, "sent", answer.said, now)
        elif answer.kind == "refused" or (answer.kind == "failed" and one.tries + 1 >= FAILS_AT_MOST):
            log.warning("the record store refused statement %s: %s", one.statement_id, answer.said)
            self.outbox.settle(one, "refused", answer.said, now)
        else:
            wait = max(answer.wait, wait_for(one.tries, self.chance))
            self.outbox.later(one, answer.said, now + timedelta(seconds=wait))


def client(settings: Settings, seconds: float = ANSWER_SECONDS) -> httpx.AsyncClient:
    """A client for the configured store; redirections are not followed: a statement goes where the setting says."""
    return httpx.AsyncClient(
        base_url=settings.xapi_endpoint,
        auth=(settings.xapi_key, settings.xapi_secret.get_secret_value()),
        headers={"x-experience-api-version": VERSION},
        timeout=seconds,
        follow_redirects=False,
    )
