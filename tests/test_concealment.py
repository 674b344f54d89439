"""What is made up for sound that a network lost."""

from __future__ import annotations

import numpy as np
import pytest

from audio.concealment import SILENT_AFTER, Concealment
from audio.frame import FRAME_SECONDS, Frame, cut, join, silence
from audio.pcm import QUIETEST, floats, level
from audio.tones import tone

RATE = 8000


def over(frames: list[Frame], lost: set[int]) -> Frame:
    """The frames as they are heard where those of these numbers were lost."""
    concealment, heard, missing = Concealment(RATE), list[Frame](), 0
    for number, frame in enumerate(frames):
        if number in lost:
            missing += 1
        elif missing:
            heard += concealment.fill(missing, frame)
            missing = 0
        else:
            concealment.came(frame)
            heard.append(frame)
    return join(heard, RATE)


@pytest.mark.parametrize("hertz", [90.0, 130.0, 190.0])
@pytest.mark.parametrize("rate", [8000, 16_000])
def test_a_lost_frame_of_a_steady_voice_is_hardly_missed(hertz: float, rate: int) -> None:
    voice = tone((hertz, 2 * hertz, 3 * hertz), 0.5, rate)
    frames = list(cut(voice))
    concealment = Concealment(rate)
    for frame in frames[:10]:
        concealment.came(frame)
    heard = join(concealment.fill(1, frames[11]), rate)
    wanted = floats(join(frames[10:12], rate))
    wrong = floats(heard) - wanted
    assert np.sqrt(np.mean(wrong**2)) < 0.35 * np.sqrt(np.mean(wanted**2)), "nothing at all would be 0.71"


def test_nothing_is_lost_of_the_time() -> None:
    frames = list(cut(tone((150.0,), 1.0, RATE)))
    heard = over(frames, {7, 20, 21, 22, 35})
    assert heard.count == sum(frame.count for frame in frames)


def test_what_came_is_heard_as_it_came_but_for_the_blend_after_a_loss() -> None:
    frames = list(cut(tone((150.0,), 1.0, RATE)))
    heard = list(cut(over(frames, {20})))
    changed = [number for number, frame in enumerate(frames) if heard[number] != frame]
    assert changed == [20, 21]
    assert heard[21].samples[-200:] == frames[21].samples[-200:]


def test_a_long_loss_falls_silent() -> None:
    frames = list(cut(tone((150.0,), 1.0, RATE)))
    heard = list(cut(over(frames, set(range(20, 30)))))
    silent = round(SILENT_AFTER / FRAME_SECONDS)
    assert level(heard[20]) > level(heard[21]) > level(heard[22]) > QUIETEST
    assert all(level(frame) == QUIETEST for frame in heard[20 + silent : 30])


def test_before_anything_was_heard_a_loss_is_silence() -> None:
    frame = tone((150.0,), FRAME_SECONDS, RATE)
    first, second = Concealment(RATE).fill(1, frame)
    assert first == silence(FRAME_SECONDS, RATE)
    assert second.count == frame.count


def test_silence_that_is_lost_stays_silence() -> None:
    frames = [silence(FRAME_SECONDS, RATE)] * 20
    assert over(frames, {5, 6, 15}) == join(frames, RATE)
