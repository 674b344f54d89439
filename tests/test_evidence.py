"""Every verdict of every rehearsal can be read out to the trainee, and its evidence is there and supports it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache

import pytest

from scripts import wording
from scripts.cast import draw
from scripts.evidence import MATTERS, WHY_IT_MATTERS
from scripts.force import default_force
from scripts.ledger import Ledger, Turn, fold
from scripts.marking import mark
from scripts.marksheet import Evidence, Marksheet, Verdict
from scripts.rehearsal import play
from scripts.script import Criterion, Script
from scripts.shelf import Shelf

SHELF = Shelf()
WHEN = re.compile(r"\d+:\d\d|\d+ seconds")
CUT = " (cut short)"


class Marked:
    """One rehearsed call with its marks, and what its evidence points at."""

    def __init__(self, script: Script, seed: int, sheet: Marksheet, ledger: Ledger) -> None:
        self.script, self.seed, self.sheet, self.ledger = script, seed, sheet, ledger

    def turns(self, verdict: Verdict) -> list[Turn]:
        """The trainee's turns that the evidence quotes."""
        quotes = [(piece.at, piece.quote) for piece in verdict.evidence if piece.who == "trainee"]
        return [turn for turn in self.ledger.turns if any(_is(turn, at, quote) for at, quote in quotes)]

    def told(self, verdict: Verdict) -> set[str]:
        """The facts that quoted lines of the caller tell."""
        quotes = {(piece.at, piece.quote) for piece in verdict.evidence if piece.who == "caller"}
        lines = [one.say for one in self.ledger.spoken if (round(one.say.at, 1), one.say.text) in quotes]
        return {fact for say in lines for fact, _ in say.tells}

    def exists(self, piece: Evidence) -> bool:
        """Whether what is quoted was said, typed or pressed then."""
        match piece.who:
            case "trainee":
                return any(_is(turn, piece.at, piece.quote) for turn in self.ledger.turns)
            case "caller":
                texts = {spoken.say.text for spoken in self.ledger.spoken}
                return piece.quote.removesuffix(CUT) in texts
            case "form" | "keys":
                return bool(self.ledger.decisions or self.ledger.form)
            case "clock":
                return 0 <= piece.at <= self.ledger.last_at + 0.1


def _is(turn: Turn, at: float, quote: str) -> bool:
    """Decisions are quoted at the end of the words, everything else at their beginning."""
    said = turn.utterance
    return said.text == quote and any(abs(at - moment) < 0.06 for moment in (said.began, said.at))


@cache
def rehearsed(name: str) -> tuple[Marked, ...]:
    return tuple(_rehearsed(name))


def _rehearsed(name: str) -> Iterator[Marked]:
    script, rehearsal = SHELF.script(name), SHELF.rehearsal(name)
    assert rehearsal is not None
    for trainee in rehearsal.trainees.values():
        log = play(script, rehearsal.seed, trainee)
        ledger = fold(draw(script, rehearsal.seed), log)
        yield Marked(script, rehearsal.seed, mark(script, log, default_force()), ledger)


def _topics(criterion: Criterion, script: Script) -> set[str]:
    facts = [script.fact(name) for name in (criterion.fact, *criterion.facts) if name]
    return {*filter(None, [criterion.topic, *criterion.topics]), *(topic for fact in facts for topic in fact.topics)}


def _asked(criterion: Criterion, marked: Marked, verdict: Verdict) -> bool:
    topics = _topics(criterion, marked.script)
    asked = any(topics.intersection(turn.meaning.topics) for turn in marked.turns(verdict))
    told = any(topics.intersection(marked.script.fact(fact).topics) for fact in marked.told(verdict))
    back = any(
        topics.intersection(marked.script.fact(one.fact).topics)
        for t in marked.turns(verdict)
        for one in t.read_backs
    )
    return asked or told or back


def _captured(criterion: Criterion, marked: Marked, verdict: Verdict) -> bool:
    backs = {back.fact for turn in marked.turns(verdict) for back in turn.read_backs}
    typed = any(piece.who == "form" for piece in verdict.evidence)
    return criterion.fact in marked.told(verdict) | backs or typed or _asked(criterion, marked, verdict)


def _worded(criterion: Criterion, marked: Marked, verdict: Verdict) -> bool:
    if not criterion.words:
        wanted = criterion.act or "advise"
        return all(wanted in turn.meaning.acts for turn in marked.turns(verdict))
    wide = criterion.kind != "never_said"
    return all(wording.find(criterion.words, turn.utterance.text, wide=wide) for turn in marked.turns(verdict))


def _decided(_criterion: Criterion, marked: Marked, verdict: Verdict) -> bool:
    turns = marked.turns(verdict)
    return all(turn.meaning.decision or turn.meaning.grade for turn in turns)


SUPPORTS: dict[str, Callable[[Criterion, Marked, Verdict], bool]] = {
    "asked": _asked, "asked_before": _asked, "asked_within": _asked, "captured": _captured,
    "said": _worded, "advised": _worded, "never_said": _worded, "decided": _decided, "decided_within": _decided,
    "reassured": lambda _c, marked, verdict: all("reassure" in t.meaning.acts for t in marked.turns(verdict)),
    "summary_given": lambda _c, marked, verdict: any(t.read_backs for t in marked.turns(verdict)),
}  # fmt: skip
"""Whether what is quoted shows what the verdict says, for verdicts that quote somebody."""


@pytest.mark.parametrize("name", SHELF.paths())
def test_every_verdict_has_evidence_that_is_there_and_supports_it(name: str) -> None:
    for marked in rehearsed(name):
        for criterion, verdict in zip(marked.script.criteria, marked.sheet.verdicts, strict=True):
            told = f"{verdict.criterion} {verdict.result}: {verdict.why} {verdict.evidence}"
            assert verdict.evidence, told
            assert all(marked.exists(piece) for piece in verdict.evidence), told
            quoted = any(piece.who in ("trainee", "caller") for piece in verdict.evidence)
            if quoted and verdict.result in ("met", "partial") and criterion.kind in SUPPORTS:
                assert SUPPORTS[criterion.kind](criterion, marked, verdict), told


@pytest.mark.parametrize("name", SHELF.paths())
def test_every_sentence_says_what_when_why_it_matters_and_what_to_say_instead(name: str) -> None:
    reasons = {*MATTERS.values(), *WHY_IT_MATTERS.values()}
    for marked in rehearsed(name):
        for verdict in marked.sheet.verdicts:
            assert verdict.why.endswith((".", "?", "!", "”")), verdict.why
            assert verdict.why[0].isupper() or verdict.why[0] == "“", verdict.why
            if verdict.result in ("met", "not_applicable"):
                continue
            assert WHEN.search(verdict.why), verdict.why
            assert any(reason in verdict.why for reason in reasons), verdict.why
            assert verdict.advice, f"{name}: {verdict.criterion} has no advice to give"
