"""What a running server holds: the settings, and the engines once they are loaded.

The server answers at once; recogniser and voices are loaded in the background. Nothing here is shared between
processes, and nothing lives in a module.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from server.engines import Busy, Engines, prepare
from server.pauses import prevent_pauses
from server.settings import Settings
from server.shelving import Catalogue

log = logging.getLogger(__name__)


@dataclass
class Site:
    """One server's settings and engines. `ready` is set when they are loaded, or when they cannot be (`failure`)."""

    settings: Settings
    engines: Engines | None = None
    failure: str | None = None
    ready: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.catalogue = Catalogue(self.settings.scripts, self.settings.hide)

    def admit(self) -> Engines:
        """The engines, for one more call. Raises Busy, saying why there can be none now."""
        if self.failure is not None:
            raise Busy(f"the server cannot take calls: {self.failure}")
        if self.engines is None:
            raise Busy("the server is still starting: try again in a minute")
        load = self.engines.load
        if load.calls >= self.settings.max_calls:
            raise Busy(f"{load.calls} calls are in progress, and no more are allowed (RIGHTCALL_MAX_CALLS)")
        if load.calls and load.lag > load.most:
            raise Busy(f"{load.calls} calls are in progress and recognition lags {load.lag:.1f} s behind")
        return self.engines

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Load the engines in the background, unless they were given; release them afterwards."""
        if self.engines is not None:
            self.ready.set()
            yield
            return
        stop = asyncio.Event()
        keeping = asyncio.create_task(self._keep_engines(stop))
        try:
            yield
        finally:
            stop.set()
            if not self.ready.is_set():
                keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)

    async def _keep_engines(self, stop: asyncio.Event) -> None:
        """Hold the engines until `stop`: they are released where they were made, in this task."""
        try:
            async with prepare(self.settings, log.info) as engines:
                await asyncio.to_thread(self.catalogue.offered)
                prevent_pauses()
                self.engines = engines
                self.ready.set()
                await stop.wait()
                self.engines = None
        except Exception as error:
            self.failure = str(error) or type(error).__name__
            self.ready.set()
            log.exception("no calls can be taken")
