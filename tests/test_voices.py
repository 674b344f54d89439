"""Voices for callers, on every platform."""

from random import Random

import pytest

from voice.voices import ACCENTS, Voice, choose_voice, delivery

MACOS = (
    Voice("com.apple.Alex", "Alex", "en_US", "male"),
    Voice("com.apple.Kate", "Kate", "en_GB", "female"),
    Voice("com.apple.Daniel", "Daniel", "en_GB", "male"),
    Voice("com.apple.Anna", "Anna", "de_DE", "female"),
)


@pytest.mark.parametrize("accent", ACCENTS)
def test_every_accent_has_a_voice(accent: str) -> None:
    assert choose_voice("male", 40, accent, False, Random(0)).startswith(f"{ACCENTS[accent]}+m")


def test_an_unknown_accent_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="'martian'; there are rp, north"):
        choose_voice("male", 40, "martian", False, Random(0))


@pytest.mark.parametrize(
    ("sex", "age", "whispering", "ending"),
    [("female", 85, False, "grandma"), ("female", 30, True, "whisperf"), ("male", 30, True, "whisper")],
)
def test_age_and_whispering_are_heard(sex: str, age: int, whispering: bool, ending: str) -> None:
    assert choose_voice("female" if sex == "female" else "male", age, "rp", whispering, Random(0)).endswith(
        f"+{ending}"
    )


def test_the_same_seed_gives_the_same_voice_and_many_seeds_give_many() -> None:
    drawn = [choose_voice("male", 40, "rp", False, Random(seed)) for seed in range(40)]
    assert drawn == [choose_voice("male", 40, "rp", False, Random(seed)) for seed in range(40)]
    assert len(set(drawn)) >= 5


def test_elsewhere_a_british_voice_of_the_right_sex_is_chosen_then_any_english_one() -> None:
    assert choose_voice("female", 30, "rp", False, Random(0), MACOS) == "com.apple.Kate"
    assert choose_voice("male", 30, "rp", False, Random(0), MACOS) == "com.apple.Daniel"
    assert choose_voice("female", 30, "rp", False, Random(0), MACOS[:1]) == "com.apple.Alex"
    assert choose_voice("male", 30, "rp", False, Random(0), MACOS[3:]) == "com.apple.Anna"


def test_fear_is_faster_higher_and_louder() -> None:
    calm, frantic = delivery(100, 30, "plain"), delivery(0, 30, "plain")
    assert frantic.rate_wpm > calm.rate_wpm
    assert frantic.pitch > calm.pitch
    assert frantic.volume > calm.volume


def test_manner_and_age_change_the_delivery() -> None:
    plain = delivery(60, 30, "plain")
    assert delivery(60, 30, "drunk").rate_wpm < plain.rate_wpm
    assert delivery(60, 30, "whispering").volume < 0.6 * plain.volume
    assert delivery(60, 8, "plain").pitch > plain.pitch + 15
    assert delivery(60, 85, "plain").rate_wpm < plain.rate_wpm


@pytest.mark.parametrize("mood", [-50, 0, 100, 150])
@pytest.mark.parametrize("age", [4, 30, 105])
@pytest.mark.parametrize("manner", ["frightened", "angry", "whispering", "limited_english", "unheard_of"])
def test_every_delivery_is_within_the_engines_range(mood: int, age: int, manner: str) -> None:
    got = delivery(mood, age, manner)
    assert 80 <= got.rate_wpm <= 300
    assert 0 <= got.pitch <= 99
    assert 0.2 <= got.volume <= 1.0
