"""Voice activity, turns and moonshine together, on composed calls: what a trainee's side of a call sounds like."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import pytest

from audio.codec import resample
from audio.frame import Frame, cut
from scripts.completeness import finished
from speech import call, cough, mixed, needs_flite, noise, speech, telephone
from voice.activity import VoiceActivity
from voice.moonshine_ear import MoonshineEar
from voice.turns import Confirmed, Ended, Event, Feed, Peek, Resume, Suspect, Turns

pytestmark = needs_flite

ADDRESS = "What is the address of the emergency?"
WEAPONS = "Are there any weapons?"


@pytest.fixture(scope="module")
def ear() -> MoonshineEar:
    return MoonshineEar()


@dataclass
class Heard:
    """What came of a call: the utterances' words and times, and all events."""

    texts: list[str] = field(default_factory=list)
    turns: list[Ended] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    fed: float = 0.0

    def times(self, kind: type[Suspect | Confirmed | Resume]) -> list[float]:
        return [event.at for event in self.events if isinstance(event, kind)]


def listen(ear: MoonshineEar, sound: Frame, caller: tuple[float, float] = (0, 0)) -> Heard:
    """Hear a call whose caller speaks from and to the given seconds, unless paused by a suspicion."""
    activity, turns, hearing, heard = (
        VoiceActivity(sound.rate),
        Turns(finished=finished),
        ear.listen(sound.rate),
        Heard(),
    )
    paused = False
    for at, frame in enumerate(cut(sound)):
        speaking = caller[0] <= at * 0.02 < caller[1] and not paused
        events = turns.step(frame.samples, voiced=activity.feed(frame.samples), caller_speaking=speaking)
        while events:
            event = events.pop(0)
            heard.events.append(event)
            match event:
                case Feed():
                    hearing.feed(event.samples)
                    heard.fed += len(event.samples) / 2 / sound.rate
                case Peek():
                    events += turns.hear(hearing.peek().text, event.number)
                case Ended():
                    heard.texts.append(plain(hearing.finish().text))
                    heard.turns.append(event)
                case Suspect() | Confirmed():
                    paused = True
                case Resume():
                    paused = False
    return heard


def plain(text: str) -> str:
    return " ".join(re.sub(r"[^\w ]", "", text.lower()).split())


@pytest.mark.parametrize("rate", [8000, 16_000])
def test_a_call_comes_apart_into_its_utterances(ear: MoonshineEar, rate: int) -> None:
    sound = call(1.0, speech(ADDRESS), 3.0, speech(WEAPONS), 2.0)
    heard = listen(ear, telephone(sound) if rate == 8000 else sound)
    assert heard.texts == [plain(ADDRESS), plain(WEAPONS)]
    assert abs(heard.turns[0].began - 1.0) < 0.3


def test_a_finished_question_is_answered_soon_after_its_end(ear: MoonshineEar) -> None:
    sound = call(0.5, speech(WEAPONS), 2.0)
    heard = listen(ear, sound)
    assert len(heard.turns) == 1
    assert heard.turns[0].at - heard.turns[0].ended == pytest.approx(0.3)
    assert heard.turns[0].at < sound.seconds - 2.0 + 0.45


def test_a_pause_in_mid_sentence_is_not_its_end(ear: MoonshineEar) -> None:
    sound = call(0.5, speech("Can you tell me your"), 0.7, speech("telephone number?"), 2.0)
    heard = listen(ear, sound)
    assert heard.texts == ["can you tell me your telephone number"]


def test_noise_and_coughs_between_the_words_add_none(ear: MoonshineEar) -> None:
    quiet = call(1.0, cough(16_000), 1.0, speech(WEAPONS), 1.5, cough(16_000, seed=3), 1.0)
    heard = listen(ear, mixed(quiet, noise(quiet.seconds, 16_000, level=-55)))
    assert [text for text in heard.texts if text] == [plain(WEAPONS)]


def test_speaking_over_the_caller_silences_them_quickly(ear: MoonshineEar) -> None:
    onset = 2.0
    heard = listen(ear, call(onset, speech("Sir, where are you now?"), 1.0), caller=(0.5, 10))
    suspected, confirmed = heard.times(Suspect), heard.times(Confirmed)
    assert len(suspected) == len(confirmed) == 1
    assert suspected[0] - onset < 0.4  # the file itself begins with up to 0.15 s of silence
    assert confirmed[0] - suspected[0] <= 0.6


def test_a_cough_never_stops_the_caller_for_good(ear: MoonshineEar) -> None:
    heard = listen(ear, call(2.0, cough(16_000), 3.0), caller=(0.5, 10))
    assert heard.times(Confirmed) == []
    assert len(heard.times(Suspect)) == len(heard.times(Resume))


def test_a_murmur_of_assent_pauses_the_caller_at_most(ear: MoonshineEar) -> None:
    heard = listen(ear, call(2.0, speech("oh"), 3.0), caller=(0.5, 10))
    assert heard.times(Confirmed) == []
    assert len(heard.times(Suspect)) == len(heard.times(Resume))


def test_only_voice_is_decoded(ear: MoonshineEar) -> None:
    sound = call(4.0, speech(ADDRESS), 5.0, speech(WEAPONS), 4.0)
    assert listen(ear, resample(sound, 8000)).fed < 0.5 * sound.seconds
