"""Voice activity, turns and moonshine together, on composed calls: what a trainee's side of a call sounds like."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import pytest

from audio.codec import resample
from audio.frame import Frame, cut, silence
from audio.pcm import level
from scripts.completeness import finished
from speech import call, cough, louder, mixed, needs_flite, noise, speech, telephone
from voice.activity import VoiceActivity
from voice.ear import Ear
from voice.moonshine_ear import MoonshineEar
from voice.turns import Confirmed, Ended, Event, Feed, Peek, Resume, Suspect, Turns, TurnSettings
from voice.vosk_ear import VoskEar

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


def listen(ear: Ear, sound: Frame, caller: tuple[float, float] = (0, 0)) -> Heard:
    """Hear a call whose caller speaks from and to the given seconds, unless paused by a suspicion."""
    activity, turns = VoiceActivity(sound.rate), Turns(finished=finished)
    hearing, heard = ear.listen(sound.rate), Heard()
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


@pytest.mark.parametrize("rate", [8000, 16_000])
def test_vosk_hears_a_call_in_the_same_way(rate: int) -> None:
    from vosk_model import PHRASES, spoken, tiny_model

    sound = call(1.0, spoken(PHRASES[0], rate), 2.0, spoken(PHRASES[1], rate), 2.0, rate=rate)
    heard = listen(VoskEar(tiny_model(), grammar=PHRASES), sound)
    assert heard.texts == [PHRASES[0], PHRASES[1]]
    assert heard.fed < 0.75 * sound.seconds


PLEA = "There is somebody in my garden and he is trying to get in at the back door. Please help me."
ECHO_DELAY_FRAMES, ECHO_DB = 5, -20


def at_the_desk(trainee: Frame, settings: TurnSettings) -> list[Suspect | Confirmed | Resume]:
    """What becomes of the caller's plea on an open loudspeaker, while the trainee is silent or speaks."""
    activity, turns, events = VoiceActivity(16_000), Turns(settings), list[Suspect | Confirmed | Resume]()
    plea, nothing = list(cut(speech(PLEA, "slt"))), silence(0.02, 16_000)
    air, paused = [nothing] * ECHO_DELAY_FRAMES, False
    for own in cut(trainee):
        air.append(plea.pop(0) if plea and not paused else nothing)
        microphone = mixed(own, louder(air[-1 - ECHO_DELAY_FRAMES], ECHO_DB))
        for event in turns.step(
            microphone.samples,
            voiced=activity.feed(microphone.samples),
            caller_speaking=bool(plea) and not paused,
            mic_level=level(microphone),
            speaker_level=level(air[-1]),
        ):
            if isinstance(event, Suspect | Confirmed | Resume):
                paused = not isinstance(event, Resume)
                events.append(event)
    return events


def test_on_an_open_loudspeaker_the_caller_does_not_interrupt_itself() -> None:
    assert at_the_desk(silence(8, 16_000), TurnSettings(half_duplex=False)) != []
    assert at_the_desk(silence(8, 16_000), TurnSettings(half_duplex=True)) == []


def test_on_an_open_loudspeaker_the_trainee_can_still_interrupt() -> None:
    voice = call(3.0, speech("Sir, listen to me, where are you now?"), 2.0)
    events = at_the_desk(voice, TurnSettings(half_duplex=True))
    assert [type(event) for event in events] == [Suspect, Confirmed]
    assert 3.0 < events[0].at < 3.7
