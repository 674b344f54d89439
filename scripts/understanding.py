"""What a call handler said in one utterance: what was asked, done and decided, and the words that show it.

The words are brought to a common form (`phrases`), cut into parts by a tagger (`linear`) and each part named by the
tagger and by a second linear model that sees the part as a whole (`naming`), both trained on sentence patterns and
labelled sentences. Rules read what neither can hold: the form of a question, elliptical follow-ups, offers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, cast

from scripts import linear, naming
from scripts.linear import Model, Part
from scripts.phrases import Token, Words, tokens, written
from scripts.vocabulary import ACTS, AGENCIES, DECISIONS, GRADES, TOPICS, Act, Agency, Decision, Grade, Topic

UNDERSTANDING_VERSION: str
"""Changes whenever the rules or the trained data change: kept with a marksheet, it tells which reading marked it."""

Form = Literal["open", "closed", "leading"]
_RULES = "5"
_FAINT = 75.0
"""What a part must score over meaning nothing, in hundredths of weight: "mhm okay" is evidence of nothing."""
_LEAN = 50.0
"""By how much a topic that the call makes likelier is favoured, in tenths of the tagger's weight."""
_TAGGED = 2.0
"""How many hundredths of a part's score a tenth of the tagger's weight is worth: measured best on rows unseen."""
_TAG = re.compile(
    r"\b(is|are|was|were|has|have|had|does|did|do|will|can|would)(n't)? (he|she|it|they|there|you|we|anyone)( not)?"
    r"( then| love| at all)?$|\b(is that right|right|correct|yeah|innit|eh|am i right|i take it|presumably)$"
)
_OPEN = re.compile(
    r"(what|where|when|who|whose|why|which|how|whereabouts|describe|tell|give|explain)('?s|'re|'d|'ve)?$"
)
_ASKING = re.compile(r"(is|are|was|were|has|have|had|does|did|do|will|can|could|would|any|shall|should|may)(n't)?$")
_POLICE = re.compile(r"\b(police|officers?|patrols?|units?|bobb(y|ies)|cars?|p c|constables?|colleagues|both)\b")
_SERVICE = re.compile(r"\b(ambulance|paramedics?|medics?|fire|brigade)\b")
_BEGINS = r"^(?:(?:and|so|but|then|right|well|okay|please|just|can you|could you) )*"
_ASKED = re.compile(
    _BEGINS + r"(?:(?:you )?(?:go|should|shall)|(?:is|are|was|were|has|have|had|did|does|do|would|will)(?:n't)? "
    r"(?:he|she|they|it|i|we|you|anyone|anybody|someone|somebody|there|the|your|any)) "
)
"""Orders to the caller and questions, which decide nothing, though they may send the caller to someone else."""
_UNDECIDED = re.compile(
    _BEGINS + r"(?:should|shall) (?:i|we) "
    r"|\b(?:may|might|could) (?:send|get|have to|need to|want to)\b"
    r"|\b(?:in case|would have to|would only) (?:we )?(?:send|deploy)\b"
    r"|\b(?:can't|cannot|couldn't|unable to) (?:send|get|deploy|dispatch)\b.*\b(?:until|till|unless|without|before)\b"
)
"""Offers and conditions that use a decision's words but decide nothing."""
_NOTHING = re.compile(
    r"\b(police|polis|matter|offence|crim\w*|civil|law\w*|illegal|unlawful|legal|courts?|solicitor|action|further|involved"
    r"|help|deal|do|doing|done|attend\w*|log|job|sen[dt]\w*|role|part|investigat\w*|private|dispute|act|between"
    r"|for us|one for)\b"
)
"""What a refusal speaks of: without any of it a "no" or a "not" is no decision."""
_ELSEWHERE = re.compile(
    r"\b(dentist|dental|doctor'?s?|hospital|hair\w*|vets?|optician'?s?|nurse|midwife|clinic|bank)\b.* appointment"
)
"""Somebody's own appointment, which is no visit by officers."""
_VISIT = re.compile(
    r"\b(appoint\w*|book\w*|visit\w*|officers?|police|someone|somebody|see|seen|com(e|es|ing)|call|diary|dairy|slot|arrang\w*"
    r"|attend\w*|schedul\w*|round|p ?c|pcso|beat|reserv\w*|grade|team|plann?\w*|pencil\w*|bobby|constable)\b"
)
"""What a visit at a set time is spoken of with: without any of it, a day or an hour is only the weather's."""
_LEADS = frozenset({"and", "so", "but", "okay", "right", "now", "then", "well", "yes", "no"})
_SUBJECTS = frozenset({"he", "she", "it", "they", "there", "you", "we", "i", "that", "this", "one"})
_LEAD = r"(?:(?:and|so|but|okay|right) )*"
_TRAIL = r"(?: love| please| then| do you think| roughly)?"
_ELLIPTICAL = re.compile(
    _LEAD + r"(?:which(?: one| ones| of them)?|what (?:kind|sort|type|else)|what about (?:him|her|them|the others?)"
    r"|are you sure(?: about that)?|is that definite|roughly|exactly|anything else(?: you remember)?|any more"
    r"|can you be more (?:specific|exact)|such as|like what|what do you mean(?: by that)?|do you know|any idea"
    r"|and the (?:others?|other one|second one|rest)|and (?:him|her|them)|not even roughly|best guess)" + _TRAIL
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


_NONE = Understanding()
_CHATTER = "chatter"


@dataclass(frozen=True, slots=True)
class Models:
    """The tagger, and the weights of the model of whole parts in hundredths."""

    tagger: Model
    naming: Mapping[str, Sequence[tuple[int, int]]]

    def name(self, found: Sequence[Token], part: Part) -> str:
        """What both models together say that a part means."""
        labels = self.tagger.labels
        second = naming.votes(naming.features(found[part.start : part.end]), self.naming, len(part.votes))
        scores = [_TAGGED * one + other for one, other in zip(part.votes, second, strict=True)]
        best = max(range(len(scores)), key=scores.__getitem__)
        return labels[best] if scores[best] - scores[labels.index(_CHATTER)] > _FAINT else _CHATTER


def understand(
    utterance: str, *, last_topic: Topic | None = None, expecting: Collection[Topic] = ()
) -> Understanding:
    """What `utterance` (as a recogniser wrote it) means. Any text is understood as something; nothing raises.

    `last_topic` is what was asked before, for a follow-up that names no topic ("which one?"). `expecting` are topics
    that the call makes likelier (`last_seen` where someone is missing): they win where the words fit two.
    """
    raw = written(utterance)
    text = " ".join(raw)
    if _ELLIPTICAL.fullmatch(text):
        return Understanding((Ask(last_topic, form(text), text),), why=((last_topic, text),)) if last_topic else _NONE
    models, words = _load()
    found = tokens(raw, words)
    lean = {models.tagger.labels.index(topic): _LEAN for topic in expecting}
    said = [
        (models.name(found, part), " ".join(raw[found[part.start].at : _end(found, part, raw)]))
        for part in linear.parts(found, models.tagger, lean)
    ]
    return _gather([(label, part) for label, part in said if not _void(label, part)])


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
    tag = _TAG.search(text)
    before = text[: tag.start()].split() if tag else text.split()
    opening = next((word for i, word in enumerate(before[:8]) if _opens(before, i)), "")
    if tag and before and not opening and set(before) - _LEADS:
        return "leading"
    return "open" if _OPEN.match(opening or text.split(maxsplit=1)[0]) else "closed"


def _opens(words: list[str], i: int) -> bool:
    """Whether a question opens at word `i`: "is he", but not the statement "he is"."""
    return bool(_OPEN.match(words[i]) or (_ASKING.match(words[i]) and (not i or words[i - 1] not in _SUBJECTS)))


def _end(found: list[Token], part: Part, raw: list[str]) -> int:
    return found[part.end].at if part.end < len(found) else len(raw)


def _gather(said: list[tuple[str, str]]) -> Understanding:
    asks: dict[Topic, Ask] = {}
    acts: dict[Act, str] = {}
    decisions: dict[Decision, str] = {}
    agency: Agency | None = None
    grade: Grade | None = None
    for label, text in said:
        for name in _witnessed(label, text):
            kind, _, more = name.partition(".")
            if kind in TOPICS:
                asks.setdefault(kind, Ask(kind, form(text), text))
            elif kind in ACTS:
                acts.setdefault(kind, text)
            else:
                acts.setdefault("decide", text)
                decisions.setdefault(cast("Decision", kind), text)
                agency = agency or (more if more in AGENCIES else None)
                grade = grade or (more if more in GRADES else None)
    why = tuple((name, text) for label, text in said for name in _witnessed(label, text))
    return Understanding(tuple(asks.values()), tuple(acts), _settled(decisions), agency, grade, why)


def _void(label: str, text: str) -> bool:
    kind = label.partition(".")[0].partition("+")[0]
    if kind not in DECISIONS:
        return label == _CHATTER
    if (label == "none" and not _NOTHING.search(text)) or (kind == "deploy" and _ELSEWHERE.search(text)):
        return True
    if label == "deploy.scheduled" and not _VISIT.search(text):
        return True
    return bool(_UNDECIDED.search(text) or (kind != "refer" and _ASKED.search(text)))


def _witnessed(label: str, text: str) -> list[str]:
    """The meanings of a label; two services in one are believed only where the words name them both."""
    names = label.split("+")
    if not label.startswith("deploy+"):
        return names
    if not _SERVICE.search(text):
        return names[:1]
    return names if _POLICE.search(text) else names[1:]


def _settled(decisions: Mapping[Decision, str]) -> tuple[Decision, ...]:
    """Police and another service together stay two; otherwise the stronger decision is the one that counts."""
    if "deploy" in decisions:
        return ("deploy", "refer") if "refer" in decisions else ("deploy",)
    return next(((name,) for name in ("refer", "resolve", "none") if name in decisions), ())


@lru_cache(maxsize=1)
def _data() -> bytes:
    from importlib import resources

    return resources.files("scripts").joinpath("lexicon", "understanding.json").read_bytes()


@lru_cache(maxsize=1)
def _load() -> tuple[Models, Words]:
    packed = json.loads(_data())
    words = packed["words"]
    models = Models(Model(tuple(packed["labels"]), packed["weights"]), packed["naming"])
    kinds = Words(words["same"], words["spoken"], words["letters"], frozenset(words["acronyms"]), words["kinds"])
    return models, kinds


def __getattr__(name: str) -> str:
    if name == "UNDERSTANDING_VERSION":
        import hashlib

        return f"{_RULES}-{hashlib.sha256(_data()).hexdigest()[:12]}"
    raise AttributeError(name)
