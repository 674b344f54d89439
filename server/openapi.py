"""What every page does, as OpenAPI: FastAPI's own description, made true where pages differ from an API.

FastAPI knows the parameters, the forms and the models. What it cannot know stands here: that a form answers with a
redirection, that errors are told as text, who may do what (`access.RULES`), and the session with its token.
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from typing import TYPE_CHECKING

from fastapi.routing import APIRoute
from pydantic import JsonValue

from server.access import RULES, Rule
from server.web_base import COOKIE

if TYPE_CHECKING:
    from fastapi import FastAPI

Operation = dict[str, JsonValue]
Spec = dict[str, JsonValue]

STATUSES = {
    "200": "The page",
    "201": "Made",
    "206": "A part of the sound, as asked for by range",
    "303": "Done, or to be done elsewhere: go to the location",
    "400": "What was sent cannot be read",
    "401": "Sign in first",
    "403": "Your account may not do this, or the form did not come from our own page",
    "404": "There is no such thing, or it is not yours",
    "409": "It cannot be done as things stand; the text says why",
    "413": "Too much at once: 64 kB at most",
    "416": "There is no such range",
    "422": "Something is missing or of another kind than expected",
    "502": "The telephone network refused; the text says why",
    "503": "A part of the system cannot be used; the text says which and what to do",
}
SUCCESS = ("200", "201", "206", "303")
KINDS = {"JSONResponse": "application/json", "FileResponse": "audio/wav", "StreamingResponse": "text/event-stream"}
"""What a route answers with, by the type that it returns; others answer with a page."""
ROUNDS = "/quick/rounds/{round_id}"
ANSWERS = {
    "POST /quick/rounds": "application/json", f"GET {ROUNDS}": "application/json",
    f"POST {ROUNDS}/calls/{{place}}/ring": "audio/wav", f"POST {ROUNDS}/calls/{{place}}/answer": "application/json",
    "POST /phone/calls": "application/json", "GET /phone/calls/{sid}": "application/json",
    "POST /data/export": "application/zip",
}  # fmt: skip
"""What those answer with whose type does not tell."""
TEXT: JsonValue = {"type": "string"}
HEALTH = "/health"
ABOUT = "Everything that the pages do. Nothing of it is for other sites: sign in, and send the token."
SHOWS = {"POST /account/pin", "POST /pins", "POST /data/erase", "POST /data/retention"}
"""Forms that answer with a page when they are done: it shows what is shown only once."""
MORE: Mapping[str, tuple[str, ...]] = {
    "GET /welcome": ("303",), "GET /setup": ("403",), "POST /sign-in": ("401",), "POST /calls": ("404",),
    "GET /calls/{call_id}/recording": ("206", "400", "416"), "POST /phone/calls": ("201", "404", "502"),
    "POST /accounts": ("404",), "POST /assignments": ("404",), "GET /phone/calls/{sid}": ("401",),
}  # fmt: skip
"""Statuses that follow from no rule."""
SCHEMES: JsonValue = {
    "session": {"type": "apiKey", "in": "cookie", "name": COOKIE, "description": "Set by POST /sign-in"},
    "token": {
        "type": "apiKey", "in": "header", "name": "x-csrf-token",
        "description": "The token that each page carries as <meta name=csrf>; forms send it as the field csrf",
    },
    "program": {"type": "http", "scheme": "bearer", "description": "RIGHTCALL_API_TOKEN, for /phone/calls alone"},
}  # fmt: skip


def describe(app: FastAPI) -> Spec:
    """The description of the pages and of /health, as JSON values."""
    spec: Spec = copy.deepcopy(app.openapi())
    routes = dict(_routes())
    paths: dict[str, JsonValue] = {}
    for path, operations in _mapping(spec["paths"]).items():
        told = {
            method: _made_true(name, _mapping(operation), routes[name]) if name in RULES else operation
            for method, operation in _mapping(operations).items()
            if (name := f"{method.upper()} {path}") in RULES or path == HEALTH
        }
        if told:
            paths[path] = told
    spec["paths"] = paths
    spec["info"] = {"title": "Right Call", "version": version("rightcall"), "description": ABOUT}
    components = _mapping(spec.setdefault("components", {}))
    components["securitySchemes"] = SCHEMES
    for unused in ("HTTPValidationError", "ValidationError"):
        _mapping(components.get("schemas", {})).pop(unused, None)
    return spec


def _routes() -> Iterator[tuple[str, APIRoute]]:
    """Every route of the pages by the name that it has in the table of rules."""
    from server.web import ROUTERS  # this module is one of them

    for module in ROUTERS:
        for route in module.router().routes:
            if isinstance(route, APIRoute):
                yield from ((f"{method} {route.path}", route) for method in route.methods or ())


def _mapping(value: JsonValue) -> dict[str, JsonValue]:
    assert isinstance(value, dict)  # noqa: S101 - where the format has an object
    return value


def _made_true(name: str, operation: Operation, route: APIRoute) -> Operation:
    method = name.partition(" ")[0]
    rule, declared = RULES[name], _mapping(operation["responses"])
    kind = _kind(name, route)
    responses: dict[str, JsonValue] = {}
    for status in sorted(_statuses(name, rule, operation, kind)):
        responses[status] = _answer(status, declared.get(status, {}), kind)
    told = {**operation, "responses": responses}
    if not rule.anyone:
        session: dict[str, JsonValue] = {"session": []}
        told["security"] = [session if method == "GET" else {**session, "token": []}]
    return told


def _answer(status: str, declared: JsonValue, kind: str) -> JsonValue:
    """One answer. What the route itself declares of its kind stays; errors are told as text."""
    told: dict[str, JsonValue] = {"description": STATUSES[status]}
    if status == "303":
        return {**told, "headers": {"location": {"schema": {"type": "string"}}}}
    if status not in SUCCESS:
        return {**told, "content": {"text/html": {"schema": TEXT}, "text/plain": {"schema": TEXT}}}
    content = _mapping(_mapping(declared).get("content", {}))
    schema: JsonValue = {"type": "object"} if kind == "application/json" else TEXT
    own = _mapping(content.get(kind, {})).get("schema")
    return {**told, "content": {kind: {"schema": own or schema}}}


def _kind(name: str, route: APIRoute) -> str:
    """The media type of an answer that is no redirection and no error."""
    own = [kind for told in route.responses.values() for kind in told.get("content", {})]
    if own:
        return str(own[0])
    if name in ANSWERS:
        return ANSWERS[name]
    returns = inspect.signature(route.endpoint).return_annotation
    return KINDS.get(returns if isinstance(returns, str) else getattr(returns, "__name__", ""), "text/html")


def _statuses(name: str, rule: Rule, operation: Operation, kind: str) -> Iterator[str]:
    method = name.partition(" ")[0]
    page = kind == "text/html"
    if method == "GET" or not page or name in SHOWS:
        yield "200"
    if method == "GET" and (not rule.anyone):
        yield "303"
    if method != "GET":
        yield from ("303", "400", "403", "409", "413", "422") if page else ("400", "403", "409", "413", "422")
    if not rule.anyone:
        yield from ("403",) if method == "GET" else ("401", "403")
    if operation.get("parameters") or "requestBody" in operation:
        yield from ("404", "422")
    yield "503"
    yield from MORE.get(name, ())
