"""More trainees for a rehearsal, made from what its script has and the rehearsed trainees leave untried.

They are plain and a little wooden: a beginning for an author, who reads each transcript and gives them better words.
Only those are suggested who reach something new.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from scripts.cover import cover, cover_by
from scripts.exploring import Explorer
from scripts.force import Force
from scripts.lexicons import lexicon
from scripts.marking import mark
from scripts.rehearsal import RING_SECONDS, Rehearsal, TrainedTurn, Trainee, play
from scripts.script import Fact, Needs, Script
from scripts.vocabulary import TOPICS

Place = tuple[str, str]
"""A place in the script and what never happened there, as coverage names them."""

PAUSE = 6.0
"""Seconds of silence at a time: shorter than most callers' patience."""
LATE = 90
"""Seconds of ringing that are too many for every script."""
SILENT = 600.0
ROUNDS = 8
"""Trainees at the most who ask for what others could not be told."""

_IN_LIST = re.compile(r"\w+\[(\d+)\](?:\.(\w+))?")
SAID: dict[str, tuple[str, ...]] = {
    "promised": ("promise",), "obey": ("advice",), "hurt": ("blame",), "comforted": ("comfort",),
    "on_hold": ("hold",), "confused": ("odd",), "thanks": ("send", "send"), "refused": ("refuse", "refuse"),
}  # fmt: skip
"""What is said to hear one of the caller's lines, by the line."""
ACTS = {"promise": "promise", "advice": "advise", "blame": "dismiss", "comfort": "reassure", "hold": "hold"}


def suggest(script: Script, rehearsal: Rehearsal, force: Force) -> dict[str, Trainee]:
    """The trainees who reach what is untried, by name, each with the critical failures that it comes to."""
    untried = set(cover(script, rehearsal, force, [rehearsal.seed]).untried)
    trying = _Trying(script, force, rehearsal.seed, untried, set(rehearsal.also))
    trying.all()
    return trying.needed()


@dataclass
class _Trying:
    """What is left to reach, and who reached what."""

    script: Script
    force: Force
    seed: int
    untried: set[Place]
    taken: set[str]
    chosen: dict[str, tuple[Trainee, set[Place]]] = field(default_factory=dict)

    def all(self) -> None:
        """Try everybody who may reach something."""
        for number in range(1, ROUNDS + 1):
            self._facts(f"asks-{number}", number)
        for name, trainee in _simple(self.script):
            self.take(name, trainee)
        self._lines()
        self._decisions()
        self._events()

    def take(self, name: str, trainee: Trainee) -> bool:
        """Choose the trainee if it reaches something new."""
        if not self.untried:
            return False
        left = set(cover_by(self.script, [trainee], self.force, [self.seed]).untried)
        reached = self.untried - left
        if not reached:
            return False
        while name in self.taken:
            name += "-too"
        self.taken.add(name)
        self.untried -= reached
        sheet = mark(self.script, play(self.script, self.seed, trainee), self.force)
        critical = tuple(verdict.criterion for verdict in sheet.verdicts if verdict.critical)
        self.chosen[name] = (trainee.model_copy(update={"critical": critical}), reached)
        return True

    def needed(self) -> dict[str, Trainee]:
        return {name: trainee for name, (trainee, _) in self.chosen.items()}

    # --- facts -----------------------------------------------------------------------------------------------

    def _facts(self, name: str, number: int) -> None:
        """One trainee who goes after the facts that are left, first those that can only be had early."""
        goals = sorted((goal for goal in self.untried if goal[0].startswith("facts[")), key=self._order)
        if not goals:
            return
        start = (number - 1) * 3 % len(goals)
        explorer = Explorer(self.script, self.seed)
        for place, untried in [*goals[start:], *goals[:start]]:
            self._pursue(explorer, place, untried)
        explorer.phrase("close")
        self.take(name, explorer.trainee)

    def _order(self, goal: Place) -> tuple[int, float, str]:
        fact, key = self._fact(goal[0])
        after, before = (self._when(id_) for id_ in (fact.needs.after, fact.needs.before))
        vain = key == "withheld" or "before its needs" in goal[1]
        if vain and fact.needs.before is None:
            return 0, after, goal[0]
        return (
            (1, before, goal[0])
            if fact.needs.before and not vain
            else (2, max(after, before if vain else 0), goal[0])
        )

    def _when(self, event: str | None) -> float:
        """About when the event happens: what follows something comes after what is timed."""
        found = next((one for one in self.script.events if one.id == event), None)
        if found is None:
            return 0.0
        return found.at if found.at is not None else 300.0 + found.delay

    def _fact(self, place: str) -> tuple[Fact, str]:
        number, key = _parts(place)
        return self.script.facts[number], key

    def _pursue(self, explorer: Explorer, place: str, untried: str) -> None:
        fact, key = self._fact(place)
        if key == "withheld" or "before its needs" in untried:
            explorer.ask_in_vain(fact)
        elif key == "again":
            explorer.ask_again(fact)
        elif key == "correct":
            explorer.read_back_wrong(fact)
        else:
            explorer.hear_it_asked(fact)

    # --- lines, decisions, events ----------------------------------------------------------------------------

    def _lines(self) -> None:
        explorer = Explorer(self.script, self.seed)
        left = {place for place, _ in self.untried}
        if "lines.told_already" in left:
            explorer.ask_until_told_already()
        if "lines.withheld" in left:
            for fact in self.script.facts:
                if fact.needs != Needs() and fact.withheld is None:
                    explorer.ask_in_vain(fact)
        repeated = [fact for fact in self.script.facts if fact.value and fact.needs == Needs()]
        if "lines.yes" in left and repeated:
            explorer.read_back(min(repeated, key=lambda fact: fact.kind is None))
        for place in sorted(left):
            for key in SAID.get(place.removeprefix("lines."), ()):
                _say(explorer, key)
        self.take("remarks", explorer.trainee)

    def _decisions(self) -> None:
        """Every reaction in one call; every outcome in a call of its own, once at each turn of events."""
        for area, several in (("reactions", True), ("outcomes", False)):
            places = [place for place, _ in self.untried if place.startswith(f"{area}[")]
            for place in sorted(places):
                row, _ = _parts(place)
                what = (self.script.reactions if several else self.script.outcomes)[row]
                for number, event in enumerate([None, *self.script.events]):
                    if not any(left == place for left, _ in self.untried):
                        break
                    explorer = Explorer(self.script, self.seed)
                    if event is not None:
                        explorer.bring_about(event)
                    explorer.reach(what)
                    explorer.do(TrainedTurn(wait=1.0, hang_up=True))
                    self.take(f"decides-{area[:-1]}-{row}" + (f"-{number}" if number else ""), explorer.trainee)

    def _events(self) -> None:
        """Somebody who asks nothing, and waits for all that may happen; and others who wait for one thing."""
        for event in (None, *self.script.events):
            if event is not None and not any(
                place.startswith(("events[", "facts[", "criteria[")) for place, _ in self.untried
            ):
                return
            explorer = Explorer(self.script, self.seed)
            for one in self.script.events if event is None else [event]:
                explorer.bring_about(one)
            explorer.phrase("close")
            self.take("waits" if event is None else f"waits-for-{event.id}", explorer.trainee)
            if event is not None and event.tells:
                explorer = Explorer(self.script, self.seed)
                explorer.leave_after(event)
                self.take(f"misses-{event.id}", explorer.trainee)


def _parts(place: str) -> tuple[int, str]:
    """The number and the key of a place: `facts[3].again` has 3 and "again"."""
    found = _IN_LIST.fullmatch(place)
    return (int(found[1]), found[2] or "") if found else (0, "")


def _say(explorer: Explorer, key: str) -> None:
    if key == "send":
        explorer.say(lexicon("suggesting")["decisions"]["deploy"][0])
    elif key == "refuse":
        explorer.say(lexicon("suggesting")["decisions"]["none"][0])
    else:
        explorer.phrase(key, ACTS.get(key))  # type: ignore[arg-type]  # the names of acts


def _simple(script: Script) -> Iterator[tuple[str, Trainee]]:
    """Trainees who need not look at what comes of it."""
    yield "clumsy", Trainee(rang_for=LATE, turns=[*_clumsy(script), _said("phrases", "close")])
    yield "says-nothing", Trainee(turns=[TrainedTurn(wait=SILENT)])
    yield "interrupts", Trainee(turns=[*_interrupting(script), _said("phrases", "close")])
    questions = [_said("questions", topic) for topic in ("location", "injuries", "emergency")]
    speech = TrainedTurn(say=" ".join(_sentences()))
    yield "talks-on", Trainee(turns=[*questions, speech, _said("phrases", "close")])
    yield "leaves-at-once", Trainee(turns=[TrainedTurn(hang_up=True)])


def _sentences() -> Iterator[str]:
    """Every plain question in one breath."""
    for ways in lexicon("suggesting")["questions"].values():
        yield ways[0]


def _said(section: str, key: str) -> TrainedTurn:
    return TrainedTurn(say=lexicon("suggesting")[section][key][0])


def _clumsy(script: Script) -> list[TrainedTurn]:
    """Odd remarks, a question that nothing answers, advice, a promise, blame, and being put on hold."""
    known = {topic for fact in script.facts for topic in fact.topics}
    unknown = [_said("questions", topic) for topic in TOPICS if topic not in known][:1]
    said = [_said("phrases", key) for key in ("promise", "odd", "again", "advice", "blame", "comfort")]
    return [*unknown, *said, TrainedTurn(hold=True), TrainedTurn(wait=PAUSE), TrainedTurn(hold=False)]


def _interrupting(script: Script) -> Iterator[TrainedTurn]:
    for fact in script.facts[:12]:
        yield _said("questions", fact.topics[0]).model_copy(update={"over": 0.3})


def as_toml(trainees: dict[str, Trainee]) -> str:
    """The trainees as tables to put at the end of the rehearsal's file."""
    return "\n".join(_table(name, trainee) for name, trainee in trainees.items())


def _table(name: str, trainee: Trainee) -> str:
    turns = "".join(f"    {_turn(turn)},\n" for turn in trainee.turns)
    critical = f"critical = {json.dumps(list(trainee.critical))}\n" if trainee.critical else ""
    rang = "" if trainee.rang_for == RING_SECONDS else f"rang_for = {trainee.rang_for:g}\n"
    return f"[also.{name}]\n{rang}turns = [\n{turns}]\n{critical}"


def _turn(turn: TrainedTurn) -> str:
    given = turn.model_dump(exclude_defaults=True)
    if given.keys() == {"say"}:
        return json.dumps(turn.say, ensure_ascii=False)
    return f"{{ {', '.join(_pairs(given.items()))} }}"


def _pairs(given: Iterable[tuple[str, object]]) -> Iterator[str]:
    for key, value in given:
        yield f"{key} = {json.dumps(value, ensure_ascii=False)}"
