"""The server: one FastAPI app made of routers, each in its own module. No module-level state."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

import uvicorn
from fastapi import FastAPI, Request

from server import exchange, phone, web
from server.engines import Engines
from server.settings import Settings
from server.site import Site

MOST_BYTES = 65_536
"""Of one socket message: the largest that a telephone or a browser has reason to send is under 2 kB."""


def create_app(settings: Settings, engines: Engines | None = None) -> FastAPI:
    """The app. `engines` that are given are used and not released; otherwise they load in the background."""
    site = Site(settings, engines)

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with site.running(), app.state.exchange.listening():
            yield

    app = FastAPI(title="Right Call", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.site = site
    app.get("/health")(health)
    phone.install(app, site)
    exchange.install(app, exchange.Exchange(site, app.state.phone.pins))
    web.install(app, site)
    return app


def health(request: Request) -> dict[str, object]:
    """Whether calls can be taken: `ok`, `starting`, or `failed` and why."""
    site: Site = request.app.state.site
    if site.failure is not None:
        return {"status": "failed", "why": site.failure}
    return {"status": "ok" if site.engines is not None else "starting"}


def server(app: FastAPI, host: str, port: int) -> uvicorn.Server:
    """A server for the app, to be run with `await server.serve()`; `port` 0 takes any.

    No access log (addresses hold telephone numbers), no trust in forwarded headers, no compression of sound.
    """
    config = uvicorn.Config(
        app, host=host, port=port, ws="websockets-sansio", ws_max_size=MOST_BYTES, ws_per_message_deflate=False,
        proxy_headers=False, server_header=False, access_log=False, log_level="warning",
        timeout_graceful_shutdown=10,
    )  # fmt: skip
    return uvicorn.Server(config)
