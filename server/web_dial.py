"""Having a trainee rung, by an account or by another program, and how such a call goes on.

`POST /phone/calls` takes JSON and answers with JSON. A browser's page sends its session and the CSRF token as
everywhere; a program sends `Authorization: Bearer` with the site's API token and needs neither.
"""

from __future__ import annotations

import asyncio
import hmac
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException
from pydantic import BaseModel, ConfigDict, Field, field_validator
from starlette.requests import HTTPConnection  # noqa: TC002 - FastAPI reads it at run time
from starlette.responses import JSONResponse, Response

from server.assignment_records import Assignments
from server.phone import Phone
from server.phone_admin import PhoneAdmin, PhoneAdminError
from server.phone_calls import CALL_SID, Dialled
from server.phone_problems import line_problems
from server.pins import NUMBER
from server.web_base import Web, asking, web_of

MOST_LETTERS = 120
PROGRAM = "a program with the API token"
"""Who placed a call, in the site's journal."""
SCHEME = "bearer "


class Asked(BaseModel):
    """What is to be dialled: a number with its country, a call of the shelf, who trains, what is drawn for it."""

    model_config = ConfigDict(extra="forbid")

    number: str
    script: Annotated[str, Field(max_length=MOST_LETTERS)]
    trainee: Annotated[str, Field(max_length=MOST_LETTERS)] = ""
    seed: Annotated[int | None, Field(ge=1, le=9999)] = None

    @field_validator("number")
    @classmethod
    def number_with_its_country(cls, value: str) -> str:
        number = value.replace(" ", "")
        if not NUMBER.fullmatch(number):
            raise ValueError("write it with its country, as +447700900123")
        return number


async def dialler(connection: HTTPConnection) -> str:
    """Who asks, once it is certain that they may. Raises what becomes 401 or 403."""
    given = connection.headers.get("authorization", "")
    if not given:
        return (await asking(connection)).visitor.name
    token = web_of(connection).settings.api_token.get_secret_value()
    right = given[: len(SCHEME)].lower() == SCHEME and hmac.compare_digest(
        given[len(SCHEME) :].strip().encode(), token.encode()
    )
    if not token or not right:
        raise HTTPException(401, "That is not this site's API token (RIGHTCALL_API_TOKEN)")
    return PROGRAM


By = Annotated[str, Depends(dialler)]


def router() -> APIRouter:
    """The routes of this module."""
    routes = APIRouter()
    routes.post("/phone/calls")(dial)
    routes.get("/phone/calls/{sid}")(progress)
    return routes


async def dial(connection: HTTPConnection, by: By, asked: Asked) -> Response:
    """Place the call: 201 with its id. Whoever answers presses a key to take it."""
    web, phone = web_of(connection), _phone(connection)
    _check_line(web, phone)
    await asyncio.to_thread(_check_call, web, asked)
    try:
        call = await asyncio.to_thread(_place, web, phone, asked)
    except PhoneAdminError as error:
        raise HTTPException(502, str(error)) from error
    dialled = Dialled(call, asked.script, asked.trainee or asked.number, by)
    phone.calls.placed(dialled)
    await asyncio.to_thread(web.accounts.note, by, "rang a trainee", f"{asked.script} {call}")
    return JSONResponse(_told(phone, dialled), 201, {"Location": f"/phone/calls/{call}"})


async def progress(connection: HTTPConnection, by: By, sid: str) -> Response:  # noqa: ARG001 - asks who it is
    """How a call that was placed here goes on, as the network told it."""
    phone = _phone(connection)
    dialled = phone.calls.dialled(sid) if CALL_SID.fullmatch(sid) else None
    if dialled is None:
        raise HTTPException(404, "No call of that id was placed by this server since it started")
    return JSONResponse(_told(phone, dialled))


def _told(phone: Phone, dialled: Dialled) -> dict[str, object]:
    statuses = phone.calls.statuses(dialled.call) or ["queued"]
    return {
        "call": dialled.call, "script": dialled.script, "trainee": dialled.trainee, "by": dialled.by,
        "status": statuses[-1], "statuses": statuses,
    }  # fmt: skip


def _check_line(web: Web, phone: Phone) -> None:
    problems = line_problems(web.settings)
    if problems:
        raise HTTPException(503, "\n".join(f"{problem.what}: {problem.mend}" for problem in problems))
    refusal = phone.refusal()
    if refusal is not None:
        raise HTTPException(503, f"No call can be taken now; a caller would hear: {refusal}")


def _check_call(web: Web, asked: Asked) -> None:
    if asked.script not in web.shelf().paths():
        raise HTTPException(404, "There is no such call on the shelf")
    if asked.trainee and asked.script in Assignments(web.records).examined(asked.trainee):
        raise HTTPException(409, "That call is an examination of this trainee's, and is taken from their desk")


def _place(web: Web, phone: Phone, asked: Asked) -> str:
    return PhoneAdmin(web.settings, phone.rest).dial(asked.number, asked.script, asked.trainee, asked.seed)


def _phone(connection: HTTPConnection) -> Phone:
    phone = connection.app.state.phone
    assert isinstance(phone, Phone)  # noqa: S101 - set once by `phone.install`
    return phone
