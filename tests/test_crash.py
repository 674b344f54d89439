"""What a crash, a full disk and two desks cost: real processes, really killed."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import textwrap
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from audio.recording import repair
from scripts.events import Answered, Tick
from scripts.force import default_force
from server.call_files import CallFiles
from server.keeping import Keeper, LogWriter
from server.records import Records
from server.remarking import remark
from sound_card import ROOT, wait_until

RATE = 16_000
CALL = """
import asyncio, sys
from pathlib import Path
from fakes import HummingMouth, ScriptedEar, Watcher
from server.call_scripts import call_script
from server.calls import run_call
from server.engines import prepare
from server.settings import load
from server.synthetic import SyntheticHandset

async def main():
    ear = ScriptedEar(["what's the address of the emergency"] * 50)
    async with prepare(load(Path(sys.argv[1])), ear=ear, mouth=HummingMouth()) as engines:
        call = call_script("burglary-in-progress")
        handset = SyntheticHandset([], rang_for=0.0)
        result = await run_call(engines, call, handset, Watcher(), seed=1)
        print(result.stopped, result.marksheet.score)

asyncio.run(main())
"""


@contextmanager
def calling(home: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A process in the middle of a call, and the call's id; the call has run for a second and more."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}
    child = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(CALL), str(home)],
        env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        wait_until(lambda: any(size(path) > 4 * RATE * 1.5 for path in home.glob("calls/*/recording.wav")))
        yield child, next(home.glob("calls/*")).name
    finally:
        child.kill()
        child.communicate()


def size(path: Path) -> int:
    return path.stat().st_size


def test_a_killed_call_is_listed_as_interrupted_and_everything_of_it_can_be_used(tmp_path: Path) -> None:
    files = CallFiles(tmp_path / "calls")
    url = f"sqlite:///{tmp_path / 'rightcall.db'}"
    with calling(tmp_path) as (child, call_id), Records(url, files) as records:
        assert [call.state for call in records.calls()] == ["in_progress"]
        written = size(files.recording(call_id))
        child.kill()
        child.wait()
        assert [call.state for call in records.calls()] == ["interrupted"]

        with wave.open(str(files.recording(call_id))) as recording:
            assert recording.getnframes() >= written / 4 - RATE
        assert repair(files.recording(call_id)) >= (written - 44) / 4 / RATE - 0.02

        with files.log(call_id).open("a") as log:
            log.write('{"at":1.0,"li')  # as a power cut may leave it
        assert isinstance(files.entries(call_id)[0], Answered)
        sheet = remark(files, records, call_id, files.sheet(call_id).script(), default_force()).now
        stored = records.call(call_id)
        assert stored is not None
        assert (stored.state, stored.score) == ("interrupted", sheet.score)


def test_ctrl_c_in_mid_call_ends_it_cleanly_with_its_marks(tmp_path: Path) -> None:
    import signal

    with calling(tmp_path) as (child, call_id):
        child.send_signal(signal.SIGINT)
        said, wrong = child.communicate(timeout=20)
        assert said.startswith("True "), wrong
        files = CallFiles(tmp_path / "calls")
        assert files.marksheet(call_id).is_file()
        with Records(f"sqlite:///{tmp_path / 'rightcall.db'}", files) as records:
            assert [call.state for call in records.calls()] == ["finished"]


FULL_DISK = """
import asyncio, resource, sys
from pathlib import Path
from audio.frame import silence
from scripts.events import Tick
from server.keeping import Keeper

async def main():
    folder = Path(sys.argv[1])
    other = Keeper(folder / "other.jsonl", folder / "other.wav", 16000)
    full = Keeper(folder / "full.jsonl", folder / "full.wav", 16000)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000))
    other.entry(Tick(1.0))
    for step in range(2000):
        full.entry(Tick(float(step)))
        full.sound(silence(0.02, 16000), silence(0.02, 16000))
    await full.close()
    await other.close()
    print(full.saved, full.acknowledged, other.saved, other.acknowledged)
    while trouble := full.trouble():
        print(trouble)

asyncio.run(main())
"""


def test_a_full_disk_is_told_and_harms_no_other_call(tmp_path: Path) -> None:
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    child = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path)], env=env, text=True, capture_output=True, check=True
    )
    told = child.stdout.splitlines()
    saved, acknowledged, other_saved, other_acknowledged = told[0].split()
    assert (saved, other_saved, other_acknowledged) == ("False", "True", "1")
    lines = (tmp_path / "full.jsonl").read_bytes().count(b"\n")
    assert int(acknowledged) <= lines < 2000
    assert sorted(line.split()[0] for line in told[1:]) == ["recording", "the"]
    assert all("call goes on" in line.lower() and "free some space" in line for line in told[1:])


def test_a_log_whose_disk_refuses_is_never_written_again(tmp_path: Path) -> None:
    log = LogWriter(tmp_path / "log.jsonl")
    log.append("one")
    log.sync()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4, hard))
    try:
        log.append("two")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    log.append("three")
    log.close()
    assert log.acknowledged == 1
    assert log.broken is not None
    assert "after 1 lines" in log.broken
    assert (tmp_path / "log.jsonl").read_text() == "one\n"


async def test_everything_handed_over_is_written_when_the_keeper_closes(tmp_path: Path) -> None:
    keeper = Keeper(tmp_path / "log.jsonl", tmp_path / "recording.wav", RATE)
    for step in range(100):
        keeper.entry(Tick(float(step)))
    await keeper.close()
    assert keeper.saved
    assert keeper.acknowledged == 100
    assert (tmp_path / "log.jsonl").read_bytes().count(b"\n") == 100
