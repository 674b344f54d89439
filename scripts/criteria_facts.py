"""Criteria about what the trainee found out and made sure of: captured, summary_given."""

from __future__ import annotations

from scripts.events import ReadBack
from scripts.evidence import Call, Finding, about, because, clock, misheard
from scripts.ledger import Turn
from scripts.marksheet import Evidence, State
from scripts.matching import captured as compare
from scripts.script import Criterion, Fact

RANK: dict[State, int] = {
    "not_asked": 0, "asked": 1, "told": 2, "read_back_wrong": 2, "read_back_right": 3, "recorded": 4,
}  # fmt: skip
"""Which state outranks which: a read-back outranks what was only told, a right record outranks both."""

NEEDED: dict[str, int] = {"asked": 1, "told": 2, "read_back": 3, "recorded": 4}
"""The rank that a criterion's `full` or `part` asks for."""


# --- captured ------------------------------------------------------------------------------------------------


def captured(criterion: Criterion, call: Call) -> Finding:
    """The fact got as far as `full` asks for all points, or `part` for half of them.

    Met: the caller gives the address and the trainee reads it back right (`full = "read_back"`).
    Unmet: “So that's forty Mill Lane?” of fourteen, and nobody puts it right.
    """
    fact = call.fact(criterion.fact)
    if fact is None:
        return Finding(None, f"The script has no fact called {criterion.fact} any more.")
    if not call.could_be(fact):
        return Finding(None, "It never came up: what it depends on did not happen.")
    state = state_of(call, fact)
    wrong = _left_wrong(call, fact, state)
    if isinstance(wrong, ReadBack) and criterion.full == "told" and _put_right(call, fact):
        wrong = None
    rank = RANK[state]
    if rank >= NEEDED[criterion.full] and wrong is None:
        return Finding(1.0, _how_captured(call, fact, state), _proof(call, fact, state))
    part = criterion.part is not None and rank >= NEEDED[criterion.part]
    if wrong is not None:
        return _wrong(call, fact, wrong, part=part and criterion.full != "recorded")
    if part:
        why = f"{_how_captured(call, fact, state)} Full marks need it {criterion.full.replace('_', ' ')}."
        return Finding(0.5, why, _proof(call, fact, state))
    return _missing(call, fact, state, criterion.full)


def state_of(call: Call, fact: Fact) -> State:
    """How far the fact got; the last record and the last read-back are the ones that stand."""
    history = call.history(fact)
    if history.recorded and history.recorded[-1][2]:
        return "recorded"
    if history.right and history.right[-1] > max(history.wrong, default=-1):
        return "read_back_right"
    if history.wrong:
        return "read_back_wrong"
    return "told" if history.told else "asked" if history.asked else "not_asked"


def _left_wrong(call: Call, fact: Fact, state: State) -> ReadBack | str | None:
    """The wrong read-back, or the wrong record, that was never put right."""
    history = call.history(fact)
    if history.recorded and not history.recorded[-1][2]:
        typed = history.recorded[-1][1]
        if fact.kind and typed.strip() and compare(fact.kind, call.truth(fact), typed).wrong:
            return typed
    if state != "read_back_wrong":
        return None
    backs = call.turn(history.wrong[-1]).read_backs
    return next((back for back in backs if back.fact == fact.id and not back.right), None)


def _put_right(call: Call, fact: Fact) -> bool:
    """Whether the caller was heard to give it again after the last wrong read-back."""
    history = call.history(fact)
    wrong_at = max((call.turn(place).utterance.at for place in history.wrong), default=0.0)
    return any(at > wrong_at for at in history.told)


def _wrong(call: Call, fact: Fact, wrong: ReadBack | str, *, part: bool) -> Finding:
    history = call.history(fact)
    truth = call.written(fact)
    if isinstance(wrong, str):
        at = history.recorded[-1][0]
        why = (
            f"At {clock(at)} “{wrong}” was written down, but it is “{truth}”, so others would act on a wrong detail."
        )
        return Finding(0.5 if part else 0.0, why, (Evidence(at=round(at, 1), who="form", quote=wrong),))
    turn = call.turn(history.wrong[-1])
    put_right = _put_right(call, fact)
    why = f"At {clock(turn.utterance.began)} {about(fact)} was read back as “{wrong.heard}”, but it is “{truth}”"
    why += (
        "; the caller put it right, yet it was never read back again." if put_right else " and was never put right."
    )
    doubt = call.doubt([turn])
    if not doubt and misheard(truth, wrong):
        doubt = f"“{wrong.heard}” may be the recogniser's mishearing of “{truth}”"
    return Finding(
        0.5 if part and put_right else 0.0, why, (call.said(turn), *_told(call, fact, last=True)), unsure=doubt
    )


def _how_captured(call: Call, fact: Fact, state: State) -> str:
    history = call.history(fact)
    match state:
        case "recorded":
            return f"Wrote down {about(fact)} right at {clock(history.recorded[-1][0])}."
        case "read_back_right":
            return f"Read back {about(fact)} right at {clock(call.turn(history.right[-1]).utterance.began)}."
        case "told" | "read_back_wrong":
            at = clock(history.told[0]) if history.told else ""
            told = (
                f"Asked about {about(fact)}, and told at" if history.asked else f"Told unasked about {about(fact)} at"
            )
            return f"{told} {at}."
        case "asked":
            return f"Asked about {about(fact)} at {clock(call.turn(history.asked[0]).utterance.began)}."
        case _:
            return ""


def _proof(call: Call, fact: Fact, state: State) -> tuple[Evidence, ...]:
    history = call.history(fact)
    match state:
        case "recorded":
            at, typed, _ = history.recorded[-1]
            return (Evidence(at=round(at, 1), who="form", quote=typed),)
        case "read_back_right":
            return (*_told(call, fact), call.said(call.turn(history.right[-1])))
        case "asked":
            return (call.said(call.turn(history.asked[0])),)
        case _:
            return _told(call, fact)


def _told(call: Call, fact: Fact, *, last: bool = False) -> tuple[Evidence, ...]:
    places = call.history(fact).told_in[-1:] if last else call.history(fact).told_in[:1]
    return tuple(call.heard(call.ledger.spoken[place]) for place in places)


def _missing(call: Call, fact: Fact, state: State, full: str) -> Finding:
    matters = because(fact.topics)
    match state:
        case "not_asked":
            why = f"Never asked about {about(fact)} and never told {call.length}{matters}."
            return Finding(0.0, why, call.nothing("it was not asked for"), unsure=call.doubt_all())
        case "asked":
            why = f"{_how_captured(call, fact, state)[:-1]}, but the answer was never heard{matters}."
        case _:
            why = f"{_how_captured(call, fact, state)[:-1]}, but it was never {full.replace('_', ' ')}{matters}."
    return Finding(0.0, why, _proof(call, fact, state), unsure=call.doubt_all())


# --- summary -------------------------------------------------------------------------------------------------


def summary_given(criterion: Criterion, call: Call) -> Finding:
    """One turn reads back at least `count` facts right.

    Met: “So you're at 14 Mill Lane, your name's Jan Platt and he left in a red van”. Unmet: “Right, got all that”.
    """
    if not call.ledger.turns:
        return Finding(0.0, f"The trainee never spoke {call.length}.", call.nothing("nothing was summed up"))
    best = max(call.ledger.turns, key=lambda turn: len(_right(turn)))
    count = len(_right(best))
    wrong = [back for back in best.read_backs if not back.right]
    if count == 0:
        why = f"Nothing was summed up for the caller to put right {call.length}."
        return Finding(0.0, why, call.nothing("no turn read a detail back"), unsure=call.doubt_all())
    share = 1.0 if count >= criterion.count else 0.5 if 2 * count >= criterion.count else 0.0
    details = "1 detail was" if count == 1 else f"{count} details were"
    why = f"At {clock(best.utterance.began)} {details} read back right in one turn; {criterion.count} are asked for"
    why += f". “{wrong[0].heard}” was wrong." if wrong else "."
    return Finding(0.5 if wrong and share == 1 else share, why, (call.said(best),))


def _right(turn: Turn) -> list[str]:
    return list(dict.fromkeys(back.fact for back in turn.read_backs if back.right))
