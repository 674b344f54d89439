"""The mouth with the real engine in real child processes, which are stopped and killed."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from random import Random

import numpy as np
import pytest
import pytest_asyncio

from audio.frame import Frame
from audio.pcm import floats, level
from voice.mouth import MouthError, Pyttsx3Mouth, Speech
from voice.voices import Delivery, choose_voice

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="asks for espeak-ng's voices, which pip installs on Linux only"
)

HELP = Speech("Please help me, there is somebody in my house.", "gmw/en-gb-x-rp+f3", Delivery(165, 50, 0.9))


@pytest_asyncio.fixture
async def mouth() -> AsyncIterator[Pyttsx3Mouth]:
    mouth = Pyttsx3Mouth()
    await mouth.start()
    yield mouth
    await mouth.close()


@pytest_asyncio.fixture
async def lone_mouth() -> AsyncIterator[Pyttsx3Mouth]:
    """One child only: its number is the only one that a request can meet."""
    mouth = Pyttsx3Mouth(slots=1, deadline=1.0)
    await mouth.start()
    yield mouth
    await mouth.close()


def pid_of(mouth: Pyttsx3Mouth) -> int:
    pid = mouth._processes[0].pid
    assert pid
    return pid


def middle_of_the_voice(frame: Frame) -> float:
    """The median pitch in Hz, by autocorrelation of 40 ms windows, 70 to 450 Hz."""
    wave = floats(frame)
    found = []
    for start in range(0, len(wave) - 640, 640):
        window = wave[start : start + 640] - wave[start : start + 640].mean()
        near = np.correlate(window, window, "full")[639:]
        lag = int(np.argmax(near[35:228])) + 35
        if near[0] > 0.1 and near[lag] > 0.5 * near[0]:
            found.append(16000 / lag)
    return float(np.median(found))


async def test_a_line_comes_at_16_khz_and_starts_and_ends_with_its_sound(mouth: Pyttsx3Mouth) -> None:
    frame = await mouth.render(HELP)
    assert frame.rate == 16000
    assert 2.0 < frame.seconds < 4.0
    assert -35 < level(frame) < -10
    loud = np.flatnonzero(np.abs(floats(frame)) > 0.01)
    assert loud[0] < 0.05 * 16000
    assert frame.count - loud[-1] < 0.1 * 16000


async def test_the_same_speech_is_always_the_same_sound_whatever_was_said_before(mouth: Pyttsx3Mouth) -> None:
    fast = Speech("No! Get out, get out!", "gmw/en-gb-scotland+m3", Delivery(300, 70, 1.0))
    slow = Speech("Yes. " * 12, "gmw/en-gb-x-gbclan+m1", Delivery(110, 30, 0.5))
    wanted = {speech: (await mouth.render(speech)).count for speech in (HELP, fast, slow)}
    order = [HELP, fast, slow] * 15
    Random(3).shuffle(order)
    frames = await asyncio.gather(*(mouth.render(speech) for speech in order))
    for speech, frame in zip(order, frames, strict=True):
        assert abs(frame.count - wanted[speech]) < 0.1 * 16000  # espeak's own chance moves where its echo ends


async def test_a_woman_sounds_higher_than_a_man(mouth: Pyttsx3Mouth) -> None:
    woman = choose_voice("female", 30, "rp", False, Random(1))
    man = choose_voice("male", 30, "rp", False, Random(1))
    low = middle_of_the_voice(await mouth.render(replace(HELP, voice=man)))
    high = middle_of_the_voice(await mouth.render(replace(HELP, voice=woman)))
    assert low < 150 < high


async def test_rate_pitch_and_volume_are_heard(mouth: Pyttsx3Mouth) -> None:
    calm = await mouth.render(HELP)
    frantic = await mouth.render(replace(HELP, delivery=Delivery(230, 75, 0.9)))
    soft = await mouth.render(replace(HELP, delivery=Delivery(165, 50, 0.4)))
    assert frantic.seconds < 0.8 * calm.seconds
    assert middle_of_the_voice(frantic) > 1.05 * middle_of_the_voice(calm)
    assert level(soft) < level(calm) - 4


@pytest.mark.parametrize("text", ["I can't, it's £45.50!", "Ystradgynlais, Tŷ Gwyn, Llŷn", "a\0b\nc", "<b>[[x]]&"])
async def test_odd_letters_are_spoken_or_passed_over(mouth: Pyttsx3Mouth, text: str) -> None:
    assert (await mouth.render(replace(HELP, text=text))).seconds > 0.2


@pytest.mark.parametrize("text", ["", "   ", "...", "?!"])
async def test_nothing_to_say_is_an_empty_frame(mouth: Pyttsx3Mouth, text: str) -> None:
    assert await mouth.render(replace(HELP, text=text)) == Frame(b"", 16000)


async def test_a_long_text_is_spoken_whole_and_an_endless_one_refused(mouth: Pyttsx3Mouth) -> None:
    assert (await mouth.render(replace(HELP, text="Somebody is here. " * 100))).seconds > 60
    with pytest.raises(MouthError, match="5010 characters is too long"):
        await mouth.render(replace(HELP, text="a" * 5010))


async def test_an_unknown_voice_is_named(mouth: Pyttsx3Mouth) -> None:
    with pytest.raises(MouthError, match="martian"):
        await mouth.render(replace(HELP, voice="martian"))
    assert (await mouth.render(HELP)).seconds > 1


async def test_the_voices_of_the_engine_are_listed(mouth: Pyttsx3Mouth) -> None:
    voices = await mouth.voices()
    assert {"gmw/en-gb-x-rp", "gmw/en-gb-scotland", "gmw/en-029"} <= {voice.id for voice in voices}


async def test_a_child_that_was_killed_is_replaced_unnoticed(lone_mouth: Pyttsx3Mouth) -> None:
    before = pid_of(lone_mouth)
    os.kill(before, signal.SIGKILL)
    assert (await lone_mouth.render(HELP)).seconds > 1
    assert pid_of(lone_mouth) != before


async def test_a_child_that_hangs_is_killed_at_the_deadline_and_the_line_spoken_by_another(
    lone_mouth: Pyttsx3Mouth,
) -> None:
    before = pid_of(lone_mouth)
    os.kill(before, signal.SIGSTOP)
    assert (await lone_mouth.render(HELP)).seconds > 1
    assert pid_of(lone_mouth) != before
    with pytest.raises(ProcessLookupError):
        os.kill(before, 0)


async def test_a_line_that_is_late_twice_is_an_error_that_names_it() -> None:
    mouth = Pyttsx3Mouth(slots=1, deadline=-1.0)  # always over before the engine can answer
    with pytest.raises(MouthError, match=r"failed twice on 'Please help me.*no answer within"):
        await mouth.render(HELP)
    await mouth.close()


async def test_a_line_given_up_half_way_does_not_answer_the_next_one(lone_mouth: Pyttsx3Mouth) -> None:
    given_up = asyncio.create_task(lone_mouth.render(replace(HELP, text="Somebody is here. " * 100)))
    await asyncio.sleep(0)
    assert lone_mouth._idle.empty()
    given_up.cancel()
    with pytest.raises(asyncio.CancelledError):
        await given_up
    assert (await lone_mouth.render(HELP)).seconds < 4


async def test_too_many_waiting_lines_are_refused() -> None:
    mouth = Pyttsx3Mouth(slots=1, queue=2)
    waiting = [asyncio.create_task(mouth.render(HELP)) for _ in range(3)]
    await asyncio.sleep(0)
    with pytest.raises(MouthError, match="2 lines are waiting"):
        await mouth.render(HELP)
    await asyncio.gather(*waiting)
    await mouth.close()


async def test_a_closed_mouth_says_so_and_leaves_no_process(lone_mouth: Pyttsx3Mouth) -> None:
    child = pid_of(lone_mouth)
    await lone_mouth.close()
    with pytest.raises(MouthError, match="closed"):
        await lone_mouth.render(HELP)
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


async def test_closing_in_the_middle_of_a_line_fails_that_line_and_leaves_nothing_behind(
    lone_mouth: Pyttsx3Mouth,
) -> None:
    folder = lone_mouth._processes[0]._folder
    under_way = asyncio.create_task(lone_mouth.render(replace(HELP, text="Somebody is here. " * 100)))
    await asyncio.sleep(0)
    await lone_mouth.close()
    with pytest.raises(MouthError, match="closed"):
        await under_way
    assert folder
    with pytest.raises(FileNotFoundError):
        os.stat(folder.name)  # noqa: PTH116 - one look, and the loop has nothing else to do
