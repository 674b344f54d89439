"""Criteria about questions: asked, asked_before, asked_within, order."""

from __future__ import annotations

import math
from itertools import pairwise

from scripts.evidence import Call, Finding, about, asks_of, because, clock, falling
from scripts.ledger import Spoken, Turn
from scripts.marksheet import Evidence
from scripts.script import Criterion, Fact
from scripts.vocabulary import Topic


def asked(criterion: Criterion, call: Call) -> Finding:
    """The trainee asks about the topic (or each of the topics or facts), or is told it without having to.

    Met: “Has he got anything with him?”. Partial: “No weapons, is there?” – a leading question is half an ask.
    """
    things = wanted(criterion, call)
    if not things:
        return Finding(None, "It never came up: what it depends on did not happen.")
    found = [_asked(thing, call) for thing in things]
    share = sum(one.share or 0.0 for one in found) / len(found)
    why = " ".join(one.why for one in found)
    evidence = tuple(dict.fromkeys(piece for one in found for piece in one.evidence))
    return Finding(round(share, 4), why, evidence, unsure="" if share else call.doubt_all())


def wanted(criterion: Criterion, call: Call) -> list[Topic | Fact]:
    """The topics and facts that a criterion names, without those that could not come up in this call."""
    ids = [criterion.fact, *criterion.facts]
    facts = [fact for fact in map(call.fact, ids) if fact is not None and call.could_be(fact)]
    topics = [topic for topic in (criterion.topic, *criterion.topics) if topic is not None]
    return [*topics, *facts]


def _asked(thing: Topic | Fact, call: Call) -> Finding:
    turns = turns_asking(thing, call)
    topics = thing.topics if isinstance(thing, Fact) else (thing,)
    fair = [turn for turn in turns if set(asks_of(turn, topics)) - {"leading"}]
    what = about(thing)
    if fair:
        return Finding(1.0, f"Asked about {what} at {clock(fair[0].utterance.began)}.", (call.said(fair[0]),))
    if turns:
        why = f"Asked about {what} at {clock(turns[0].utterance.began)}, but in words that suggest the answer."
        return Finding(0.5, why, (call.said(turns[0]),))
    spoken = _unasked(thing, call)
    if spoken is not None:
        why = f"Told unasked about {what} at {clock(spoken.say.at)}."
        return Finding(1.0, why, (call.heard(spoken),))
    return Finding(
        0.0, f"Nobody asked about {what} {call.length}{because(topics)}.", call.nothing(f"none asked about {what}")
    )


def turns_asking(thing: Topic | Fact, call: Call) -> list[Turn]:
    """The turns that ask for it."""
    if isinstance(thing, Fact):
        return [call.turn(place) for place in call.history(thing).asked]
    return call.ledger.asked_about(thing)


def _unasked(thing: Topic | Fact, call: Call) -> Spoken | None:
    facts = [thing] if isinstance(thing, Fact) else [fact for fact in call.script.facts if thing in fact.topics]
    spoken = [told for fact in facts if (told := call.unasked(fact)) is not None]
    return min(spoken, key=lambda one: one.say.at, default=None)


def _first(thing: Topic | Fact, call: Call) -> tuple[float, Evidence] | None:
    """When it was first asked or told unasked; questions in one breath are a hair's breadth apart."""
    moments: list[tuple[float, Evidence]] = []
    turns = turns_asking(thing, call)
    if turns:
        topics = thing.topics if isinstance(thing, Fact) else (thing,)
        place = next((n for n, ask in enumerate(turns[0].meaning.asks) if ask.topic in topics), 0)
        moments.append((turns[0].utterance.began + place / 1000, call.said(turns[0])))
    facts = [thing] if isinstance(thing, Fact) else [fact for fact in call.script.facts if thing in fact.topics]
    repeated = [call.turn(place) for fact in facts for place in call.history(fact).right[:1]]
    moments += [(turn.utterance.began, call.said(turn)) for turn in repeated]  # read off the display, for one
    spoken = _unasked(thing, call)
    if spoken is not None and spoken.ended is not None:
        moments.append((spoken.ended, call.heard(spoken)))
    return min(moments, key=lambda moment: moment[0], default=None)


def asked_before(criterion: Criterion, call: Call) -> Finding:
    """The trainee asks about the topic before another topic, or before the first decision.

    Met: “What's the address?” and then “What's happening?” (`before = "emergency"`). Unmet: the other way round.
    """
    things = wanted(criterion, call)
    if not things or criterion.before is None:
        return Finding(None, "It never came up: what it depends on did not happen.")
    later, limit, limit_evidence = _limit(criterion, call)
    late: list[str] = []
    evidence: list[Evidence] = []
    for thing in things:
        moment = _first(thing, call)
        what = about(thing)
        if moment is None:
            late.append(f"{what} was never asked about {call.length}")
        elif moment[0] >= limit:
            late.append(f"{what} came only at {clock(moment[0])}, after {later} at {clock(limit)}")
        evidence += [moment[1]] if moment else []
    evidence += limit_evidence
    share = round(1 - len(late) / len(things), 4)
    if late:
        shown = tuple(evidence) or call.nothing("it was not asked about")
        return Finding(share, f"{_sentence('; '.join(late))}.", shown, unsure=call.doubt_all())
    why = f"Asked before {later}." if limit < math.inf else f"Asked, and {later} had not come up before."
    return Finding(share, why, tuple(evidence))


def _limit(criterion: Criterion, call: Call) -> tuple[str, float, list[Evidence]]:
    """What must come later, when it came, and its quote."""
    if criterion.before == "decision":
        first = next(iter(call.ledger.decisions), None)
        return "the decision", first.at if first else math.inf, [call.decision(first)] if first else []
    if criterion.before is None:
        return "", math.inf, []
    turns = turns_asking(criterion.before, call)
    if not turns:
        return about(criterion.before), math.inf, []
    place = next((n for n, ask in enumerate(turns[0].meaning.asks) if ask.topic == criterion.before), 0)
    return about(criterion.before), turns[0].utterance.began + place / 1000, [call.said(turns[0])]


def asked_within(criterion: Criterion, call: Call) -> Finding:
    """The trainee asks in time: all points up to `seconds` after the answer, none from twice as late.

    Met: “What's the address?” at 0:06 of a 15 second target. Unmet: at 0:40.
    """
    things = wanted(criterion, call)
    if not things or not criterion.seconds:
        return Finding(None, "It never came up: what it depends on did not happen.")
    moments = [_first(thing, call) for thing in things]
    reached = [moment for moment in moments if moment is not None]
    what = " and ".join(about(thing) for thing in things)
    if len(reached) < len(moments):
        why = f"Nobody asked about {what} {call.length}, due within {criterion.seconds:.0f} seconds."
        shown = tuple(moment[1] for moment in reached) or call.nothing(f"none asked about {what}")
        return Finding(0.0, why, shown, unsure=call.doubt_all())
    last = max(reached, key=lambda moment: moment[0])
    share = falling(last[0], criterion.seconds)
    how = "within" if share == 1 else "later than"
    why = f"Asked about {what} at {clock(last[0])}, {how} the {criterion.seconds:.0f} seconds allowed."
    return Finding(share, why, (last[1],))


def order(criterion: Criterion, call: Call) -> Finding:
    """The topics or facts come up in the order given.

    Met: location, injuries, name of `topics = ["location", "injuries", "name"]`. Partial: one of them out of turn.
    """
    things = wanted(criterion, call)
    if len(things) < 2:
        return Finding(None, "There was nothing to put in order.")
    moments = [_first(thing, call) for thing in things]
    names = [about(thing) for thing in things]
    wrong: list[str] = []
    for (one, other), (first, second) in zip(pairwise(names), pairwise(moments), strict=True):
        if first is None or second is None:
            wrong.append(f"{one if first is None else other} never came up {call.length}")
        elif first[0] > second[0]:
            wrong.append(f"{other} came at {clock(second[0])}, before {one} at {clock(first[0])}")
    evidence = tuple(moment[1] for moment in moments if moment) or call.nothing("none of it was asked")
    share = round(1 - len(wrong) / (len(things) - 1), 4)
    why = f"{_sentence('; '.join(dict.fromkeys(wrong)))}." if wrong else f"In order: {', '.join(names)}."
    return Finding(share, why, evidence)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
