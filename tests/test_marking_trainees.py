"""The trainees that measure marking know what they mean, and marking agrees with them on some calls of the shelf."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import pytest

from bench.trainees.behaviour import Behaviour, behaviours, own, stock
from bench.trainees.measuring import Held, figures, hold, spearman, wrong_verdicts
from bench.trainees.playing import perform
from scripts.force import default_force
from scripts.script import Script
from scripts.shelf import Shelf
from scripts.vocabulary import TOPICS

SHELF = Shelf()
SAMPLE = ("burglary-in-progress", "noise-complaint", "missing-grandfather", "silent-call")
CORPUS = Path(__file__).parent.parent / "bench" / "corpus"


@cache
def held(name: str) -> tuple[Held, ...]:
    """Every trainee's call of that script, held against what is right."""
    script = SHELF.script(name)
    return tuple(hold(perform(script, behaviour, 1, 1), default_force()) for behaviour in behaviours())


def of(name: str, behaviour: str) -> Held:
    return next(row for row in held(name) if row.performance.behaviour.name == behaviour)


def test_there_are_twelve_trainees_and_a_dangerous_one() -> None:
    names = [behaviour.name for behaviour in behaviours()]
    assert len(names) == len(set(names)) >= 13
    assert min(behaviours(), key=lambda behaviour: behaviour.skill).name == "dangerous"
    thorough = next(behaviour for behaviour in behaviours() if behaviour.name == "thorough")
    assert thorough == Behaviour("thorough", thorough.skill), "the defaults are the thorough one's"


def test_they_can_ask_about_everything() -> None:
    assert set(stock()["ask"]) == set(TOPICS)


@pytest.mark.parametrize("name", SHELF.paths())
def test_they_have_words_for_what_each_call_wants_and_forbids(name: str) -> None:
    script, words = SHELF.script(name), own()[name]
    criteria = {criterion.id: criterion for criterion in script.criteria}
    assert set(words.get("ask", {})) <= {fact.id for fact in script.facts}
    for kind, kinds in (("do", ("said", "advised")), ("bad", ("never_said",))):
        wanted = {id_ for id_, criterion in criteria.items() if criterion.kind in kinds and criterion.words}
        missing = {id_ for id_ in wanted - set(words.get(kind, {})) if criteria[id_].id not in COMMON}
        assert not missing, f"bench/trainees/calls.toml has no [{name}.{kind}] for {missing}"
        assert set(words.get(kind, {})) <= set(criteria)


COMMON = frozenset({"respect", "no-scolding", "no-why"})
"""Kinds of abuse that the stock has words for."""


def test_their_sentences_are_not_those_that_understanding_learnt_from() -> None:
    learnt = set()
    for path in CORPUS.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            learnt |= {_plain(cells[0]) for cells in csv.reader(file) if cells}
    sentences = [text for table in stock().values() for texts in table.values() for text in texts if " " in text]
    sentences += [
        text for call in own().values() for kind in call.values() for texts in kind.values() for text in texts
    ]
    known = [text for text in sentences if len(text.split()) > 4 and _plain(text) in learnt]
    # plain questions ("can I take your name") have few wordings, and both say them
    assert len(known) <= 0.1 * len(sentences), known


def _plain(text: str) -> str:
    return "".join(letter for letter in text.lower() if letter.isalnum() or letter == " ")


@pytest.mark.parametrize("name", SAMPLE)
def test_marking_agrees_with_what_they_meant(name: str) -> None:
    judged = sum(len(row.judged) for row in held(name))
    wrong = list(wrong_verdicts(held(name)))
    assert len(wrong) <= 0.05 * judged, wrong


def test_nobody_dangerous_passes_and_skill_orders_the_scores() -> None:
    rows = [row for name in SAMPLE for row in held(name)]
    found = {figure.name: figure.value for figure in figures(rows, "typed", 0.97)}
    assert found["dangerous trainees passed, typed"] == 0
    assert found["false passes, typed"] == 0
    assert found["marked again with other marks, typed"] == 0
    assert found["calls by skill shown, Spearman, typed"] > 0.9
    assert found["trainees by a trainer's ranking, Spearman, typed"] > 0.7


def test_what_they_did_on_purpose_is_what_is_right() -> None:
    promised = of("burglary-in-progress", "over-promising")
    assert promised.known["no-promise"].critical
    assert not promised.passes
    assert of("burglary-in-progress", "thorough").known["location"].result == "met"
    assert of("burglary-in-progress", "never-reads-back").known["location"].result == "partial"
    assert of("burglary-in-progress", "under-grader").known["decision"].critical
    assert of("burglary-in-progress", "hurried").known["stay-put"].result == "unmet"
    script = SHELF.script("motorway-hazard")
    book = next(behaviour for behaviour in behaviours() if behaviour.name == "by-the-book")
    by_the_book = hold(perform(script, book, 1, 1), default_force())
    assert by_the_book.known["regrade"].result == "unmet", "he does not decide again when somebody runs out"


def test_rank_correlation_shares_the_ranks_of_ties() -> None:
    assert spearman([1, 2, 3], [10, 20, 30]) == pytest.approx(1)
    assert spearman([1, 2, 3], [30, 20, 10]) == pytest.approx(-1)
    assert spearman([1, 1, 2, 2], [5, 6, 7, 8]) == pytest.approx(0.894, abs=0.001)


def test_the_same_words_get_the_same_marks_whatever_is_cast() -> None:
    script: Script = SHELF.script("burglary-in-progress")
    for behaviour in behaviours()[:6]:
        scores = [hold(perform(script, behaviour, seed, 1), default_force()).sheet.score for seed in (1, 2, 3)]
        assert max(scores) - min(scores) <= 3, f"{behaviour.name}: {scores}"
