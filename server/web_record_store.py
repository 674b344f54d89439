"""What is sent to the learning record store, what it refused, and its sending in the background."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from fastapi import APIRouter  # noqa: TC002 - as in all modules of routes
from starlette.responses import RedirectResponse, Response

from server.outbox import SHOWN, Outbox
from server.records import Records
from server.settings import Settings
from server.web_base import Asked, Web, pages_router
from server.xapi import Author


def router() -> APIRouter:
    """The routes of this module."""
    routes = pages_router()
    routes.get("/record-store")(page)
    routes.post("/record-store/again")(again)
    return routes


def page(asked: Asked) -> Response:
    web = asked.web
    box = outbox(web.records, web.settings)
    return web.page(
        asked, "record_store.html", endpoint=web.settings.xapi_endpoint, counts=box.counts(), unsent=box.unsent(),
        most=SHOWN,
    )  # fmt: skip


def again(asked: Asked) -> Response:
    """Try at once what waits or was refused."""
    count = outbox(asked.web.records, asked.web.settings).again(datetime.now(UTC))
    asked.web.accounts.note(asked.visitor.name, "sent statements again", str(count))
    return RedirectResponse("/record-store", 303)


def outbox(records: Records, settings: Settings) -> Outbox:
    """The site's statements."""
    return Outbox(records, Author(settings.xapi_accounts), settings.xapi_since)


def sending_of(web: Web) -> asyncio.Task[None] | None:
    """The task that sends in the background; None where no store is configured, and nothing leaves the machine."""
    if not web.settings.xapi_endpoint:
        return None
    return asyncio.create_task(_send(web), name="record store")


async def _send(web: Web) -> None:
    from server.record_store import RecordStore, Sender, client

    async with client(web.settings) as opened:
        await Sender(outbox(web.records, web.settings), RecordStore(opened)).run()
