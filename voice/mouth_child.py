"""The child process that holds pyttsx3: `python -m voice.mouth_child FOLDER`, asked and answering over its pipes.

It speaks the protocol of `voice/mouth_process.py`. Traps of pyttsx3 2.99 that this file is shaped by: it prints
to standard output (so answers go over a copy of it); its espeak driver keeps one text and one file name (so one
line at a time, and an empty run would repeat the last); espeak's own thread takes settings in late and ends
lines early, so that some come out at the former line's rate, empty, or as the former line (so it gets none);
it swallows errors into a callback; the container it writes is not always the one that was asked for.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib.metadata
import json
import os
import signal
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

from audio.codec import resample
from audio.frame import SAMPLE_BYTES, Frame
from audio.wav import WavError, read_wav

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

QUIET = 0.005
"""Share of the line's loudest sample under which it is silence."""
LEAD_SECONDS, TAIL_SECONDS = 0.005, 0.05
"""What is kept of the silence before and after: a caller starts at once and never ends in a click."""

Message = dict[str, object]


class Engine(Protocol):
    """What we use of a pyttsx3 engine."""

    def setProperty(self, name: str, value: object) -> None: ...  # noqa: N802 - pyttsx3's own name
    def getProperty(self, name: str) -> object: ...  # noqa: N802 - pyttsx3's own name
    def save_to_file(self, text: str, filename: str) -> None: ...
    def runAndWait(self) -> None: ...  # noqa: N802 - pyttsx3's own name
    def connect(self, topic: str, cb: Callable[..., None]) -> object: ...


def main() -> None:
    """Answer requests until standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for our parent, which then closes our input
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    try:
        speaker = Speaker(Path(sys.argv[1]))
    except Exception as error:  # noqa: BLE001 - whatever an engine raises, our parent must hear of it
        _send(answers, {"error": _no_engine(error)})
        return
    _send(answers, {"engine": speaker.name})
    while request := _receive(sys.stdin.buffer):
        _send(answers, *_answer(speaker, request))


def _answer(speaker: Speaker, request: Message) -> tuple[Message, bytes]:
    try:
        if "voices" in request:
            return {"voices": speaker.voices()}, b""
        samples = speaker.render(request)
    except Exception as error:  # noqa: BLE001 - as above
        return {"error": f"the speech engine refused: {error}"}, b""
    return {"bytes": len(samples)}, samples


class Speaker:
    """The one engine of this process; it writes in `folder`, which our parent clears away."""

    def __init__(self, folder: Path) -> None:
        version = _preload_espeak() if sys.platform.startswith("linux") else ""
        import pyttsx3

        if version:
            _make_espeak_wait()
        self._engine: Engine = pyttsx3.init()
        self._errors: list[str] = []
        self._engine.connect("error", lambda **what: self._errors.append(str(what.get("exception"))))
        self._path = folder / "line.wav"
        self.name = f"pyttsx3 {importlib.metadata.version('pyttsx3')} {sys.platform} {version}".strip()

    def voices(self) -> list[Message]:
        found = self._engine.getProperty("voices")
        return [_described(voice) for voice in found] if isinstance(found, list) else []

    def render(self, request: Message) -> bytes:
        """The line's samples at the rate that the request's `format` names."""
        self._path.unlink(missing_ok=True)
        self._errors.clear()
        for setting, key in (("voice", "voice"), ("rate", "rate_wpm"), ("pitch", "pitch"), ("volume", "volume")):
            self._engine.setProperty(setting, request[key])
        self._engine.save_to_file(str(request["text"]), str(self._path))
        self._engine.runAndWait()
        if self._errors:
            raise RuntimeError(self._errors[0])
        with contextlib.suppress(FileNotFoundError):
            return resample(_trimmed(read_wav(self._path.read_bytes())), int(str(request["format"]))).samples
        raise WavError("it wrote no sound")


def _preload_espeak() -> str:
    """Load the espeak-ng that pip installed; pyttsx3's `libespeak-ng.so.1` then means this one. Its version."""
    try:
        import espeakng_loader
    except ImportError:
        return "system espeak-ng"
    ctypes.CDLL(espeakng_loader.get_library_path(), mode=ctypes.RTLD_GLOBAL)
    os.environ["ESPEAK_DATA_PATH"] = espeakng_loader.get_data_path()
    return f"espeakng-loader {importlib.metadata.version('espeakng-loader')}"


def _make_espeak_wait() -> None:
    """Let espeak work in the caller's thread, before pyttsx3 starts it in the mode that uses its own.

    In this mode espeak does not report a message's end, on which the driver writes its file: we report it.
    """
    from pyttsx3.drivers import _espeak

    _espeak.AUDIO_OUTPUT_RETRIEVAL = _espeak.AUDIO_OUTPUT_SYNCHRONOUS
    synthesise = _espeak.Synth
    ended = (_espeak.EVENT * 1)()
    ended[0].type = _espeak.EVENT_MSG_TERMINATED

    def synthesise_to_the_end(text: bytes, flags: int) -> None:
        synthesise(text, flags=flags)
        _espeak.SynthCallback(None, 0, ended)

    _espeak.Synth = synthesise_to_the_end


def _described(voice: object) -> Message:
    languages = getattr(voice, "languages", None) or [""]
    first = languages[0]
    language = first.decode("ascii", "ignore") if isinstance(first, bytes) else str(first)
    gender = str(getattr(voice, "gender", "")).lower().removeprefix("voicegender")
    sex = gender if gender in {"female", "male"} else None
    return {"id": getattr(voice, "id", ""), "name": getattr(voice, "name", ""), "language": language, "sex": sex}


def _trimmed(frame: Frame) -> Frame:
    """The frame without the silence around its sound."""
    import numpy as np

    samples: NDArray[np.int32] = np.abs(np.frombuffer(frame.samples, dtype="<i2").astype(np.int32))
    loud = np.flatnonzero(samples > QUIET * samples.max(initial=0))
    if not loud.size:
        return Frame(b"", frame.rate)
    start = max(0, int(loud[0]) - round(LEAD_SECONDS * frame.rate))
    end = int(loud[-1]) + round(TAIL_SECONDS * frame.rate)
    return Frame(frame.samples[SAMPLE_BYTES * start : SAMPLE_BYTES * end], frame.rate)


def _no_engine(error: Exception) -> str:
    mend = {
        "linux": "reinstall Right Call, which brings espeak-ng, or run: sudo apt install espeak-ng",
        "darwin": "reinstall Right Call, which brings pyobjc for the voices of macOS",
        "win32": "install a voice under Settings, Time and language, Speech",
    }.get(sys.platform, "install espeak-ng")
    return f"pyttsx3 finds no speech engine ({error}): {mend}"


def _receive(pipe: BinaryIO) -> Message | None:
    length = pipe.read(4)
    if len(length) < 4:
        return None
    message: Message = json.loads(pipe.read(struct.unpack(">I", length)[0]))
    return message


def _send(pipe: BinaryIO, message: Message, samples: bytes = b"") -> None:
    text = json.dumps(message).encode()
    with contextlib.suppress(BrokenPipeError):
        pipe.write(struct.pack(">I", len(text)) + text + samples)
        pipe.flush()


if __name__ == "__main__":
    main()
