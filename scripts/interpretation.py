"""What an utterance means in its call: one reading for the call as it goes on and for marking it again."""

from __future__ import annotations

from scripts.events import Recorded, Understood
from scripts.ledger import Ledger
from scripts.lexicons import lexicon
from scripts.reading_back import read_backs
from scripts.understanding import UNDERSTANDING_VERSION, understand
from scripts.wording import find


def interpret(ledger: Ledger, text: str, at: float) -> Understood:
    """What the text means after all that the ledger holds; `at` is when the words were known."""
    topics = [turn.meaning.topics[-1] for turn in ledger.turns if turn.meaning.topics]
    meaning = understand(text, last_topic=topics[-1] if topics else None)
    return Understood(at, text, meaning, read_backs(ledger, text, meaning), UNDERSTANDING_VERSION)


def spoken_decisions(understood: Understood) -> list[Recorded]:
    """The decisions that the utterance gave, each with what completes it."""
    meaning = understood.meaning
    decisions = [one for one in meaning.decision if one != "deploy" or _names_who_comes(understood.text)]
    return [
        Recorded(
            understood.at,
            decision,
            meaning.grade if decision == "deploy" else None,
            meaning.agency if decision == "refer" else None,
            "voice",
            understood.text,
        )
        for decision in decisions
    ]


def _names_who_comes(text: str) -> bool:
    """Whether a word of it is about somebody who comes, or when: no weather forecast sends officers."""
    return find(lexicon("conduct")["coming"]["phrases"], text) is not None
