"""Recordings outlive crashes and full disks: real processes are killed, real limits are hit."""

import os
import signal
import subprocess
import sys
import wave
from pathlib import Path

import numpy as np
import pytest

from audio.frame import Frame, silence
from audio.recording import Recording, RecordingError, peaks, repair
from audio.wav import WavError, read_wav_channels, write_wav

STEP = silence(0.02, 16000)
ROOT = Path(__file__).parent.parent

WRITE_FOR_EVER = """
import sys
from pathlib import Path
from audio.frame import Frame
from audio.recording import Recording
recording = Recording(Path(sys.argv[1]))
for number in range(1, 30000):
    step = Frame(number.to_bytes(2, "little") * 320, 16000)
    recording.write(step, step)
    print(number, flush=True)
    sys.stdin.readline()
"""

WRITE_TO_A_FULL_DISK = """
import resource, sys
from pathlib import Path
from audio.frame import silence
from audio.recording import Recording, RecordingError
resource.setrlimit(resource.RLIMIT_FSIZE, (65001, 65001))
recording = Recording(Path(sys.argv[1]))
errors = []
for _ in range(200):
    try:
        recording.write(silence(0.02, 16000), silence(0.02, 16000))
    except RecordingError as error:
        errors.append(str(error))
recording.close()
print(len(errors), recording.broken, errors[0])
"""


def tone(value: int) -> Frame:
    return Frame(np.full(320, value, "<i2").tobytes(), 16000)


def test_the_trainee_is_left_and_the_caller_right(tmp_path: Path) -> None:
    recording = Recording(tmp_path / "call.wav")
    recording.write(tone(1), tone(2))
    recording.write(tone(3), tone(4))
    assert recording.seconds == 0.04
    recording.close()
    recording.close()
    left, right = read_wav_channels(tmp_path / "call.wav")
    assert left.samples == tone(1).samples + tone(3).samples
    assert right.samples == tone(2).samples + tone(4).samples


def test_frames_out_of_step_are_refused(tmp_path: Path) -> None:
    recording = Recording(tmp_path / "call.wav")
    with pytest.raises(ValueError, match="equal length at 16000 Hz, got 320 samples at 16000 Hz and 160"):
        recording.write(STEP, silence(0.01, 16000))
    recording.close()


def test_a_recording_never_replaces_another(tmp_path: Path) -> None:
    (tmp_path / "call.wav").write_bytes(b"kept")
    with pytest.raises(RecordingError, match="File exists"):
        Recording(tmp_path / "call.wav")
    assert (tmp_path / "call.wav").read_bytes() == b"kept"


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
@pytest.mark.parametrize("steps", [1, 49, 137])
def test_a_killed_process_loses_nothing_written_and_a_strict_reader_loses_a_second(
    steps: int, tmp_path: Path
) -> None:
    path = tmp_path / "call.wav"
    with subprocess.Popen(
        [sys.executable, "-c", WRITE_FOR_EVER, str(path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdin
        assert child.stdout
        for _ in range(steps):
            written = int(child.stdout.readline())
            child.stdin.write("\n")
            child.stdin.flush()
        os.kill(child.pid, signal.SIGKILL)
    with wave.open(str(path)) as file:
        assert written * 320 - file.getnframes() <= 16000
    left, _ = read_wav_channels(path)
    assert left.count >= written * 320
    assert repair(path) == left.seconds
    with wave.open(str(path)) as file:
        assert file.getnframes() == left.count


@pytest.mark.skipif(sys.platform == "win32", reason="needs RLIMIT_FSIZE")
def test_a_full_disk_is_told_once_and_leaves_a_file_that_plays(tmp_path: Path) -> None:
    path = tmp_path / "call.wav"
    done = subprocess.run(
        [sys.executable, "-c", WRITE_TO_A_FULL_DISK, str(path)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("1 True recording stopped after 1 s")
    assert "free some space" in done.stdout
    with wave.open(str(path)) as file:
        assert file.getnframes() == (65001 - 44) // 4
        assert len(file.readframes(file.getnframes())) == file.getnframes() * 4


def test_repair_leaves_a_foreign_file_alone(tmp_path: Path) -> None:
    write_wav(tmp_path / "line.wav", STEP)
    before = (tmp_path / "line.wav").read_bytes()
    with pytest.raises(WavError, match="another file"):
        repair(tmp_path / "line.wav")
    assert (tmp_path / "line.wav").read_bytes() == before


def test_peaks_show_lowest_and_highest_of_each_column(tmp_path: Path) -> None:
    recording = Recording(tmp_path / "call.wav")
    recording.write(tone(-16384), tone(0))
    recording.write(tone(8192), tone(0))
    recording.close()
    left, right = peaks(tmp_path / "call.wav", 2)
    assert left == [(-0.5, -0.5), (0.25, 0.25)]
    assert right == [(0.0, 0.0), (0.0, 0.0)]


def test_peaks_of_an_empty_recording_are_none(tmp_path: Path) -> None:
    Recording(tmp_path / "call.wav").close()
    assert peaks(tmp_path / "call.wav", 100) == [[], []]
