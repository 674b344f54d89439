"""What works on this machine, and how to mend the rest: one check for each thing that a call leans on.

A check never raises: what goes wrong in it is its finding.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from server.settings import Settings, SettingsError, load

State = Literal["good", "weak", "bad"]
"""`weak`: calls work, but something is missing; `bad`: calls do not work."""

OLDEST_PYTHON = (3, 11)
FREE_BYTES = 500_000_000
"""Below this, disk space is weak: about two hours of recorded calls at 64 kB a second."""
LEAST_BYTES = 20_000_000
"""Below this, not even a long call fits."""
SAMPLE = "Hello, police? There is somebody in my garden."


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found; `mend` says what to do about it, empty where nothing is needed."""

    name: str
    state: State
    what: str
    mend: str = ""


def examine() -> Iterator[Finding]:
    """All findings, each as soon as it is known."""
    yield _guarded("python", python)
    yield _guarded("packages", packages)
    try:
        settings = load()
    except SettingsError as error:
        yield Finding("settings", "bad", str(error), "correct it; the other checks need it")
        return
    yield Finding("settings", "good", f"home is {settings.home}")
    for name, check in CHECKS.items():
        yield _guarded(name, lambda check=check: check(settings))  # type: ignore[misc] # bound at once


def _guarded(name: str, check: Callable[[], Finding]) -> Finding:
    """The check's finding; what it raises is bad news that says itself how to mend it."""
    try:
        return check()
    except Exception as error:  # noqa: BLE001 - a doctor reports whatever is wrong
        return Finding(name, "bad", f"{error}" or type(error).__name__, "")


def python() -> Finding:
    """The interpreter."""
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < OLDEST_PYTHON:
        return Finding("python", "bad", f"Python {version} is too old", "install Python 3.11 or newer")
    return Finding("python", "good", f"Python {version}")


def packages() -> Finding:
    """Whether everything that Right Call asks for is installed."""
    from importlib.metadata import PackageNotFoundError, requires, version

    asked = [row for row in requires("rightcall") or [] if "extra ==" not in row]
    names = [row.partition(";")[0].strip(" ") for row in asked if "sys_platform" not in row or sys.platform in row]
    missing = []
    for name in (_bare(row) for row in names):
        try:
            version(name)
        except PackageNotFoundError:
            missing.append(name)
    if missing:
        return Finding("packages", "bad", f"missing: {', '.join(missing)}", "python -m pip install -e .")
    return Finding("packages", "good", f"all {len(names)} are installed")


def _bare(requirement: str) -> str:
    """`vosk>=0.3.45` as `vosk`."""
    for place, letter in enumerate(requirement):
        if not (letter.isalnum() or letter in "-_."):
            return requirement[:place]
    return requirement


def home(settings: Settings) -> Finding:
    """The home folder: writable, with room."""
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=settings.home) as file:
            file.write(b"x" * 4096)
    except OSError as error:
        mend = "free space or mend its rights, or name another folder by RIGHTCALL_HOME"
        return Finding("home", "bad", f"{settings.home} cannot be written: {error.strerror}", mend)
    free = shutil.disk_usage(settings.home).free
    what = f"{settings.home} is writable, {free / 1e9:.1f} GB free"
    if free < FREE_BYTES:
        state: State = "bad" if free < LEAST_BYTES else "weak"
        return Finding("home", state, what, "free some space: a minute of a call takes 4 MB")
    return Finding("home", "good", what)


def database(settings: Settings) -> Finding:
    """The database answers, and this version can use it; it is not brought up to date here."""
    from sqlalchemy import create_engine

    from server.database import address_of
    from server.migrating import newest, step_of

    address = address_of(settings.database_url)
    shown = address.render_as_string(hide_password=True)
    engine = create_engine(address)
    try:
        with engine.connect() as connection:
            step = step_of(connection)
    finally:
        engine.dispose()
    if step is not None and step > newest():
        mend = "use the newer version of Right Call that wrote it, or restore a backup from before"
        return Finding("database", "bad", f"{shown} belongs to a newer version (step {step})", mend)
    return Finding("database", "good", shown)


def ear(settings: Settings) -> Finding:
    """The recogniser loads and hears a second of silence as nothing."""
    from voice.choice import choose_ear

    began = time.perf_counter()
    chosen = choose_ear(settings.ear, settings.ear_model, settings.models_folder, language=settings.language)
    hearing = chosen.listen(16000)
    hearing.feed(bytes(32000))
    hearing.finish()
    hearing.close()
    return Finding("ear", "good", f"{chosen.name} is ready after {time.perf_counter() - began:.1f} s")


def models(settings: Settings) -> Finding:
    """Vosk models, which are a choice and no need."""
    from voice.models import installed

    names = [model.name for model in installed(settings.models_folder)]
    return Finding("models", "good", ", ".join(names) or "no Vosk model; the moonshine ear needs none")


def mouth(settings: Settings) -> Finding:
    """The synthesiser speaks a sentence."""
    import asyncio

    from voice.mouth import Pyttsx3Mouth, Speech
    from voice.voices import ACCENTS, delivery

    async def speak() -> Finding:
        spoken_by = Pyttsx3Mouth(slots=1)
        await spoken_by.start()
        try:
            voices = await spoken_by.voices()
            espeak = any(voice.id.startswith("gmw/") for voice in voices)
            voice = ACCENTS["rp"] if espeak or not voices else voices[0].id
            began = time.perf_counter()
            frame = await spoken_by.render(Speech(SAMPLE, voice, delivery(60, 40, "plain")))
            seconds = time.perf_counter() - began
        finally:
            await spoken_by.close()
        if not any(frame.samples):
            return Finding("mouth", "bad", f"{spoken_by.engine} gave only silence", MOUTH_MEND)
        what = f"{spoken_by.engine}, {len(voices)} voices; {frame.seconds:.1f} s of speech in {seconds:.2f} s"
        return Finding("mouth", "good", what)

    del settings
    return asyncio.run(speak())


MOUTH_MEND = "on Linux: python -m pip install espeakng-loader; elsewhere install a system voice"


def sound(settings: Settings) -> Finding:
    """Microphone and loudspeaker, which only `practice` and `play` need."""
    from audio.device import DeviceError, list_devices

    del settings
    without = "`rightcall demo` and `rightcall rehearse` work without"
    try:
        devices = list_devices()
    except DeviceError as error:
        return Finding("sound", "weak", str(error), without)
    missing = [
        what
        for what, there in (
            ("microphone", any(device.inputs for device in devices)),
            ("loudspeaker", any(device.outputs for device in devices)),
        )
        if not there
    ]
    if missing:
        return Finding("sound", "weak", f"no {' and no '.join(missing)}", f"plug in a headset; {without}")
    return Finding("sound", "good", "; ".join(map(str, devices)))


def trainee_voices(settings: Settings) -> Finding:
    """flite, with which the demo's trainee can speak calls that are not in the box."""
    del settings
    if shutil.which("flite"):
        return Finding("flite", "good", "the demo's trainee can speak any seed")
    mend = "for other seeds: sudo apt install flite; without it a voice is used that recognisers misread"
    return Finding("flite", "weak", "not installed: the demo has its trainees for each script's own seed only", mend)


CHECKS: dict[str, Callable[[Settings], Finding]] = {
    "home": home,
    "database": database,
    "ear": ear,
    "models": models,
    "mouth": mouth,
    "sound": sound,
    "flite": trainee_voices,
}
"""Every check that needs the settings, in the order shown."""
