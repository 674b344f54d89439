"""The moonshine recogniser itself, with the model from its wheel, on real synthetic speech."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from audio.frame import Frame, cut, silence
from speech import call, needs_flite, noise, speech, telephone
from voice.ear import EarError
from voice.moonshine_ear import MoonshineEar, plausible

QUESTION = "Police emergency, what is the address of the emergency?"


@pytest.fixture(scope="module")
def ear() -> MoonshineEar:
    return MoonshineEar()


def plain(text: str) -> str:
    return " ".join(re.sub(r"[^\w ]", "", text.lower()).split())


def heard(ear: MoonshineEar, sound: Frame) -> str:
    hearing = ear.listen(sound.rate)
    for frame in cut(sound):
        hearing.feed(frame.samples)
    return plain(hearing.finish().text)


@needs_flite
def test_a_question_is_understood_word_for_word(ear: MoonshineEar) -> None:
    assert heard(ear, speech(QUESTION)) == plain(QUESTION)


@needs_flite
def test_a_question_is_understood_over_the_telephone(ear: MoonshineEar) -> None:
    assert heard(ear, telephone(speech(QUESTION, "awb"))) == plain(QUESTION)


@needs_flite
def test_finish_returns_what_was_peeked_when_nothing_more_was_fed(ear: MoonshineEar) -> None:
    hearing = ear.listen(16_000)
    hearing.feed(speech(QUESTION).samples)
    peeked = hearing.peek()
    assert hearing.finish() is peeked
    assert hearing.finish().text == ""


@needs_flite
def test_a_hearing_goes_on_after_a_peek_and_serves_the_next_utterance(ear: MoonshineEar) -> None:
    hearing = ear.listen(16_000)
    question = speech("Are there any weapons?").samples
    hearing.feed(question[: len(question) // 2 & ~1])
    hearing.peek()
    hearing.feed(question[len(question) // 2 & ~1 :])
    assert plain(hearing.finish().text) == "are there any weapons"
    hearing.feed(speech("Where is he now?").samples)
    assert plain(hearing.finish().text) == "where is he now"


@needs_flite
def test_hearings_on_several_threads_do_not_tear_each_others_words(ear: MoonshineEar) -> None:
    sentences = ("Are there any weapons?", "Where is he now?", "What is your name?")
    sounds = [speech(sentence) for sentence in sentences] * 2
    with ThreadPoolExecutor(4) as pool:
        texts = list(pool.map(lambda sound: heard(ear, sound), sounds))
    assert texts == [plain(sentence) for sentence in sentences] * 2


@needs_flite
def test_a_long_monologue_is_heard_in_pieces_without_losing_words(ear: MoonshineEar) -> None:
    sentences = [
        QUESTION,
        "Are there any weapons?",
        "The officers are on their way to you now.",
        "Please stay on the line and tell me what is happening.",
        "Is there a door that you can lock?",
        "What is your name?",
        "Keep away from the windows.",
    ]
    parts = [part for sentence in sentences for part in (speech(sentence), 0.5)]
    assert heard(ear, call(*parts)) == plain(" ".join(sentences))


@pytest.mark.parametrize("rate", [8000, 16_000])
def test_nothing_and_silence_have_no_words(ear: MoonshineEar, rate: int) -> None:
    assert ear.listen(rate).finish().text == ""
    assert heard(ear, silence(0.001, rate)) == ""
    assert heard(ear, silence(2, rate)) == ""
    assert heard(ear, noise(1, rate, level=-70)) == ""


def test_noise_that_got_past_the_gate_has_no_words(ear: MoonshineEar) -> None:
    assert heard(ear, noise(1, 16_000, level=-40)) == ""


def test_the_words_the_model_invents_for_noise_are_dropped() -> None:
    assert plausible("You", 0.5) == ""
    assert plausible("So.", 0.5) == ""
    assert plausible("Thank you.", 0.8) == "Thank you."


def test_a_phrase_said_over_and_over_is_said_once() -> None:
    assert plausible("the first is " * 9, 4.0) == "the first is"
    assert plausible("The first is the first is", 0.4) == "The first is"


def test_repeated_digits_and_words_of_comfort_stay() -> None:
    number = "oh seven seven double oh nine nine nine nine nine"
    assert plausible(number, 4.0) == number
    assert plausible("no no no it's all right, it's all right", 3.0) == "no no no it's all right, it's all right"


def test_a_model_folder_without_its_files_is_named(tmp_path: Path) -> None:
    with pytest.raises(EarError, match=r"lacks encoder_model\.ort"):
        MoonshineEar(tmp_path)


def test_a_damaged_model_is_an_error_not_a_crash(tmp_path: Path) -> None:
    for name in ("encoder_model.ort", "decoder_model_merged.ort", "tokenizer.bin"):
        (tmp_path / name).write_bytes(b"damaged")
    with pytest.raises(EarError, match="does not load"):
        MoonshineEar(tmp_path)


@needs_flite
def test_trouble_in_the_engine_is_an_ear_error_and_costs_one_utterance() -> None:
    broken = MoonshineEar()
    hearing = broken.listen(16_000)
    hearing.feed(speech(QUESTION).samples)
    with broken._transcribers.one() as transcriber:
        transcriber.close()
    with pytest.raises(EarError, match="the utterance is lost"):
        hearing.finish()
    hearing.feed(speech("Where is he now?").samples)
    assert plain(hearing.finish().text) == "where is he now"
