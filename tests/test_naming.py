"""The second opinion on a part: it sees the whole part, and a monologue costs it no more."""

from __future__ import annotations

from scripts.naming import LONGEST, features, votes
from scripts.phrases import Token


def part(text: str) -> list[Token]:
    return [Token(word, word, at) for at, word in enumerate(text.split())]


def test_words_far_apart_stand_together() -> None:
    assert "leave..note" in features(part("leave us a little note"))


def test_a_part_begins_and_ends_as_it_does() -> None:
    found = features(part("did anyone film it"))
    assert {"[did", "it]", "[did anyone", "film it]"} <= found


def test_a_misspelt_word_still_shares_its_pieces() -> None:
    assert features(part("ambulance")) & features(part("ambulence"))


def test_a_monologue_is_seen_by_its_ends() -> None:
    words = [f"word{at}" for at in range(400)]
    found = features(part(" ".join(words)))
    assert "word0" in found
    assert "word399" in found
    assert f"word{LONGEST}" not in found


def test_every_feature_votes_for_its_labels() -> None:
    weights = {"knife": [(0, 30), (2, -5)], "is": [(0, 2)]}
    assert votes(["knife", "is", "unheard of"], weights, 3) == [32.0, 0.0, -5.0]
