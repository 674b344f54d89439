"""The sound card: the only file that imports sounddevice, and only when a device is first wanted.

Microphone and loudspeaker are two streams: one duplex stream over two devices is unreliable on ALSA. Callbacks
run on PortAudio's own thread; they copy, count and hand over, nothing else. Both sides speak 16 kHz mono to the
rest of the program whatever the device accepts.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Literal, Protocol

from audio.codec import Resampler
from audio.frame import FRAME_SECONDS, SAMPLE_BYTES, Frame

DESK_RATE = 16000
OTHER_RATES = (48000, 44100, 32000, 8000)
"""Tried in this order where a device refuses `DESK_RATE` and its own default."""
LATENCY = 0.06
"""Seconds asked of PortAudio: three steps. Its default for callbacks is much longer, its lowest stutters."""
LOST_AFTER = 1.0
"""Seconds without a callback after which a device counts as unplugged."""
FIRST_WITHIN = 5.0
"""Seconds a device may take to wake up: a wireless headset needs two."""
CLOSE_WITHIN = 2.0
"""Seconds a device may take to stop."""
RING_FRAMES = 50
"""One second of microphone; when nobody reads, the oldest frame is dropped and counted."""
LONGEST_QUEUE = 60.0
"""Seconds the loudspeaker holds ready at most."""

Kind = Literal["input", "output"]

PORTAUDIO_MISSING = {
    "linux": "PortAudio is missing. Install it: sudo apt install libportaudio2 (or your system's `portaudio`)",
    "darwin": "PortAudio is missing. Install it: brew install portaudio",
}


class DeviceError(Exception):
    """A sound device cannot be used; the message says why and what to do."""


class DeviceLost(DeviceError):  # noqa: N818 - the world's doing, named as such
    """The device went away in mid-call."""


@dataclass(frozen=True, slots=True)
class Device:
    """One sound device. `host` is the system's interface it is reached through (ALSA, WASAPI, Core Audio)."""

    index: int
    name: str
    host: str
    inputs: int
    outputs: int
    rate: int

    def __str__(self) -> str:
        return f"{self.index}: {self.name}, {self.host}"

    def channels(self, kind: Kind) -> int:
        """How many channels it has of this kind; 0 means it cannot be used for it."""
        return self.inputs if kind == "input" else self.outputs


class Stream(Protocol):
    """What we use of a sounddevice stream."""

    active: bool
    latency: float

    def start(self) -> None: ...
    def abort(self) -> None: ...
    def close(self) -> None: ...


class Flags(Protocol):
    """What PortAudio tells a callback about sound that was lost before it."""

    input_overflow: bool
    output_underflow: bool


def list_devices() -> list[Device]:
    """Every device of this machine. Raises DeviceError where PortAudio is missing."""
    sounddevice = _sounddevice()
    hosts = [str(host["name"]) for host in sounddevice.query_hostapis()]
    return [
        Device(
            int(row["index"]), str(row["name"]), hosts[row["hostapi"]],
            int(row["max_input_channels"]), int(row["max_output_channels"]), round(row["default_samplerate"]),
        )
        for row in sounddevice.query_devices()
    ]  # fmt: skip


NO_DEFAULT = -1
"""PortAudio's number for a default that there is none of."""


def find_device(wanted: str | int | None, kind: Kind) -> Device:
    """The device of that number, or whose name (or `name, host`) holds the words; None is the system's default.

    Raises DeviceError, listing what there is, when none or several fit.
    """
    usable = [device for device in list_devices() if device.channels(kind)]
    there_is = "; ".join(map(str, usable))
    what = "microphone" if kind == "input" else "loudspeaker"
    if not usable:
        raise DeviceError(f"this machine has no {what}: plug one in, or take calls in a browser or by telephone")
    if wanted is None:
        wanted = int(_sounddevice().default.device[kind])
    if isinstance(wanted, int):
        fitting = [device for device in usable if device.index == wanted]
    else:
        fitting = _named(wanted, usable)
    if len(fitting) == 1:
        return fitting[0]
    trouble = f"{len(fitting)} {what}s are called {wanted!r}" if fitting else _missing(what, wanted)
    raise DeviceError(f"{trouble}; there is {there_is}")


def _missing(what: str, wanted: str | int) -> str:
    return f"no {what} is the system's default" if wanted == NO_DEFAULT else f"no {what} {wanted!r}"


def _named(wanted: str, devices: list[Device]) -> list[Device]:
    """By whole name first, then by part of `name, host`."""
    words = wanted.casefold()
    exact = [device for device in devices if device.name.casefold() == words]
    return exact or [device for device in devices if words in f"{device.name}, {device.host}".casefold()]


def _sounddevice() -> ModuleType:
    try:
        import sounddevice
    except OSError as error:
        mend = PORTAUDIO_MISSING.get(sys.platform, "reinstall Right Call: PortAudio comes with sounddevice")
        raise DeviceError(mend) from error
    module: ModuleType = sounddevice
    return module


@dataclass(frozen=True, slots=True)
class _Opened:
    stream: Stream
    rate: int
    channels: int


def _open(device: Device, kind: Kind, callback: Callable[..., None]) -> _Opened:
    """A started stream in the first form the device accepts. Raises DeviceError with its last refusal."""
    sounddevice = _sounddevice()
    make = sounddevice.RawInputStream if kind == "input" else sounddevice.RawOutputStream
    refusal = "it offers no form of sound we know"
    for rate, channels in _forms(device, kind):
        try:
            stream = make(
                samplerate=rate, blocksize=round(FRAME_SECONDS * rate), device=device.index, channels=channels,
                dtype="int16", latency=LATENCY, callback=callback,
            )  # fmt: skip
            stream.start()
        except sounddevice.PortAudioError as error:
            refusal = str(error)
            continue
        return _Opened(stream, rate, channels)
    raise DeviceError(f"{device} cannot be opened ({refusal}): close other programs that use it, or choose another")


def _forms(device: Device, kind: Kind) -> Iterator[tuple[int, int]]:
    for rate in dict.fromkeys((DESK_RATE, device.rate, *OTHER_RATES)):
        for channels in (1, 2):
            if channels <= device.channels(kind):
                yield rate, channels


def _left(samples: bytes, channels: int) -> bytes:
    """The first channel of interleaved samples."""
    if channels == 1:
        return samples
    import numpy as np

    return np.frombuffer(samples, dtype="<i2")[::channels].tobytes()


def _on_all(samples: bytes, channels: int) -> bytes:
    """Mono samples on every channel."""
    if channels == 1:
        return samples
    import numpy as np

    return np.repeat(np.frombuffer(samples, dtype="<i2"), channels).tobytes()


class Microphone:
    """Sound from a device, 20 ms at a time. Open with `await Microphone.open(...)`."""

    def __init__(self, device: Device) -> None:
        self.device = device
        self.dropped = 0
        """Frames lost because nobody read in time."""
        self.overruns = 0
        """Times the system lost sound before we saw it."""
        self._loop = asyncio.get_running_loop()
        self._patience = FIRST_WITHIN
        self._ring: deque[Frame] = deque()
        self._arrived = asyncio.Event()
        self._part = b""
        self._opened: _Opened | None = None
        self._resampler: Resampler | None = None

    @classmethod
    async def open(cls, wanted: str | int | None = None) -> Microphone:
        """Start listening. Raises DeviceError."""
        microphone = cls(await asyncio.to_thread(find_device, wanted, "input"))
        opened = await asyncio.to_thread(_open, microphone.device, "input", microphone._callback)
        microphone._opened = opened
        microphone._resampler = Resampler(opened.rate, DESK_RATE)
        return microphone

    async def read(self) -> Frame:
        """The next 20 ms at 16 kHz. Raises DeviceLost when the device has gone silent for good."""
        while not self._ring:
            self._arrived.clear()
            try:
                async with asyncio.timeout(self._patience):
                    await self._arrived.wait()
            except TimeoutError:
                raise DeviceLost(f"microphone {self.device} gives no more sound: is it still plugged in?") from None
        return self._ring.popleft()

    async def close(self) -> None:
        """Stop listening. Closing twice does no harm."""
        opened, self._opened = self._opened, None
        if opened:
            await _close(opened.stream)

    def _callback(self, samples: memoryview, _count: int, _time: object, flags: Flags) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended before the stream
            self._loop.call_soon_threadsafe(self._take, bytes(samples), bool(flags.input_overflow))

    def _take(self, samples: bytes, overrun: bool) -> None:
        self.overruns += overrun
        if not self._opened or not self._resampler:
            return
        self._part += self._resampler.feed(_left(samples, self._opened.channels))
        step = SAMPLE_BYTES * round(FRAME_SECONDS * DESK_RATE)
        while len(self._part) >= step:
            self._ring.append(Frame(self._part[:step], DESK_RATE))
            self._part = self._part[step:]
        while len(self._ring) > RING_FRAMES:
            self._ring.popleft()
            self.dropped += 1
        self._patience = LOST_AFTER
        self._arrived.set()


class Loudspeaker:
    """Sound to a device. Open with `await Loudspeaker.open(...)`.

    The queue is guarded by a lock held for microseconds. PortAudio warns of locks in callbacks, but a callback
    in Python waits for the interpreter's own lock anyway.
    """

    def __init__(self, device: Device) -> None:
        self.device = device
        self.underruns = 0
        """Times the system ran out of sound although we keep it filled."""
        self._lock = threading.Lock()
        self._queue = bytearray()
        self._consumed = 0
        self._passed: deque[tuple[float, int]] = deque(maxlen=100)
        self._lost_at = time.monotonic() + FIRST_WITHIN
        self._opened: _Opened | None = None
        self._resampler: Resampler | None = None

    @classmethod
    async def open(cls, wanted: str | int | None = None) -> Loudspeaker:
        """Start playing silence. Raises DeviceError."""
        loudspeaker = cls(await asyncio.to_thread(find_device, wanted, "output"))
        opened = await asyncio.to_thread(_open, loudspeaker.device, "output", loudspeaker._callback)
        loudspeaker._opened = opened
        loudspeaker._resampler = Resampler(DESK_RATE, opened.rate)
        return loudspeaker

    def write(self, frame: Frame) -> None:
        """Queue a frame at 16 kHz, of any length.

        Raises DeviceLost when the device has stopped taking sound, and DeviceError over `LONGEST_QUEUE`.
        """
        if frame.rate != DESK_RATE:
            raise ValueError(f"expected a frame at {DESK_RATE} Hz, got one at {frame.rate} Hz")
        if not self._opened or not self._resampler:
            raise DeviceError("the loudspeaker is closed")
        if time.monotonic() > self._lost_at or not self._opened.stream.active:
            raise DeviceLost(f"loudspeaker {self.device} takes no more sound: is it still plugged in?")
        if self.queued_seconds + frame.seconds > LONGEST_QUEUE:
            raise DeviceError(f"over {LONGEST_QUEUE:.0f} s are waiting to be played: write no faster than is heard")
        samples = _on_all(self._resampler.feed(frame.samples), self._opened.channels)
        with self._lock:
            self._queue += samples

    @property
    def queued_seconds(self) -> float:
        """What is written and not yet handed to the device."""
        return self._seconds(len(self._queue))

    @property
    def played_seconds(self) -> float:
        """How much of what was written has left the loudspeaker: handed over, and the device's delay ago."""
        if not self._opened:
            return self._seconds(self._consumed)
        until = time.monotonic() - self._opened.stream.latency
        with self._lock:
            passed = [consumed for at, consumed in self._passed if at <= until]
        return self._seconds(passed[-1]) if passed else 0.0

    def flush(self) -> float:
        """Drop what waits, at once; returns its seconds. What the device already holds (its delay) still sounds."""
        with self._lock:
            dropped = len(self._queue)
            self._queue.clear()
        if self._resampler and self._opened:
            dropped += len(self._resampler.flush()) * self._opened.channels  # written, and not yet in the queue
        return self._seconds(dropped)

    async def close(self) -> None:
        """Stop playing, whatever still waits. Closing twice does no harm."""
        opened, self._opened = self._opened, None
        if opened:
            await _close(opened.stream)

    def _seconds(self, size: int) -> float:
        return size / SAMPLE_BYTES / self._opened.rate / self._opened.channels if self._opened else 0.0

    def _callback(self, samples: memoryview, _count: int, _time: object, flags: Flags) -> None:
        now = time.monotonic()
        self.underruns += bool(flags.output_underflow)
        self._lost_at = now + LOST_AFTER
        size = len(samples)
        with self._lock:
            taken = self._queue[:size]
            del self._queue[:size]
            self._passed.append((now, self._consumed))
            self._consumed += len(taken)
        samples[:] = bytes(taken).ljust(size, b"\0")


async def _close(stream: Stream) -> None:
    """Stop and release the stream. One whose device was unplugged may refuse, or never return: it is abandoned."""
    done = threading.Event()

    def close() -> None:
        for step in (stream.abort, stream.close):
            with contextlib.suppress(_sounddevice().PortAudioError):
                step()
        done.set()

    threading.Thread(target=close, name="close a sound device", daemon=True).start()
    if not await asyncio.to_thread(done.wait, CLOSE_WITHIN):
        # PortAudio closes what is open when the process ends, and would wait for the lost device again, for ever.
        atexit.unregister(getattr(_sounddevice(), "_exit_handler", close))
