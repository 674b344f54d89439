"""An answer to a quick call that was spoken: the word on a key, its number, or any decision as in a whole call."""

from __future__ import annotations

import re
from collections.abc import Mapping

from rapidfuzz import process
from rapidfuzz.distance import JaroWinkler

from scripts.quick import Answer
from scripts.understanding import understand
from scripts.vocabulary import Decision

NEAR = 0.825
"""Jaro-Winkler similarity: `deplife` is still deploy, `reply` and `goodbye` are not (tried on three voices)."""
SHORT = 4
"""Letters of a command that is taken to the letter or not at all."""

_WORDS: Mapping[Decision, str] = {
    "deploy": "deploy deployed employ one won 1 send|send officers|deploy officers|send police|send someone",
    "resolve": "resolve resolved two too to 2 solve",
    "refer": "refer referred refers three free 3",
    "none": "none nothing four for 4|no action|no police action|not us",
}
"""What may be said alone, and what a recogniser makes of it; phrases stand between bars."""
_COMMANDS: dict[str, Decision] = {
    said: decision
    for decision, text in _WORDS.items()
    for said in (text.partition("|")[0].split() + text.split("|")[1:])
}
_LONG = [said for said in _COMMANDS if len(said) > SHORT]
_LEAD = re.compile(r"^(?:(?:so|well|okay|right|um|erm|uh|it's|that's|i'd|i would|i'll|answer|number|press|key|a) )+")


def spoken_answer(text: str) -> Answer | None:
    """The answer in an utterance; None where it holds none.

    A bare command stands for its key, so that it claims no grade and no agency; a whole sentence is read as one to a
    caller is. Of two services at once, police and another, the police count.
    """
    plain = " ".join(re.sub(r"[^a-z0-9' ]", " ", text.lower()).split())
    command = _COMMANDS.get(plain) or _COMMANDS.get(_LEAD.sub("", plain)) or _nearly(plain, words=1)
    if command is not None:
        return Answer(decision=command)
    meaning = understand(text)
    if not meaning.decision:
        near = _nearly(plain, words=2)
        return Answer(decision=near) if near else None
    decision = meaning.decision[0]
    return Answer(
        decision=decision,
        grade=meaning.grade if decision == "deploy" else None,
        agency=meaning.agency if decision == "refer" else None,
    )


def _nearly(plain: str, words: int) -> Decision | None:
    """The command that so few words almost are: of a lone word a recogniser has little to guess by."""
    if len(plain.split()) > words:
        return None
    near = process.extractOne(plain, _LONG, scorer=JaroWinkler.similarity, score_cutoff=NEAR)
    return _COMMANDS[near[0]] if near else None
