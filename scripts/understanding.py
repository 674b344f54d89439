"""What a call handler said in one utterance: what was asked, done and decided, and the words that show it.

The words are brought to a common form (`phrases`), cut into parts and named by a linear model trained on sentence
patterns (`linear`), and read for what the patterns cannot hold: the form of a question, elliptical follow-ups.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Literal, cast

from scripts import linear
from scripts.linear import Model, Part
from scripts.phrases import Token, Words, tokens, written
from scripts.vocabulary import ACTS, AGENCIES, GRADES, TOPICS, Act, Agency, Decision, Grade, Topic

UNDERSTANDING_VERSION: str
"""Changes whenever the rules or the trained data change: kept with a marksheet, it tells which reading marked it."""

Form = Literal["open", "closed", "leading"]
_RULES = "1"
_FAINT = 0.0
_LEAN = 1.5
_TAG = re.compile(
    r"\b(is|isn't|are|aren't|was|wasn't|were|weren't|has|hasn't|have|haven't|had|hadn't|does|doesn't|did|didn't|do|don't|"
    r"will|won't|can|can't|would|wouldn't) (he|she|it|they|there|you|we|that|anyone)( not)?( then| love| at all)?$"
    r"|\b(is that right|right|correct|yeah|innit|eh|am i right|i take it|presumably)$"
)
_ASKING = frozenset(
    "is are was were has have had does do did will can could would any are is'nt isn't can't may shall should".split()
)
_OPEN = frozenset(
    "what what's whats where where's when when's who who's whose why which how how's whereabouts describe tell give explain whatever".split()
)
_ELLIPTICAL = re.compile(
    r"^(and |so |but |okay |right )*(which( one| ones| of them)?|what (kind|sort|type|else|about (him|her|them|the other one|the others))|"
    r"how (so|come)|are you sure( about that)?|you sure|is that (definite|all of it)|roughly|exactly|anything else( you remember)?|"
    r"any more( than that)?|can you be more (specific|exact)|go on|such as|like what|what do you mean( by that)?|do you know|any idea|"
    r"and the (other|others|other one|second one|rest)|and (him|her|them)|"
    r"no idea( at all)?|not even roughly|best guess|more or less)( love| please| then| do you think| roughly)?$"
)


@dataclass(frozen=True, slots=True)
class Ask:
    """One question: its topic, how it is put, and the words of the utterance that ask it."""

    topic: Topic
    form: Form
    words: str


@dataclass(frozen=True, slots=True)
class Understanding:
    """What an utterance means; `why` gives for every label the words that showed it, in the order said."""

    asks: tuple[Ask, ...] = ()
    acts: tuple[Act, ...] = ()
    decision: tuple[Decision, ...] = ()
    agency: Agency | None = None
    grade: Grade | None = None
    why: tuple[tuple[str, str], ...] = ()

    @property
    def topics(self) -> tuple[Topic, ...]:
        """The topics asked about, in the order asked."""
        return tuple(ask.topic for ask in self.asks)


def understand(
    utterance: str, *, last_topic: Topic | None = None, expecting: Collection[Topic] = ()
) -> Understanding:
    """What `utterance` (as a recogniser wrote it) means. Any text is understood as something; nothing raises.

    `last_topic` is what was asked before, for a follow-up that names no topic ("which one?"). `expecting` are topics
    that the call makes likelier (`last_seen` where someone is missing): they win where the words fit two.
    """
    raw = written(utterance)
    model, words = _load()
    found = tokens(raw, words)
    lean = {model.labels.index(topic): _LEAN for topic in expecting}
    marked = [part for part in linear.parts(found, model, lean) if part.score > _FAINT]
    said = [(part.label, " ".join(raw[found[part.start].at : _end(found, part, raw)])) for part in marked]
    understood = _gather([(label, text) for label, text in said if label != "chatter"])
    if last_topic and not understood.why and _ELLIPTICAL.match(" ".join(raw)):
        text = " ".join(raw)
        return Understanding(asks=(Ask(last_topic, form(text), text),), why=((last_topic, text),))
    return understood


def as_json(understood: Understanding) -> dict[str, list[str] | str | None]:
    """The labels alone, as `rightcall understand` prints them: several decisions joined by a space."""
    return {
        "asks": list(understood.topics),
        "acts": list(understood.acts),
        "decision": " ".join(understood.decision) or None,
        "agency": understood.agency,
        "grade": understood.grade,
    }


def form(text: str) -> Form:
    """How a question is put: open ("what…"), closed ("is he…") or leading ("he's gone, hasn't he")."""
    raw = text.split()
    opening = next((word for word in raw[:6] if word in _ASKING or word in _OPEN), "")
    if _TAG.search(text) and not (raw and (raw[0] in _ASKING or raw[0] in _OPEN)):
        return "leading"
    return "open" if opening in _OPEN else "closed"


def _end(found: list[Token], part: Part, raw: list[str]) -> int:
    return found[part.end].at if part.end < len(found) else len(raw)


def _gather(said: list[tuple[str, str]]) -> Understanding:
    asks: dict[Topic, Ask] = {}
    acts: dict[Act, str] = {}
    decisions: dict[Decision, str] = {}
    agency: Agency | None = None
    grade: Grade | None = None
    for label, text in said:
        for name in label.split("+"):
            kind, _, more = name.partition(".")
            if kind in TOPICS:
                topic = cast("Topic", kind)
                asks.setdefault(topic, Ask(topic, form(text), text))
            elif kind in ACTS:
                acts.setdefault(cast("Act", kind), text)
            else:
                acts.setdefault("decide", text)
                decisions.setdefault(cast("Decision", kind), text)
                agency = agency or (cast("Agency", more) if more in AGENCIES else None)
                grade = grade or (cast("Grade", more) if more in GRADES else None)
    why = tuple((name, text) for label, text in said for name in label.split("+"))
    return Understanding(tuple(asks.values()), tuple(acts), _settled(decisions), agency, grade, why)


def _settled(decisions: Mapping[Decision, str]) -> tuple[Decision, ...]:
    """Police and another service together stay two; otherwise the stronger decision is the one that counts."""
    if "deploy" in decisions:
        return ("deploy", "refer") if "refer" in decisions else ("deploy",)
    return next(((name,) for name in ("refer", "resolve", "none") if name in decisions), ())


@lru_cache(maxsize=1)
def _data() -> bytes:
    return resources.files("scripts").joinpath("lexicon", "understanding.json").read_bytes()


@lru_cache(maxsize=1)
def _load() -> tuple[Model, Words]:
    packed = json.loads(_data())
    words = packed["words"]
    weights = {
        name: tuple((row[i], row[i + 1] / 10) for i in range(0, len(row), 2))
        for name, row in packed["weights"].items()
    }
    model = Model(tuple(packed["labels"]), packed["labels"].index("chatter"), weights)
    kinds = Words(words["same"], words["spoken"], words["letters"], frozenset(words["acronyms"]), words["kinds"])
    return model, kinds


def __getattr__(name: str) -> str:
    if name == "UNDERSTANDING_VERSION":
        return f"{_RULES}-{hashlib.sha256(_data()).hexdigest()[:12]}"
    raise AttributeError(name)
