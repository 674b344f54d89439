"""What the pages do, described for programs: to whoever is signed in, as JSON; there is no page of a third party."""

from __future__ import annotations

from fastapi import APIRouter, Request  # noqa: TC002 - FastAPI reads them at run time
from starlette.responses import JSONResponse

from server.openapi import describe
from server.web_base import Asked, pages_router


def router() -> APIRouter:
    """The routes of this module."""
    routes = pages_router()
    routes.get("/openapi.json", response_class=JSONResponse)(openapi)
    return routes


def openapi(asked: Asked, request: Request) -> JSONResponse:  # noqa: ARG001 - asks who it is
    """The description of every route of the pages (OpenAPI 3.1)."""
    return JSONResponse(describe(request.app))
