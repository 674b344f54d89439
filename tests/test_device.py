"""Microphone and loudspeaker over real PortAudio, on a sound card in software."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from audio.frame import Frame
from audio.pcm import floats, frame_of
from audio.wav import read_wav, write_wav
from sound_card import ROOT, SoundCard, heard, running_sound_card, started_sound_card

__all__ = ["running_sound_card"]  # the fixture `sound_card`

LISTEN = """
import asyncio, sys
from pathlib import Path
from audio import device
from audio.frame import join
from audio.pcm import level
from audio.wav import write_wav

if sys.argv[2] == "other form":
    device._forms = lambda *_: [(44100, 2)]

async def main():
    microphone = await device.Microphone.open()
    print("listening", flush=True)
    frame = await microphone.read()
    while level(frame) < -30:
        frame = await microphone.read()
    frames = [await microphone.read() for _ in range(40)]
    assert {frame.count for frame in frames} == {320}
    write_wav(Path(sys.argv[1]), join(frames, 16000))
    await microphone.close()
    await microphone.close()

asyncio.run(main())
"""

SPEAK = """
import asyncio, json, sys
from pathlib import Path
from audio import device
from audio.frame import silence
from audio.wav import read_wav

if sys.argv[2] == "other form":
    device._forms = lambda *_: [(44100, 2)]

async def until(holds):
    while not holds():
        await asyncio.sleep(0.01)

async def main():
    loudspeaker = await device.Loudspeaker.open()
    line = read_wav(Path(sys.argv[1]))
    loudspeaker.write(line)
    told = {"queued": loudspeaker.queued_seconds, "played at first": loudspeaker.played_seconds}
    if sys.argv[3] == "interrupt":
        await until(lambda: loudspeaker.played_seconds > 0.3)
        told["dropped"] = loudspeaker.flush()
        told["queued after"] = loudspeaker.queued_seconds
        loudspeaker.write(silence(0.2, 16000))
    await until(lambda: not loudspeaker.queued_seconds)
    before = loudspeaker.played_seconds
    await until(lambda: loudspeaker.played_seconds > line.seconds - told.get("dropped", 0) - 0.01)
    told["played when the queue ran out"] = before
    told["played"] = loudspeaker.played_seconds
    print(json.dumps(told), flush=True)
    sys.stdin.readline()
    await loudspeaker.close()

asyncio.run(main())
"""

LOSE = """
import asyncio, sys
from audio.device import DeviceLost, Loudspeaker, Microphone
from audio.frame import silence

async def main():
    microphone, loudspeaker = await Microphone.open(), await Loudspeaker.open()
    await microphone.read()
    print("running", flush=True)
    for wait in (microphone.read, lambda: asyncio.sleep(0.02, loudspeaker.write(silence(0.02, 16000)))):
        try:
            while True:
                await wait()
        except DeviceLost as lost:
            print(lost, flush=True)
    await microphone.close()
    await loudspeaker.close()

asyncio.run(main())
"""

DO_NOT_READ = """
import asyncio
from audio.device import RING_FRAMES, Microphone

async def main():
    microphone = await Microphone.open()
    while not microphone.dropped:
        await asyncio.sleep(0.02)
    print(len(microphone._ring) == RING_FRAMES)
    await microphone.close()

asyncio.run(main())
"""

FIND = """
import sys
from audio.device import DeviceError, find_device, list_devices

print([device.name for device in list_devices()])
print(find_device(None, "input").channels("input") > 0, find_device("PULSE", "output").name)
for wanted in ("violin", "a", 99):
    try:
        find_device(wanted, "input")
    except DeviceError as error:
        print(error)
"""

NO_PORTAUDIO = """
import ctypes.util
ctypes.util.find_library = lambda name: None
from audio.device import DeviceError, list_devices
try:
    list_devices()
except DeviceError as error:
    print(error)
"""


def tone(hertz: float, seconds: float) -> Frame:
    return frame_of(0.3 * np.sin(2 * np.pi * hertz * np.arange(round(16000 * seconds)) / 16000), 16000)


def pitch(frame: Frame) -> float:
    wave = floats(frame)
    return float(np.argmax(np.abs(np.fft.rfft(wave)))) * frame.rate / len(wave)


def sounding(frame: Frame) -> Frame:
    """From the first to the last loud sample."""
    loud = np.flatnonzero(np.abs(floats(frame)) > 0.05)
    return Frame(frame.samples[2 * loud[0] : 2 * loud[-1]], frame.rate)


@pytest.mark.parametrize("form", ["own form", "other form"])
def test_the_microphone_hears_what_is_said_in_whatever_form_the_device_gives_it(
    form: str, sound_card: SoundCard, tmp_path: Path
) -> None:
    write_wav(tmp_path / "said.wav", tone(1000, 1.2))
    with sound_card.start(LISTEN, str(tmp_path / "heard.wav"), form) as child:
        assert child.stdout
        assert child.stdout.readline() == "listening\n"
        sound_card.play_into_microphone(tmp_path / "said.wav")
    assert child.returncode == 0
    assert pitch(read_wav(tmp_path / "heard.wav")) == pytest.approx(1000, abs=3)


@pytest.mark.parametrize("form", ["own form", "other form"])
def test_the_loudspeaker_says_a_line_whole_and_counts_it_as_played_once_it_is(
    form: str, sound_card: SoundCard, tmp_path: Path
) -> None:
    told, said = speak(sound_card, tmp_path, 1.5, form, "listen")
    assert told["queued"] == pytest.approx(1.5, abs=0.1)
    assert told["played at first"] == 0
    assert told["played when the queue ran out"] < 1.5
    assert told["played"] == pytest.approx(1.5, abs=0.01)
    assert said.seconds == pytest.approx(1.5, abs=0.15)
    assert pitch(said) == pytest.approx(700, abs=3)


def test_an_interrupted_line_stops_and_says_how_much_was_dropped(sound_card: SoundCard, tmp_path: Path) -> None:
    told, said = speak(sound_card, tmp_path, 5.0, "own form", "interrupt")
    assert 3.0 < told["dropped"] < 4.7
    assert told["queued after"] == 0
    assert said.seconds == pytest.approx(5.0 - told["dropped"], abs=0.15)


def speak(card: SoundCard, folder: Path, seconds: float, form: str, how: str) -> tuple[dict[str, float], Frame]:
    """What the child tells about its line, and what came out of the loudspeaker."""
    write_wav(folder / "line.wav", tone(700, seconds))
    with card.record_loudspeaker(folder / "said.raw"):
        with card.start(SPEAK, str(folder / "line.wav"), form, how) as child:
            assert child.stdout
            told = json.loads(child.stdout.readline())
            child.communicate("\n")
        assert child.returncode == 0
    return told, sounding(heard(folder / "said.raw"))


def test_a_device_that_goes_away_in_mid_call_is_noticed_on_both_sides(tmp_path: Path) -> None:
    with started_sound_card(tmp_path) as card, card.start(LOSE) as child:
        assert child.stdout
        assert child.stdout.readline() == "running\n"
        card.server.kill()
        said, _ = child.communicate(timeout=30)
    assert "gives no more sound: is it still plugged in?" in said
    assert "takes no more sound: is it still plugged in?" in said
    assert child.returncode == 0


def test_a_microphone_nobody_reads_drops_its_oldest_frames_and_counts_them(sound_card: SoundCard) -> None:
    assert sound_card.run(DO_NOT_READ) == "True\n"


def test_devices_are_found_by_name_and_a_wrong_name_is_answered_with_what_there_is(sound_card: SoundCard) -> None:
    names, found, *troubles = sound_card.run(FIND).splitlines()
    assert "'pulse'" in names
    assert found == "True pulse"
    assert troubles[0].startswith("no microphone 'violin'; there is ")
    assert "pulse, ALSA" in troubles[0]
    assert "microphones are called 'a'" in troubles[1]
    assert troubles[2].startswith("no microphone 99")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere PortAudio comes with sounddevice")
def test_missing_portaudio_is_answered_with_how_to_install_it() -> None:
    done = subprocess.run([sys.executable, "-c", NO_PORTAUDIO], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "sudo apt install libportaudio2" in done.stdout
