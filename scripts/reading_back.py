"""Which facts an utterance reads back, rightly or wrongly."""

from __future__ import annotations

from scripts.events import ReadBack
from scripts.ledger import Ledger
from scripts.matching import captured, mentions
from scripts.script import Fact
from scripts.understanding import Understanding
from scripts.vocabulary import DetailKind

SHOWN_ON_SCREEN: tuple[DetailKind, ...] = ("address", "phone", "person_name")
"""Kinds that a trainee may read off the caller display before the caller told them."""


def read_backs(ledger: Ledger, text: str, meaning: Understanding) -> tuple[ReadBack, ...]:
    """Compare the utterance with every fact that could be repeated in it.

    What is one fact's detail is no mistake about another's of the same kind.
    """
    found: list[tuple[DetailKind | None, ReadBack]] = []
    for fact in ledger.script.facts:
        if fact.value and _could_be_repeated(fact, ledger):
            back = _compare(fact, ledger.cast.value(fact.value), text, meaning)
            if back is not None:
                found.append((fact.kind, back))
    right = {kind for kind, back in found if back.right}
    return tuple(back for kind, back in found if back.right or kind not in right)


def _could_be_repeated(fact: Fact, ledger: Ledger) -> bool:
    return ledger.told(fact.id) or fact.kind in SHOWN_ON_SCREEN


def _compare(fact: Fact, truth: str, text: str, meaning: Understanding) -> ReadBack | None:
    if fact.kind is None:
        # Free words are a read-back only where the utterance is one: a question may well use the same words.
        if "readback" in meaning.acts and mentions(truth, text):
            return ReadBack(fact.id, right=True, heard=truth, why=f"repeated “{truth}”")
        return None
    result = captured(fact.kind, truth, text)
    if fact.kind == "time" and meaning.decision and not result.captured:
        return None  # "an appointment for this afternoon" says when officers come, not when it happened
    if result.captured or result.wrong:
        return ReadBack(fact.id, right=result.captured, heard=result.heard or text, why=result.why)
    return None
