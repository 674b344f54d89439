"""What every page needs: who asks and whether they may, the page's frame, and a request that is not forged.

A module of pages makes its router with `pages_router()`, enters each route in `access.RULES`, takes its visitor as
`Asking`, and answers with `web.page(asking, "name.html", ...)`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, HTTPException, Request, WebSocketException
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.requests import HTTPConnection  # noqa: TC002 - FastAPI reads it at run time
from starlette.responses import HTMLResponse, Response

from scripts.shelf import Shelf
from server.access import NOBODY, REVIEWERS, TRAINERS, Rule, Visitor, allowed, may_see, rule_for, visitor_of
from server.accounts import Accounts, Session
from server.assignment_records import Assignments
from server.browser_calls import BrowserCalls
from server.call_files import CALL_ID, CallFiles
from server.desk_page import KnownScripts
from server.engines import Engines
from server.quick_room import QuickRoom
from server.quick_scores import QuickScores
from server.records import Records
from server.settings import Settings
from server.shelf_choices import ShelfChoices
from server.shelf_page import KnownChecks
from server.shift_files import ShiftFiles
from server.shift_room import Shifts
from server.site import Site
from server.transcript import clock

PAGES = Path(__file__).parent / "pages"
COOKIE = "rightcall_session"
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost", "[::1]", "testclient"})
SAFE = frozenset({"GET", "HEAD"})
SEALED = "This call was an examination: its result comes once an assessor has signed it, or after the deadline"


class SignInFirst(Exception):  # noqa: N818 - where to go, not a mistake
    """The page is for those who are signed in."""


@dataclass
class Web:
    """What the pages of one app share. Made by `web.install`."""

    site: Site
    records: Records
    accounts: Accounts
    files: CallFiles
    calls: BrowserCalls
    scripts: KnownScripts = field(default_factory=KnownScripts)
    checks: KnownChecks = field(default_factory=KnownChecks)
    templates: Environment = field(default_factory=lambda: environment())  # noqa: PLW0108 - it stands below

    def __post_init__(self) -> None:
        self.quick = QuickRoom(self.site.settings, QuickScores(self.records))
        self.quick.off = ShelfChoices(self.records).off
        self.shifts = Shifts(ShiftFiles(self.site.settings.home / "shifts"))

    @property
    def settings(self) -> Settings:
        return self.site.settings

    def engines(self) -> Engines | None:
        """The engines once they are loaded."""
        return self.site.engines

    def shelf(self) -> Shelf:
        """What trainees can take: without what the settings hide, and what a trainer has switched off."""
        return Shelf(self.settings.scripts, self.hidden())

    def hidden(self) -> frozenset[str]:
        """Names of calls that are off at this site, or `noted` for all with a content note."""
        return frozenset(self.settings.hide) | ShelfChoices(self.records).off().keys()

    def page(self, asking: Asking, template: str, *, status: int = 200, **values: object) -> HTMLResponse:
        """A page in the common frame; the template has `visitor`, `csrf` and what is given here."""
        session = asking.visitor.session
        text = self.templates.get_template(template).render(
            visitor=asking.visitor, csrf=session.csrf if session else "", here=asking.path, **values
        )
        return HTMLResponse(text, status_code=status)


@dataclass(frozen=True, slots=True)
class Asking:
    """One request: who asks, by which rule they may, for what path."""

    web: Web
    visitor: Visitor
    rule: Rule
    path: str


def environment() -> Environment:
    """The templates. A name that is missing is a mistake, and every value is escaped."""
    made = Environment(
        loader=FileSystemLoader(PAGES / "templates"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {"reviewers": REVIEWERS, "trainers": TRAINERS}
    made.filters |= {"clock": clock, "when": when, "words": lambda text: str(text).replace("_", " ")}
    return made


def when(at: datetime) -> str:
    """A stored time as the people at this site write it: `21 Nov 14:02`."""
    local = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone()
    return f"{local.day} {local:%b %H:%M}"


def web_of(connection: HTTPConnection) -> Web:
    web = connection.app.state.web
    assert isinstance(web, Web)  # noqa: S101 - set once by `install`
    return web


async def asking(connection: HTTPConnection) -> Asking:
    """Who asks, once it is certain that they may. Raises what becomes 401 to 404, or a closed socket."""
    try:
        return await _admitted(connection)
    except (HTTPException, SignInFirst) as error:
        if connection.scope["type"] == "websocket":
            raise WebSocketException(1008, str(getattr(error, "detail", "Sign in first"))) from error
        raise


async def _admitted(connection: HTTPConnection) -> Asking:
    web = web_of(connection)
    socket = connection.scope["type"] == "websocket"
    method = "WEBSOCKET" if socket else connection.scope["method"]
    rule = rule_for(method, connection.scope["route"].path)
    visitor = await asyncio.to_thread(_visitor, web, connection)
    if not _same_origin(connection, web.settings, must=socket):
        raise HTTPException(403, "This request came from another site")
    if rule is None or not allowed(rule, visitor):
        raise HTTPException(403, "Your account may not do this") if visitor.session else SignInFirst
    if rule.owner:
        await asyncio.to_thread(_check_owner, web, visitor, rule, connection.path_params)
    if method not in SAFE and not socket and visitor.session and not await _token_fits(connection, visitor):
        raise HTTPException(403, "This page is out of date: go back, reload it, and try again")
    return Asking(web, visitor, rule, connection.url.path)


Asked = Annotated[Asking, Depends(asking)]
"""The parameter of every route: `def page(asked: Asked) -> Response`."""


def pages_router() -> APIRouter:
    """A router whose every route is held to `access.RULES`."""
    return APIRouter(dependencies=[Depends(asking)], default_response_class=HTMLResponse)


def keep_session(response: Response, request: Request, session: Session) -> Response:
    """Hand the browser its session; over https it goes over nothing else."""
    secure = request.headers.get("origin", "").startswith("https://") or request.url.scheme == "https"
    response.set_cookie(COOKIE, session.token, httponly=True, samesite="lax", secure=secure, path="/")
    return response


def local(connection: HTTPConnection) -> bool:
    """Whether the visitor sits at this machine and asked for it by its own name.

    A page of another site whose name was made to point here asks by that site's name.
    """
    host = connection.client.host if connection.client else ""
    asked_for = urlsplit(f"//{connection.headers.get('host', '')}").hostname or ""
    return host in LOOPBACK and asked_for in LOOPBACK | {"testserver"}


def _visitor(web: Web, connection: HTTPConnection) -> Visitor:
    token = connection.cookies.get(COOKIE)
    session = web.accounts.session(token) if token else None
    if session is None:
        return NOBODY
    if session.account is None and (not local(connection) or web.accounts.exist()):
        return NOBODY  # practising without an account ends when the site is set up
    return visitor_of(session, web.settings.trainee)


def _same_origin(connection: HTTPConnection, settings: Settings, *, must: bool) -> bool:
    """Whether the request comes from our own page. Browsers name their origin on every socket and every form."""
    origin = connection.headers.get("origin")
    if origin is None:
        return not must and connection.headers.get("sec-fetch-site") not in ("cross-site", "same-site")
    parts = urlsplit(origin)
    return origin == settings.public_origin or (
        parts.scheme in ("http", "https") and parts.netloc == connection.headers.get("host")
    )


async def _token_fits(connection: HTTPConnection, visitor: Visitor) -> bool:
    import hmac

    given: object = connection.headers.get("x-csrf-token")
    if given is None and isinstance(connection, Request):
        given = (await connection.form()).get("csrf")
    expected = visitor.session.csrf if visitor.session else ""
    return isinstance(given, str) and hmac.compare_digest(given.encode(), expected.encode())


def _check_owner(web: Web, visitor: Visitor, rule: Rule, path: Mapping[str, str]) -> None:
    """Raises 404 also for a call of somebody else: who may not see it does not learn that it exists."""
    call_id = path.get("call_id", "")
    trainee = web.shifts.trainee(path["shift_id"]) if "shift_id" in path else _trainee(web, call_id)
    if trainee is None or not may_see(rule, visitor, trainee):
        raise HTTPException(404, "There is no such call, or it is not yours")
    if not rule.sealed and sealed(web, visitor, trainee, call_id):
        raise HTTPException(403, SEALED)


def _trainee(web: Web, call_id: str) -> str | None:
    """Whose call it is; None where there is no such call."""
    live = web.calls.get(call_id)
    if live is None and CALL_ID.fullmatch(call_id):
        stored = web.records.call(call_id)
        return stored.trainee if stored else None
    return live.trainee if live else None


def sealed(web: Web, visitor: Visitor, trainee: str, call_id: str) -> bool:
    """Whether the visitor took this call as an examination whose result is not out."""
    mine = visitor.owns(trainee) and not visitor.guest
    return mine and call_id in Assignments(web.records).sealed([trainee])
