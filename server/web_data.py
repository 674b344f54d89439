"""The administrator's pages about data: the audit trail, how long sound is kept, one trainee taken out or erased."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Query
from sqlalchemy import select
from starlette.background import BackgroundTask
from starlette.responses import FileResponse, RedirectResponse, Response

from server.audit_trail import ROWS, Wish, deeds, entries
from server.erasure import Erased, ErasureError, erase_trainee
from server.personal_data import trainees
from server.retention import due, every_day, keep_to_it
from server.schema import audit
from server.trainee_export import NobodyError, export_trainee, stored_about
from server.web_base import Asked, Asking, Web, pages_router

Words = Annotated[str, Query(max_length=120)]
Name = Annotated[str, Form(max_length=120)]
BACKUPS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Sound:
    """What the page says of recordings whose time has come."""

    days: int
    recordings: int = 0
    megabytes: float = 0.0


def router() -> APIRouter:
    """The routes of this module."""
    routes = pages_router()
    routes.get("/audit")(trail)
    routes.get("/data")(page)
    routes.post("/data/retention")(delete_due)
    routes.get("/data/trainee")(trainee)
    routes.post("/data/export")(take_out)
    routes.post("/data/erase")(erase)
    return routes


def keeping_of(web: Web) -> asyncio.Task[None] | None:
    """The task that deletes recordings in their time; None where they are kept."""
    days = web.settings.retention_days
    return asyncio.create_task(every_day(web.records, web.files, days), name="retention") if days else None


def trail(
    asked: Asked, who: Words = "", did: Words = "", what: Words = "", since: Words = "", until: Words = "",
    before: Annotated[int, Query(ge=0, le=2**62)] = 0,
) -> Response:  # fmt: skip
    """Who did what, the newest first."""
    wish = Wish(who.strip(), did, what.strip(), _day(since), _day(until), before or None)
    found = entries(asked.web.records, wish)
    more = found[ROWS - 1].entry_id if len(found) > ROWS else None
    return asked.web.page(
        asked, "audit.html", rows=found[:ROWS], wish=wish, deeds=deeds(asked.web.records), more=more,
    )  # fmt: skip


def page(asked: Asked) -> Response:
    return _page(asked)


def _page(asked: Asking, *, status: int = 200, error: str = "", erased: Erased | None = None) -> Response:
    web = asked.web
    with web.records.reading() as connection:
        names = trainees(connection)
        backups = connection.execute(
            select(audit.c.at, audit.c.what)
            .where(audit.c.did == "made a backup").order_by(audit.c.entry_id.desc()).limit(BACKUPS_SHOWN)
        ).all()  # fmt: skip
    return web.page(
        asked, "data.html", status=status, error=error, erased=erased, names=names, backups=backups,
        sound=_sound(web),
    )  # fmt: skip


def _sound(web: Web) -> Sound:
    days = web.settings.retention_days
    if not days:
        return Sound(0)
    found = due(web.records, web.files, days, datetime.now(UTC))
    return Sound(days, len(found), sum(one.size for one in found) / 1e6)


def delete_due(asked: Asked) -> Response:
    """Delete the recordings whose time has come, without waiting for the daily round."""
    web = asked.web
    if web.settings.retention_days:
        keep_to_it(web.records, web.files, web.settings.retention_days, datetime.now(UTC), asked.visitor.name)
    return RedirectResponse("/data", 303)


def trainee(asked: Asked, name: Words = "") -> Response:
    """What is stored about one trainee, and the two things that can be done with it."""
    web, name = asked.web, name.strip()
    try:
        with web.records.reading() as connection:
            found = stored_about(connection, web.settings, name)
    except NobodyError as error:
        return _page(asked, status=404, error=str(error))
    return web.page(asked, "data_trainee.html", name=name, found=found, error="")


def take_out(asked: Asked, name: Name) -> Response:
    """Everything about one trainee as a file, which is deleted here once it is sent."""
    web = asked.web
    folder = tempfile.TemporaryDirectory(prefix="rightcall-export-")
    place = Path(folder.name) / "export.zip"
    try:
        export_trainee(web.settings, web.records, name, place, asked.visitor.name)
    except NobodyError as error:
        folder.cleanup()
        return _page(asked, status=404, error=str(error))
    except BaseException:
        folder.cleanup()
        raise
    shown = quote(f"right-call-{name}.zip")
    return FileResponse(
        place, media_type="application/zip", background=BackgroundTask(folder.cleanup),
        headers={"content-disposition": f"attachment; filename*=utf-8''{shown}", "cache-control": "no-store"},
    )  # fmt: skip


def erase(asked: Asked, name: Name, again: Name = "") -> Response:
    """Erase one trainee, whose name was typed once more."""
    web = asked.web
    if again.strip() != name:
        try:
            with web.records.reading() as connection:
                found = stored_about(connection, web.settings, name)
        except NobodyError as nobody:
            return _page(asked, status=404, error=str(nobody))
        error = f"Type {name} once more to erase it: nothing was erased"
        return web.page(asked, "data_trainee.html", status=422, name=name, found=found, error=error)
    try:
        erased = erase_trainee(web.settings, web.records, name, asked.visitor.name)
    except NobodyError as error:
        return _page(asked, status=404, error=str(error))
    except ErasureError as error:
        return _page(asked, status=409, error=str(error))
    return _page(asked, erased=erased)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
