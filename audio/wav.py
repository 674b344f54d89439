"""Sound files: reads WAV and AIFF of 16 bits, writes WAV.

The standard library's reader trusts the sizes in the header. A recording cut short by a crash has stale ones,
and pyttsx3 on macOS writes AIFF whatever the file is called; so the container is told by its first bytes and
sizes follow from what is there.
"""

from __future__ import annotations

import os
import struct
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from audio.frame import SAMPLE_BYTES, Frame

PCM, EXTENSIBLE = 1, 0xFFFE
FORMATS = {2: "ADPCM", 3: "floating point", 6: "A-law", 7: "mu-law", 0x11: "ADPCM", 0x55: "MP3"}
MEND = "save it as a 16-bit PCM WAV file"
HEADER_BYTES = 44


class WavError(Exception):
    """A sound file cannot be read; the message names the file, the trouble and what to do."""


@dataclass(frozen=True, slots=True)
class _Layout:
    """How the samples of a file lie: interleaved channels of 16 bits."""

    channels: int
    rate: int
    order: str


def read_wav(source: Path | bytes) -> Frame:
    """The file as one mono frame at its own rate; several channels are mixed. Raises WavError."""
    channels = read_wav_channels(source)
    if len(channels) == 1:
        return channels[0]
    import numpy as np

    sides = [np.frombuffer(channel.samples, "<i2").astype(np.int32) for channel in channels]
    mixed = sum(sides[1:], start=sides[0]) // len(sides)
    return Frame(mixed.astype("<i2").tobytes(), channels[0].rate)


def read_wav_channels(source: Path | bytes) -> tuple[Frame, ...]:
    """One frame for each channel, in the file's order, all of one length. Raises WavError."""
    import numpy as np

    name, data = _load(source)
    layout, body = _open(name, data)
    whole = len(body) - len(body) % (SAMPLE_BYTES * layout.channels)
    samples = np.frombuffer(body[:whole], dtype=f"{layout.order}i2").astype("<i2")
    return tuple(
        Frame(samples[channel :: layout.channels].tobytes(), layout.rate) for channel in range(layout.channels)
    )


def wav_bytes(frame: Frame) -> bytes:
    """The frame as a whole mono WAV file."""
    return wav_header(len(frame.samples), frame.rate, 1) + frame.samples


def write_wav(path: Path, frame: Frame) -> None:
    """Write the frame as a mono WAV file; another reader sees the old file or the whole new one."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(wav_bytes(frame))
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def wav_header(data_bytes: int, rate: int, channels: int) -> bytes:
    """The 44 bytes that come before `data_bytes` of 16-bit samples (RIFF WAVE, Microsoft 1991)."""
    block = SAMPLE_BYTES * channels
    form = struct.pack("<HHIIHH", PCM, channels, rate, rate * block, block, 8 * SAMPLE_BYTES)
    size = min(data_bytes, 0xFFFFFFFF - HEADER_BYTES)
    return (
        b"RIFF" + struct.pack("<I", size + HEADER_BYTES - 8) + b"WAVE"
        b"fmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", size)
    )


def _load(source: Path | bytes) -> tuple[str, bytes]:
    if isinstance(source, bytes):
        return "the sound", source
    try:
        return str(source), source.read_bytes()
    except OSError as error:
        raise WavError(f"{source} cannot be read: {os.strerror(error.errno or 0)}") from error


def _open(name: str, data: bytes) -> tuple[_Layout, bytes]:
    container = data[:4], data[8:12]
    if container == (b"RIFF", b"WAVE"):
        return _open_wave(name, data)
    if container[0] == b"FORM" and container[1] in {b"AIFF", b"AIFC"}:
        return _open_aiff(name, data)
    kind = "is empty" if not data else "is neither WAV nor AIFF"
    raise WavError(f"{name} {kind}: {MEND}")


def _chunks(data: bytes, order: str) -> Iterator[tuple[bytes, bytes]]:
    """Name and body of each chunk. The last body reaches to the file's end where its size is stale."""
    at = 12
    while at + 8 <= len(data):
        name, size = struct.unpack_from(f"{order}4sI", data, at)
        end = at + 8 + size + size % 2
        if name in {b"data", b"SSND"} and not _is_chunk(data, end, order):
            end = len(data)
            size = end - at - 8
        yield name, data[at + 8 : at + 8 + size]
        at = end


def _is_chunk(data: bytes, at: int, order: str) -> bool:
    """Whether a further chunk starts here and fits; sound that runs past a stale size does not look so."""
    if at + 8 > len(data):
        return False
    name, size = struct.unpack_from(f"{order}4sI", data, at)
    return all(0x20 <= letter < 0x7F for letter in name) and at + 8 + size <= len(data)


def _open_wave(name: str, data: bytes) -> tuple[_Layout, bytes]:
    layout = None
    for chunk, body in _chunks(data, "<"):
        if chunk == b"fmt ":
            layout = _wave_layout(name, body)
        elif chunk == b"data" and layout:
            return layout, body
    raise _cut_short(name)


def _wave_layout(name: str, body: bytes) -> _Layout:
    if len(body) < 16:
        raise _cut_short(name)
    code, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", body)
    if code == EXTENSIBLE and len(body) >= 26:
        code = struct.unpack_from("<H", body, 24)[0]
    if code != PCM:
        raise WavError(f"{name} is compressed or coded ({FORMATS.get(code, f'format {code}')}): {MEND}")
    return _layout(name, channels, rate, bits, "<")


def _open_aiff(name: str, data: bytes) -> tuple[_Layout, bytes]:
    layout = None
    for chunk, body in _chunks(data, ">"):
        if chunk == b"COMM":
            layout = _aiff_layout(name, body, coded=data[8:12] == b"AIFC")
        elif chunk == b"SSND" and layout and len(body) >= 8:
            offset = struct.unpack_from(">I", body)[0]
            return layout, body[8 + offset :]
    raise _cut_short(name)


def _aiff_layout(name: str, body: bytes, *, coded: bool) -> _Layout:
    if len(body) < (22 if coded else 18):
        raise _cut_short(name)
    channels, _, bits, exponent, mantissa = struct.unpack_from(">hIhHQ", body)
    coding = body[18:22] if coded else b"NONE"
    if coding not in {b"NONE", b"twos", b"sowt"}:
        raise WavError(f"{name} is compressed or coded ({coding.decode('ascii', 'replace')}): {MEND}")
    rate = mantissa >> max(0, 16383 + 63 - exponent)  # an 80-bit float, whole for every rate in use
    return _layout(name, channels, rate, bits, "<" if coding == b"sowt" else ">")


def _layout(name: str, channels: int, rate: int, bits: int, order: str) -> _Layout:
    if bits != 8 * SAMPLE_BYTES:
        raise WavError(f"{name} has {bits}-bit samples, 16 are needed: {MEND}")
    if channels < 1 or rate < 1:
        raise WavError(f"{name} claims {channels} channels at {rate} Hz: {MEND}")
    return _Layout(channels, rate, order)


def _cut_short(name: str) -> WavError:
    return WavError(f"{name} ends before its sound begins: copy or record it again")
