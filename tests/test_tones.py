"""The telephone's sounds have the frequencies and cadences of their standards."""

import numpy as np
import pytest

from audio.codec import ulaw_decode, ulaw_encode
from audio.frame import Frame
from audio.pcm import QUIETEST, floats, level
from audio.tones import disconnected, key, keys, ring


def strongest(frame: Frame, count: int) -> list[int]:
    """The strongest frequencies in Hz, told apart from 30 Hz on."""
    power = np.abs(np.fft.rfft(floats(frame), 8 * frame.rate))
    found: list[int] = []
    while len(found) < count:
        peak = int(np.argmax(power))
        found.append(round(peak / 8))
        power[max(0, peak - 240) : peak + 240] = 0
    return sorted(found)


def part(frame: Frame, start: float, end: float) -> Frame:
    return Frame(frame.samples[2 * round(start * frame.rate) : 2 * round(end * frame.rate)], frame.rate)


@pytest.mark.parametrize("rate", [8000, 16000])
def test_ringing_is_two_rings_and_a_pause(rate: int) -> None:
    sound = ring(7.0, rate)
    assert sound.seconds == 7.0
    for start in (0.0, 0.6, 3.0, 3.6):
        assert strongest(part(sound, start, start + 0.4), 2) == pytest.approx([400, 450], abs=2)
    for start, end in ((0.4, 0.6), (1.0, 3.0), (3.4, 3.6), (4.0, 6.0)):
        assert level(part(sound, start, end)) == QUIETEST


def test_a_dead_line_is_one_tone_without_end() -> None:
    sound = disconnected(2.0, 8000)
    assert strongest(sound, 1) == [400]
    assert level(part(sound, 1.9, 1.95)) == pytest.approx(-23, abs=0.5)


@pytest.mark.parametrize(
    ("name", "pair"), [("1", [697, 1209]), ("5", [770, 1336]), ("#", [941, 1477]), ("D", [941, 1633])]
)
def test_a_key_sounds_its_row_and_column_even_through_the_telephone(name: str, pair: list[int]) -> None:
    assert strongest(ulaw_decode(ulaw_encode(key(name, 8000))), 2) == pytest.approx(pair, abs=3)


def test_keys_come_one_after_the_other() -> None:
    sound = keys("55", 8000)
    assert sound.seconds == pytest.approx(0.4)
    assert level(part(sound, 0.1, 0.2)) == QUIETEST
    assert part(sound, 0.0, 0.1) == part(sound, 0.2, 0.3)


def test_a_key_that_no_telephone_has_is_refused() -> None:
    for name in ("E", "", "12"):
        with pytest.raises(ValueError, match="only 0 to 9"):
            key(name, 8000)


def test_tones_start_and_end_without_a_click() -> None:
    wave = floats(key("5", 16000))
    assert abs(wave[0]) < 0.002
    assert abs(wave[-1]) < 0.002
    assert np.abs(np.diff(wave[:20])).max() < 0.05
