"""What a round of quick calls says of its player: the habits that cost most, and what to train next. Words only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

from scripts.force import Force
from scripts.quick import SECONDS, Given, Round
from scripts.vocabulary import Agency

MOST = 2
"""Pieces of advice after one round: nobody trains three habits at once."""

Habit = str


def _late(given: Given) -> bool:
    return given.rating == "late"


def _missed_danger(given: Given) -> bool:
    return _decided_wrong(given) and given.call.right.grade == "emergency"


def _kept_away(given: Given) -> bool:
    return _decided_wrong(given) and given.call.right.grade in ("priority", "scheduled")


def _not_ours(given: Given) -> bool:
    return _decided_wrong(given) and not given.call.for_police and _decision(given) in ("deploy", "resolve")


def _whose(given: Given) -> bool:
    others = ("refer", "none")
    return _decided_wrong(given) and not given.call.for_police and _decision(given) in others


def _over_sent(given: Given) -> bool:
    return _decided_wrong(given) and given.call.right.decision == "resolve" and _decision(given) == "deploy"


def _turned_away(given: Given) -> bool:
    return _decided_wrong(given) and given.call.right.decision == "resolve" and _decision(given) != "deploy"


def _decided_wrong(given: Given) -> bool:
    return given.rating == "wrong"


def _decision(given: Given) -> str | None:
    return given.answer.decision if given.answer else None


HABITS: Mapping[Habit, tuple[Callable[[Given], bool], str]] = {
    "danger": (
        _missed_danger,
        "Danger now: before anything else ask who is at risk at this moment. A calm voice can hide it.",
    ),
    "kept away": (
        _kept_away,
        "Officers without blue lights: somebody held, a threat for later and fresh traces all need a visit.",
    ),
    "not ours": (
        _not_ours,
        "Not for the police: ask what crime or danger there is. Where there is none, say kindly whose matter it is.",
    ),
    "whose": (_whose, "Whose matter it is: learn which service does what, so that nobody rings twice."),
    "over-sent": (
        _over_sent,
        "By telephone: where it is over and nobody can be found, record it and give the number.",
    ),
    "turned away": (_turned_away, "Still a crime: what is recorded by telephone is a police matter all the same."),
    "late": (
        _late,
        f"Deciding in time: {SECONDS:.0f} seconds are enough for one question. Is anybody in danger now?",
    ),
}
"""What an answer can get wrong, the dearest first, and what to train where it was."""


def advice(round_: Round, force: Force) -> list[str]:
    """What to train next: the habits that cost most calls, the dearer one first where they cost as many."""
    found = Counter(name for given in round_.given for name, (fits, _) in HABITS.items() if fits(given))
    dearest = sorted(found, key=lambda name: (-found[name], list(HABITS).index(name)))[:MOST]
    said = [HABITS[name][1] for name in dearest]
    agencies = _agencies(round_, force)
    if agencies and {"not ours", "whose"} & set(dearest):
        said.append(f"This time it was for {agencies}.")
    return said or [_praise(round_)]


def _agencies(round_: Round, force: Force) -> str:
    """Whose the calls were that were taken for another's."""
    missed: list[Agency] = [
        given.call.right.agency for given in round_.given if given.rating == "wrong" and given.call.right.agency
    ]
    names = [force.agency(agency) for agency in dict.fromkeys(missed)]
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def _praise(round_: Round) -> str:
    if round_.right == len(round_.given):
        return "All right. Take a whole call next: there you have to find out for yourself."
    return "No wrong decision. Where one would only do, hear why the other was better."
