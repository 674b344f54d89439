"""A learning record store on a real socket: it holds every statement to the published shapes (xAPI 1.0.3, part two).

`answers` are given, one a request, before it behaves: a status, a status with words or headers, or `hang`.
"""

from __future__ import annotations

import asyncio
import base64
import json
import queue
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

import jsonschema
import uvicorn
from fastapi import FastAPI, Request, Response

KEY, SECRET = "room", "a secret of this test"
DURATION = re.compile(r"PT(?=\d)(\d+H)?(\d+M)?(\d+(\.\d{1,2})?S)?")
LANGUAGES = {"type": "object", "minProperties": 1, "additionalProperties": {"type": "string"}}
AGENT = {
    "type": "object", "additionalProperties": False, "required": ["account"],
    "properties": {
        "objectType": {"const": "Agent"},
        "account": {
            "type": "object", "additionalProperties": False, "required": ["homePage", "name"],
            "properties": {"homePage": {"format": "iri"}, "name": {"type": "string", "minLength": 1}},
        },
    },
}  # fmt: skip
REFERENCE = {
    "type": "object", "additionalProperties": False, "required": ["objectType", "id"],
    "properties": {"objectType": {"const": "StatementRef"}, "id": {"format": "uuid"}},
}  # fmt: skip
ACTIVITY = {
    "type": "object", "additionalProperties": False, "required": ["id"],
    "properties": {
        "objectType": {"const": "Activity"}, "id": {"format": "iri"},
        "definition": {
            "type": "object", "additionalProperties": False,
            "properties": {"type": {"format": "iri"}, "name": LANGUAGES, "description": LANGUAGES},
        },
    },
}  # fmt: skip
STATEMENT = {
    "type": "object", "additionalProperties": False, "required": ["id", "actor", "verb", "object", "timestamp"],
    "properties": {
        "id": {"format": "uuid"}, "actor": AGENT, "timestamp": {"format": "timestamp"},
        "verb": {
            "type": "object", "additionalProperties": False, "required": ["id"],
            "properties": {"id": {"format": "iri"}, "display": LANGUAGES},
        },
        "object": {"oneOf": [ACTIVITY, REFERENCE]},
        "result": {
            "type": "object", "additionalProperties": False,
            "properties": {
                "completion": {"type": "boolean"}, "success": {"type": "boolean"}, "duration": {"format": "duration"},
                "score": {
                    "type": "object", "additionalProperties": False,
                    "properties": {
                        "scaled": {"type": "number", "minimum": -1, "maximum": 1}, "raw": {"type": "number"},
                        "min": {"type": "number"}, "max": {"type": "number"},
                    },
                },
                "extensions": {"type": "object", "propertyNames": {"format": "iri"}},
            },
        },
        "context": {
            "type": "object", "additionalProperties": False,
            "properties": {
                "registration": {"format": "uuid"}, "instructor": AGENT, "statement": REFERENCE,
                "platform": {"type": "string"}, "revision": {"type": "string"}, "language": {"type": "string"},
            },
        },
    },
}  # fmt: skip
"""What of the specification Right Call has any use for; anything else is refused."""


def _uuid(text: object) -> bool:
    return isinstance(text, str) and str(UUID(text)) == text


def _iri(text: object) -> bool:
    return isinstance(text, str) and bool(urlsplit(text).scheme) and bool(urlsplit(text).netloc)


def _timestamp(text: object) -> bool:
    return isinstance(text, str) and datetime.fromisoformat(text).tzinfo is not None


def _duration(text: object) -> bool:
    return isinstance(text, str) and bool(DURATION.fullmatch(text))


FORMATS = jsonschema.FormatChecker(formats=())
FORMATS.checkers |= {
    "uuid": (_uuid, ValueError), "iri": (_iri, ValueError), "timestamp": (_timestamp, ValueError),
    "duration": (_duration, ()),
}  # fmt: skip


def complaint(statement: object) -> str:
    """What is wrong with a statement; empty where nothing is."""
    try:
        jsonschema.Draft202012Validator(STATEMENT, format_checker=FORMATS).validate(statement)
    except jsonschema.ValidationError as error:
        return f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"
    assert isinstance(statement, dict)
    score = statement.get("result", {}).get("score")
    if score and not (score["min"] <= score["raw"] <= score["max"]):
        return "result/score: raw is out of its range"
    if "revision" in statement.get("context", {}) and statement["object"]["objectType"] != "Activity":
        return "context/revision: only where the object is an activity"
    voids = statement["verb"]["id"].endswith("/voided")
    if voids != (statement["object"]["objectType"] == "StatementRef"):
        return "object: voided is said of a statement, and of nothing else"
    return ""


@dataclass
class Store:
    """What the store has, in the order of its coming. `base` is the endpoint."""

    base: str = ""
    answers: queue.SimpleQueue[int | str | tuple[int, str, dict[str, str]]] = field(default_factory=queue.SimpleQueue)
    statements: dict[str, dict[str, object]] = field(default_factory=dict)
    bodies: list[bytes] = field(default_factory=list)
    asked: int = 0
    complaints: list[str] = field(default_factory=list)
    let_go: threading.Event = field(default_factory=threading.Event)
    arrived: threading.Condition = field(default_factory=threading.Condition)

    def wait_for(self, number: int) -> None:
        """Until so many statements are there."""
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.statements) >= number, 60), self.complaints

    def wait_until_asked(self) -> None:
        """Until a first request is there."""
        with self.arrived:
            assert self.arrived.wait_for(lambda: self.asked > 0, 60)

    def verbs(self) -> list[str]:
        return [str(one["verb"]["id"]).rsplit("/", 1)[-1] for one in self.statements.values()]  # type: ignore[index] # held to the shape


@contextmanager
def record_store() -> Iterator[Store]:
    """A store that listens on this machine while the block runs."""
    store = Store()
    app = FastAPI(openapi_url=None)

    async def put(request: Request) -> Response:
        return await _put(store, request)

    async def get(request: Request) -> Response:
        found = store.statements.get(request.query_params["statementId"])
        return Response(json.dumps(found) if found else "none", 200 if found else 404)

    app.put("/xapi/statements")(put)
    app.get("/xapi/statements")(get)
    listener = socket.create_server(("127.0.0.1", 0))
    store.base = f"http://127.0.0.1:{listener.getsockname()[1]}/xapi"
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", ws="none", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([listener])), name="record store")
    thread.start()
    try:
        yield store
    finally:
        store.let_go.set()
        server.should_exit = True
        thread.join()
        listener.close()


async def _put(store: Store, request: Request) -> Response:
    body = await request.body()
    store.bodies.append(body)
    with store.arrived:
        store.asked += 1
        store.arrived.notify_all()
    if not store.answers.empty():
        wanted = store.answers.get()
        if wanted == "hang":
            await asyncio.to_thread(store.let_go.wait)
            return Response(status_code=503)
        if wanted == "take and fail":
            _keep(store, json.loads(body))
            return Response("lost the database", 500)
        status, words, headers = wanted if isinstance(wanted, tuple) else (int(wanted), "not now", {})
        return Response(words, status, headers)
    wrong = _refusal(store, request, body)
    if wrong:
        store.complaints.append(wrong[1])
        return Response(wrong[1], wrong[0])
    _keep(store, json.loads(body))
    return Response(status_code=204)


def _refusal(store: Store, request: Request, body: bytes) -> tuple[int, str] | None:
    expected = "Basic " + base64.b64encode(f"{KEY}:{SECRET}".encode()).decode()
    if request.headers.get("authorization") != expected:
        return 401, "no such key"
    if request.headers.get("x-experience-api-version") != "1.0.3":
        return 400, "which version?"
    statement = json.loads(body)
    if wrong := complaint(statement):
        return 400, wrong
    if statement["id"] != request.query_params.get("statementId"):
        return 400, "another id in the address"
    known = store.statements.get(statement["id"])
    return (409, "there is another statement of that id") if known and known != statement else None


def _keep(store: Store, statement: dict[str, object]) -> None:
    with store.arrived:
        store.statements.setdefault(str(statement["id"]), statement)
        store.arrived.notify_all()
