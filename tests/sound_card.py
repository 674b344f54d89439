"""A sound card in software: PulseAudio with two null sinks, one to hear through and one to speak into.

Use the session's one: import `running_sound_card` into a test module, name it in the module's `__all__`, and ask
for `sound_card`. PortAudio reads its surroundings when it starts, so what uses
the card runs in a child process with `sound_card.env`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ctypes.util import find_library
from dataclasses import dataclass
from pathlib import Path

import pytest

from audio.frame import SAMPLE_BYTES, Frame

ROOT = Path(__file__).parent.parent
RATE = 16000
ASOUNDRC = "pcm.!default { type pulse }\nctl.!default { type pulse }\n"
SERVER = [
    "pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--disallow-exit=no", "--use-pid-file=no",
    "-L", "module-native-protocol-unix", "-L", "module-null-sink sink_name=spk norewinds=1",
    "-L", "module-null-sink sink_name=mic norewinds=1",
]  # fmt: skip
"""`norewinds` keeps a sink's steps short; without it a sink that was idle first sleeps for two seconds."""
START_SECONDS = 20


def missing_package() -> str | None:
    """The Debian package that the sound card lacks here, if any."""
    plugins = [*Path("/usr/lib").glob("*/alsa-lib/libasound_module_pcm_pulse.so")]
    needs = {
        "pulseaudio": shutil.which("pulseaudio"),
        "pulseaudio-utils": shutil.which("paplay") and shutil.which("parec") and shutil.which("pactl"),
        "libportaudio2": find_library("portaudio"),
        "libasound2-plugins": plugins,
    }
    return next((package for package, found in needs.items() if not found), None)


@dataclass(frozen=True)
class SoundCard:
    """A running card. `env` is the environment for a process that uses it."""

    env: dict[str, str]
    server: subprocess.Popen[bytes]

    def play_into_microphone(self, wav: Path) -> None:
        """Speak the file into the microphone; returns when it has been said."""
        subprocess.run(["paplay", "-d", "mic", str(wav)], env=self.env, check=True, timeout=60)

    @contextmanager
    def record_loudspeaker(self, raw: Path) -> Iterator[None]:
        """Record what the loudspeaker says meanwhile; `heard(raw)` reads it."""
        command = [
            "parec",
            "-d",
            "spk.monitor",
            "--format=s16le",
            f"--rate={RATE}",
            "--channels=1",
            "--latency-msec=20",
        ]
        with raw.open("wb") as file, subprocess.Popen(command, env=self.env, stdout=file) as recorder:
            try:
                wait_until(lambda: raw.stat().st_size > 0)
                yield
            finally:
                recorder.terminate()

    @contextmanager
    def start(self, code: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
        """A child process that runs our code on this card; talk to it over its pipes. Waits for its end."""
        with subprocess.Popen(
            [sys.executable, "-c", code, *arguments],
            cwd=ROOT, env=self.env, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        ) as child:  # fmt: skip
            try:
                yield child
            except BaseException:
                child.kill()
                raise

    def run(self, code: str, *arguments: str) -> str:
        """What such a child process prints. Fails the test if it fails."""
        with self.start(code, *arguments) as child:
            said, _ = child.communicate(timeout=60)
        assert child.returncode == 0
        return said


def heard(raw: Path) -> Frame:
    """What `record_loudspeaker` wrote."""
    data = raw.read_bytes()
    return Frame(data[: len(data) // SAMPLE_BYTES * SAMPLE_BYTES], RATE)


@contextmanager
def started_sound_card(folder: Path) -> Iterator[SoundCard]:
    """A card of one's own, for tests that break it."""
    package = missing_package()
    if package:
        pytest.skip(f"needs the package {package}: sudo apt install {package}")
    runtime = folder / "run"
    runtime.mkdir(mode=0o700)
    (folder / ".asoundrc").write_text(ASOUNDRC)
    kept = {key: os.environ[key] for key in ("PATH", "LANG") if key in os.environ}
    env = {**kept, "HOME": str(folder), "XDG_RUNTIME_DIR": str(runtime), "PYTHONPATH": str(ROOT)}
    server = subprocess.Popen(SERVER, env=env, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: _pactl(env, "info"))
        assert _pactl(env, "set-default-sink", "spk")
        assert _pactl(env, "set-default-source", "mic.monitor")
        yield SoundCard(env, server)
    finally:
        server.terminate()
        server.wait(timeout=10)


@pytest.fixture(scope="session", name="sound_card")
def running_sound_card(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SoundCard]:
    """One card for all tests that leave it whole."""
    with started_sound_card(tmp_path_factory.mktemp("card")) as card:
        yield card


def wait_until(holds: Callable[[], bool]) -> None:
    """Look again and again until it holds; fails after `START_SECONDS`."""

    deadline = time.monotonic() + START_SECONDS
    while not holds():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def _pactl(env: dict[str, str], *words: str) -> bool:
    return subprocess.run(["pactl", *words], env=env, capture_output=True, check=False).returncode == 0
