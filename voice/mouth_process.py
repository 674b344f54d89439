"""One child process that speaks: started, asked, and ended for certain.

On the pipes, both ways: four bytes of length, a JSON object, and where the object names `bytes` so many bytes
of 16-bit samples.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import struct
import sys
import tempfile
from pathlib import Path

START_SECONDS = 15.0
"""For a child to import pyttsx3 and find its engine; 0.3 s on a free core."""
RENDERS_ONCE = sys.platform == "darwin"
"""Apple's synthesiser hangs on its second line in one process: there each child speaks once."""


class MouthError(Exception):
    """Nothing can be spoken; the message says why and what to do."""


class ChildLost(Exception):  # noqa: N818 - the world's doing, named as such
    """The child died, or was late and has been killed."""


class MouthProcess:
    """A child, started when first needed and again when lost. Requests take turns."""

    def __init__(self) -> None:
        self._child: asyncio.subprocess.Process | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._ended = False
        self._turn = asyncio.Lock()

    @property
    def pid(self) -> int | None:
        """The running child's number."""
        return self._child.pid if self._child and self._child.returncode is None else None

    async def start(self, seconds: float = START_SECONDS) -> str:
        """Start the child; returns its engine's name and version. Raises MouthError where it has none."""
        async with self._turn:
            return await self._start(seconds)

    async def _start(self, seconds: float = START_SECONDS) -> str:
        await self._kill()
        self._folder = tempfile.TemporaryDirectory(prefix="rightcall-mouth-")
        self._child = child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "voice.mouth_child", self._folder.name,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": _import_path()},
        )  # fmt: skip
        try:
            hello, _ = await self._answer(child, seconds)
        except ChildLost as lost:
            raise MouthError(f"the speech engine does not start: {lost}") from lost
        if "error" in hello:
            await self._kill()
            raise MouthError(f"{hello['error']}")
        return str(hello["engine"])

    async def ask(self, request: dict[str, object], seconds: float) -> tuple[dict[str, object], bytes]:
        """One reply with its sound. Raises ChildLost, or MouthError with the engine's own complaint."""
        async with self._turn:
            return await self._ask(request, seconds)

    async def _ask(self, request: dict[str, object], seconds: float) -> tuple[dict[str, object], bytes]:
        if self._ended:
            raise MouthError("the mouth is closed")
        if self.pid is None:
            await self._start()
        child = self._child
        if child is None or child.stdin is None:
            raise ChildLost("it did not start")
        with contextlib.suppress(ConnectionError):  # a dead child: its missing answer tells
            child.stdin.write(_packed(request))
            await child.stdin.drain()
        reply, samples = await self._answer(child, seconds)
        if RENDERS_ONCE:
            await self._kill()
        if "error" in reply:
            raise MouthError(str(reply["error"]))
        return reply, samples

    async def end(self) -> None:
        """End the child, in the middle of a word if need be."""
        self._ended = True
        self._signal()  # who waits for an answer sees the end of the pipe, and makes way
        async with self._turn:
            await self._kill()

    async def _answer(self, child: asyncio.subprocess.Process, seconds: float) -> tuple[dict[str, object], bytes]:
        """What the child says in time. Late, dead or no longer awaited: it is killed, as its pipe is out of step."""
        try:
            async with asyncio.timeout(seconds):
                return await _read(child)
        except TimeoutError as late:
            await self._kill()
            raise ChildLost(f"no answer within {seconds:.1f} s") from late
        except asyncio.IncompleteReadError as dead:
            await self._kill()
            raise ChildLost(f"it ended with code {child.returncode}") from dead
        except BaseException:
            await self._kill()
            raise

    def _signal(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            if self._child and self._child.returncode is None:
                self._child.kill()

    async def _kill(self) -> None:
        self._signal()
        child, self._child = self._child, None
        if child:
            with contextlib.suppress(ConnectionError):
                await child.communicate()
        if self._folder:
            self._folder.cleanup()


async def _read(child: asyncio.subprocess.Process) -> tuple[dict[str, object], bytes]:
    if child.stdout is None:
        raise asyncio.IncompleteReadError(b"", 4)
    (length,) = struct.unpack(">I", await child.stdout.readexactly(4))
    header: dict[str, object] = json.loads(await child.stdout.readexactly(length))
    size = header.get("bytes", 0)
    return header, await child.stdout.readexactly(size) if isinstance(size, int) else b""


def _packed(message: dict[str, object]) -> bytes:
    text = json.dumps(message).encode()
    return struct.pack(">I", len(text)) + text


def _import_path() -> str:
    """Where the child finds our packages, however this process found them."""
    here = str(Path(__file__).parent.parent)
    return os.pathsep.join(filter(None, [here, os.environ.get("PYTHONPATH")]))
