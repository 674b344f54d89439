"""The training room: the pages of trainees, put into an app by `install`."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from urllib.parse import quote

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles

from scripts.parsing import ScriptError
from server import (
    web_account,
    web_agreement,
    web_assign,
    web_board,
    web_calibrate,
    web_console,
    web_data,
    web_debrief,
    web_desk,
    web_dial,
    web_dispute,
    web_openapi,
    web_out,
    web_pins,
    web_print,
    web_quick,
    web_record_store,
    web_review,
    web_shelf,
    web_shift,
)
from server.access import ANYONE, NOBODY
from server.accounts import Accounts
from server.browser_calls import BrowserCalls
from server.call_files import CallFiles, CallFilesError
from server.records import Records, RecordsError
from server.settings import Settings
from server.shelf_choices import ShelfChoices
from server.site import Site
from server.web_base import LOOPBACK, PAGES, Asking, SignInFirst, Web, web_of
from server.web_data import keeping_of
from server.web_guard import Guard
from server.web_record_store import sending_of

ROUTERS = (
    web_account,
    web_desk,
    web_console,
    web_data,
    web_debrief,
    web_dial,
    web_quick,
    web_review,
    web_dispute,
    web_shelf,
    web_shift,
    web_agreement,
    web_calibrate,
    web_assign,
    web_board,
    web_openapi,
    web_out,
    web_pins,
    web_print,
    web_record_store,
)


class OpenToAll(Exception):  # noqa: N818 - a state of the site, not a mistake
    """The pages would be open to a network without accounts; the message says how to make one."""


def install(app: FastAPI, site: Site) -> Web:
    """Add the pages to the app. Raises RecordsError when the database cannot be used."""
    files = CallFiles(site.settings.calls_folder)
    records = Records(site.settings.database_url, files)
    web = Web(site, records, Accounts(records), files, BrowserCalls(files, site.settings.wrap_up))
    app.state.web = web
    site.catalogue.off = ShelfChoices(records).off

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        tasks = [task for task in (sending_of(web), keeping_of(web)) if task]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await web.shifts.close()
            await web.calls.close()
            await asyncio.to_thread(web.checks.aside.close)
            web.quick.close()
            records.close()

    pages = APIRouter(lifespan=lifespan)
    for module in ROUTERS:
        pages.include_router(module.router())
    app.include_router(pages)
    app.mount("/static", StaticFiles(directory=PAGES / "static"), name="static")
    app.add_middleware(Guard)
    for error, answer in ERRORS.items():
        app.add_exception_handler(error, answer)
    return web


def check_address(host: str, settings: Settings) -> None:
    """Refuse to open the pages to a network before there are accounts. Raises OpenToAll."""
    if host in LOOPBACK:
        return
    with Records(settings.database_url, CallFiles(settings.calls_folder)) as records:
        if not Accounts(records).exist():
            raise OpenToAll(
                f"at {host} everybody on the network could open these pages, and there are no accounts yet. "
                "Make the first: rightcall account NAME --role administrator. Or serve this machine alone: "
                "rightcall serve --host 127.0.0.1"
            )


def _sign_in_first(request: Request, _error: Exception) -> Response:
    if request.method not in ("GET", "HEAD"):
        return _problem(request, 401, "Sign in first, then do it again.")
    if not web_of(request).accounts.exist():
        wanted = "" if request.url.path == "/" else f"?next={quote(request.url.path)}"
        return RedirectResponse(f"/welcome{wanted}", 303)
    return RedirectResponse(f"/sign-in?next={quote(request.url.path)}", 303)


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for it alone
    return _problem(request, error.status_code, str(error.detail))


def _misshapen(request: Request, _error: Exception) -> Response:
    return _problem(request, 422, "Something in that form is missing or of another kind than expected.")


def _failed(request: Request, error: Exception) -> Response:
    return _problem(request, 503, str(error))


def _problem(request: Request, status: int, text: str) -> Response:
    if "text/html" not in request.headers.get("accept", ""):
        return PlainTextResponse(text, status)
    asking = Asking(web_of(request), NOBODY, ANYONE, request.url.path)
    return asking.web.page(asking, "problem.html", status=status, text=text, number=status)


ERRORS = {
    SignInFirst: _sign_in_first,
    HTTPException: _refused,
    RequestValidationError: _misshapen,
    RecordsError: _failed,
    CallFilesError: _failed,
    ScriptError: _failed,
}
