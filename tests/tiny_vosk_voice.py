"""A voice for the tiny Vosk model: espeak-ng, which tells when each phone sounds."""

from __future__ import annotations

import ctypes
import itertools
from dataclasses import dataclass

import espeakng_loader
import numpy as np
from numpy.typing import NDArray

Sound = NDArray[np.float64]
RATE = 16_000
SILENCE = "_"


class _Event(ctypes.Structure):
    """espeak_EVENT of espeak-ng's speak_lib.h."""

    _fields_ = [
        ("type", ctypes.c_int),
        ("unique", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user", ctypes.c_void_p),
        ("string", ctypes.c_char * 8),
    ]


LIST_ENDS, PHONE_STARTS = 0, 7
SYNCHRONOUS, PHONE_EVENTS, UTF8 = 2, 1, 1
_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


@dataclass(frozen=True)
class Spoken:
    """Speech in 16-bit units at `RATE`, and when (seconds) each phone starts."""

    sound: Sound
    phones: tuple[tuple[str, float], ...]


class Espeak:
    """espeak-ng's own library: the program would not tell when its phones are spoken."""

    def __init__(self, voice: str = "en-us") -> None:
        self._library = ctypes.CDLL(espeakng_loader.get_library_path())
        data = espeakng_loader.get_data_path().encode()
        self._rate = self._library.espeak_Initialize(SYNCHRONOUS, 500, data, PHONE_EVENTS)
        self._callback = _CALLBACK(self._take)  # kept: the library calls it later
        self._library.espeak_SetSynthCallback(self._callback)
        self._library.espeak_SetVoiceByName(voice.encode())
        self._sound: list[NDArray[np.int16]] = []
        self._phones: list[tuple[str, float]] = []

    def say(self, text: str) -> Spoken:
        self._sound, self._phones = [], []
        line = text.encode()
        self._library.espeak_Synth(line, len(line) + 1, 0, 0, 0, UTF8, None, None)
        self._library.espeak_Synchronize()
        wave = np.concatenate(self._sound).astype(float)
        times = np.arange(int(len(wave) * RATE / self._rate)) * self._rate / RATE
        return Spoken(np.interp(times, np.arange(len(wave)), wave), tuple(self._phones))

    def _take(self, samples: ctypes._Pointer[ctypes.c_short], count: int, events: ctypes._Pointer[_Event]) -> int:
        if samples and count:
            self._sound.append(np.ctypeslib.as_array(samples, (count,)).copy())
        for event in itertools.takewhile(
            lambda each: each.type != LIST_ENDS, (events[at] for at in itertools.count())
        ):
            if event.type == PHONE_STARTS and (name := event.string.decode().replace(";", "")):
                name = SILENCE if name.startswith("_") else name
                self._phones.append((name, event.audio_position / 1000))
        return 0
