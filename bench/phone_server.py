"""`python -m bench.phone_server HOME PORT EXCHANGE_PORT`: a server for the telephone's figures.

With `--scripted` the ear hears nothing and the mouth hums: what is left is the transport and the conductor.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from audio.frame import Frame
from audio.tones import tone
from server.app import create_app, server
from server.engines import Engines, prepare
from server.line_network import Place
from server.pauses import prevent_pauses
from server.settings import Settings
from voice.ear import Hearing, Transcript
from voice.mouth import MOUTH_RATE, Speech
from voice.voices import Voice

MOST_CALLS = 1000


def settings_of(home: Path, port: int, exchange: int) -> Settings:
    """A line that is whole, of nobody's account, and a port for an exchange."""
    return Settings(
        home=home,
        public_origin=f"http://localhost:{port}",
        twilio_account_sid="AC" + "0" * 32,
        twilio_auth_token=SecretStr("measured"),
        twilio_number="+441632960123",
        exchange_port=exchange,
        max_calls=MOST_CALLS,
        max_decode_lag=60.0,
    )


def place_of(settings: Settings, port: int) -> Place:
    token = settings.twilio_auth_token.get_secret_value()
    return Place(
        f"http://127.0.0.1:{port}", settings.public_origin, settings.twilio_account_sid, token, settings.twilio_number
    )


@dataclass
class DeafEar:
    """Hears nothing, at once."""

    name: str = "deaf"
    streams: bool = False

    def listen(self, rate: int) -> Hearing:  # noqa: ARG002 - the protocol's
        return DeafHearing()


class DeafHearing:
    def feed(self, samples: bytes) -> None: ...

    def peek(self) -> Transcript:
        return Transcript("")

    def finish(self) -> Transcript:
        return Transcript("")

    def close(self) -> None: ...


@dataclass
class HummingMouth:
    """Hums for as long as the words would take."""

    engine: str = "humming 1"

    async def start(self) -> None: ...

    async def render(self, speech: Speech) -> Frame:
        return tone((150.0,), max(0.5, len(speech.text.split()) / 3), MOUTH_RATE)

    async def voices(self) -> Sequence[Voice]:
        return []

    async def close(self) -> None: ...


@contextlib.asynccontextmanager
async def engines_of(settings: Settings, *, scripted: bool) -> AsyncIterator[Engines]:
    async with prepare(
        settings, ear=DeafEar() if scripted else None, mouth=HummingMouth() if scripted else None
    ) as all_:
        yield all_


async def serve(home: Path, port: int, exchange: int, *, scripted: bool) -> None:
    settings = settings_of(home, port, exchange)
    async with engines_of(settings, scripted=scripted) as engines:
        prevent_pauses()
        await server(create_app(settings, engines), "127.0.0.1", port).serve()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), scripted="--scripted" in sys.argv))
