"""The script shelf for trainers: what is on it, whether it is fit to use, a typed rehearsal, and new scripts."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from random import SystemRandom
from typing import Annotated

from fastapi import APIRouter, File, Form, HTTPException, Query, UploadFile
from starlette.responses import JSONResponse, RedirectResponse, Response

from scripts.parsing import Problem, ScriptError
from scripts.shelf import NOTED, OWN_CALLS, Shelf, read
from scripts.softening import softened
from server.call_files import write_whole
from server.calls import LARGEST_SEED
from server.desk_page import OUTCOMES
from server.engines import read_force
from server.shelf_choices import ShelfChoices
from server.shelf_page import LONGEST_LINE, MOST_LINES, mistakes, typed_call
from server.typed import TYPED_HELP
from server.web_base import Asked, Asking, Web, pages_router
from server.web_debrief import RESULTS

NAME = re.compile(r"[a-z0-9][a-z0-9-]{1,59}", re.ASCII)
Text = Annotated[str, Form(max_length=60_000)]
Short = Annotated[str, Form(max_length=200)]
Lines = Annotated[
    list[Annotated[str, Form(max_length=LONGEST_LINE)]], Form(default_factory=list, max_length=MOST_LINES)
]


def router() -> APIRouter:
    """The routes of this module."""
    routes = pages_router()
    routes.get("/shelf")(shelf)
    routes.post("/shelf")(switch)
    routes.get("/shelf/new")(new)
    routes.post("/shelf/new")(upload)
    routes.get("/shelf/{name}")(script)
    routes.get("/shelf/{name}/check")(check)
    routes.post("/shelf/{name}/rehearsal")(rehearse)
    return routes


# --- what is on it --------------------------------------------------------------------------------------------------


def shelf(asked: Asked) -> Response:
    web = asked.web
    scripts, problems = web.scripts.on(_whole(web))
    off = ShelfChoices(web.records).off()
    return web.page(
        asked, "shelf.html", scripts=scripts, problems=problems, off=off, by_settings=set(web.settings.hide),
        on_offer=web.shelf().paths(), noted=NOTED, own=OWN_CALLS, paths=_whole(web).paths(),
    )  # fmt: skip


def switch(asked: Asked, name: Short, on: Short = "") -> Response:
    """Put a call on the shelf, or take it off for everybody at this site; `noted` is all with a content note."""
    web = asked.web
    if name != NOTED and name not in _whole(web).paths():
        raise HTTPException(404, "There is no such call on the shelf")
    ShelfChoices(web.records).switch(name, asked.visitor.name, on=bool(on))
    web.accounts.note(asked.visitor.name, "switched a call on" if on else "switched a call off", name)
    return RedirectResponse("/shelf", 303)


def script(asked: Asked, name: str, seed: Annotated[int, Query(ge=0, le=LARGEST_SEED)] = 0) -> Response:
    """One script: what it is about, what check says of it, what its rehearsals try, and a call with it by typing."""
    web = asked.web
    path = _path(web, name)
    try:
        found = read(path)
    except ScriptError as error:
        return web.page(asked, "shelf_broken.html", name=name, problems=error.problems)
    return web.page(
        asked, "shelf_script.html", script=found, seed=seed or SystemRandom().randint(1, LARGEST_SEED),
        own=path.parent == OWN_CALLS,
        checked=web.checks.of(path, read_force(web.settings)), help=TYPED_HELP, on_offer=name in web.shelf().paths(),
        results=RESULTS, outcomes=OUTCOMES, longest=LONGEST_LINE,
    )  # fmt: skip


def check(asked: Asked, name: str) -> JSONResponse:
    """What check says of a script: `{"problems": [...], "tried": 30, "all": 34}`."""
    web = asked.web
    checked = web.checks.of(_path(web, name), read_force(web.settings))
    found = checked.coverage
    return JSONResponse(
        {
            "problems": [str(problem) for problem in checked.problems],
            "tried": found.tried if found else None,
            "all": found.all if found else None,
        }
    )


def rehearse(
    asked: Asked, name: str, lines: Lines, seed: Annotated[int, Form(ge=1, le=LARGEST_SEED)], end: Short = ""
) -> JSONResponse:
    """The typed call after all these lines. The page sends them all each time; nothing is stored."""
    web = asked.web
    found = read(_path(web, name))
    chosen = softened(found) if web.settings.soften_swearing else found
    force = read_force(web.settings)
    return JSONResponse(web.checks.aside.run(typed_call, chosen, seed, lines, force, end=bool(end)))


def _whole(web: Web) -> Shelf:
    """Every script, those that are switched off too."""
    return Shelf(web.settings.scripts)


def _path(web: Web, name: str) -> Path:
    path = _whole(web).paths().get(name)
    if path is None:
        raise HTTPException(404, "There is no such call on the shelf")
    return path


# --- new ones -------------------------------------------------------------------------------------------------------


def new(asked: Asked) -> Response:
    return _new(asked)


def _new(asked: Asking, problems: tuple[Problem, ...] = (), **given: str) -> Response:
    shown = {"name": "", "text": "", "rehearsal": "", "replace": "", **given}
    return asked.web.page(
        asked, "shelf_new.html", status=422 if problems else 200, problems=problems, given=shown,
        folder=asked.web.settings.uploads_folder,
    )  # fmt: skip


async def upload(
    asked: Asked,
    file: Annotated[UploadFile | None, File()] = None,
    rehearsal_file: Annotated[UploadFile | None, File()] = None,
    name: Short = "",
    text: Text = "",
    rehearsal: Text = "",
    replace: Short = "",
) -> Response:
    """Put a script on the shelf once it has no mistakes; until then its text stays in the page, with each mistake."""
    import asyncio

    if file is not None and file.filename:
        name, text = name or Path(file.filename).stem, _decoded(await file.read())
    if rehearsal_file is not None and rehearsal_file.filename:
        rehearsal = _decoded(await rehearsal_file.read())
    return await asyncio.to_thread(_take_in, asked, name.strip(), text, rehearsal, replace)


def _decoded(data: bytes) -> str:
    """What is no UTF-8 is kept as far as it can be read: the mistake will be named at its place."""
    return data.decode("utf-8-sig", errors="replace")


def _take_in(asked: Asking, name: str, text: str, rehearsal: str, replace: str) -> Response:
    web = asked.web
    problems = tuple(_unfit(web, name, text, rehearsal, replace=bool(replace)))
    if problems:
        return _new(asked, problems, name=name, text=text, rehearsal=rehearsal, replace=replace)
    folder = web.settings.uploads_folder
    _put(folder / f"{name}.toml", text)
    if rehearsal.strip():
        _put(folder / "rehearsals" / f"{name}.toml", rehearsal)
    web.accounts.note(asked.visitor.name, "put a call on the shelf", name)
    return RedirectResponse(f"/shelf/{name}", 303)


def _unfit(web: Web, name: str, text: str, rehearsal: str, *, replace: bool) -> list[Problem]:
    if not NAME.fullmatch(name):
        return [Problem("name", "", "a call's name has 2 to 60 small letters, digits and dashes, as in lost-dog")]
    if "\N{REPLACEMENT CHARACTER}" in text + rehearsal:
        return [
            Problem(
                f"{name}.toml",
                "",
                "some of it is no UTF-8: save it as UTF-8. Those letters are shown as \N{REPLACEMENT CHARACTER}",
            )
        ]
    if name in _whole(web).paths() and not replace:
        return [Problem("name", "", f"there is a call {name} already: choose another name, or tick “replace”")]
    return web.checks.aside.run(mistakes, name, text, rehearsal, read_force(web.settings))


def _put(path: Path, text: str) -> None:
    """Write the file; the one that it replaces is kept in `replaced`, with the time in its name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        kept = path.parent / "replaced"
        kept.mkdir(exist_ok=True)
        path.rename(kept / f"{path.stem}-{datetime.now(UTC):%Y%m%d-%H%M%S-%f}.toml")
    write_whole(path, text.replace("\r\n", "\n").encode())
