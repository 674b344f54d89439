"""More trainees for a rehearsal, made from what its script has and the rehearsed trainees leave untried.

They are plain and a little wooden: a beginning for an author, who reads each transcript and gives them better words.
Only those are suggested who reach something new.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from scripts.cover import cover, cover_by
from scripts.force import Force
from scripts.lexicons import lexicon
from scripts.marking import mark
from scripts.rehearsal import RING_SECONDS, Rehearsal, TrainedTurn, Trainee, play
from scripts.script import Fact, Outcome, Reaction, Script
from scripts.vocabulary import TOPICS

PAUSE = 6.0
"""Seconds of silence at a time: shorter than most callers' patience."""
LONGEST_WAIT = 240.0
"""Seconds that a suggested trainee waits for timed events, at the most."""


def suggest(script: Script, rehearsal: Rehearsal, force: Force) -> dict[str, Trainee]:
    """The trainees who reach what is untried, by name, each with the critical failures that it comes to."""
    untried = set(cover(script, rehearsal, force).untried)
    chosen: dict[str, Trainee] = {}
    for name, trainee in _candidates(script):
        left = untried & set(cover_by(script, [trainee], force, [rehearsal.seed]).untried)
        if left == untried or name in rehearsal.also:
            continue
        sheet = mark(script, play(script, rehearsal.seed, trainee), force)
        critical = tuple(verdict.criterion for verdict in sheet.verdicts if verdict.critical)
        chosen[name], untried = trainee.model_copy(update={"critical": critical}), left
    return chosen


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
    return f"{{ {', '.join(f'{key} = {json.dumps(value, ensure_ascii=False)}' for key, value in given.items())} }}"


def _said(section: str, key: str) -> TrainedTurn:
    return TrainedTurn(say=lexicon("suggesting")[section][key][0])


def _candidates(script: Script) -> Iterator[tuple[str, Trainee]]:
    """Everybody who could be suggested, in the order of trying."""
    close = _said("phrases", "close")
    asking = [turn for fact in script.facts for turn in _asked(fact)]
    wrong = [_said("wrong", fact.kind) for fact in script.facts if fact.kind]
    comforting = [_said("phrases", "comfort"), TrainedTurn(key="55"), _said("phrases", "comfort")]
    waiting = _waiting(script)
    yield "asks-everything", Trainee(turns=[*asking, close])
    yield "comforts-and-asks", Trainee(turns=[*comforting, *asking, *asking, close])
    yield "waits-and-asks", Trainee(turns=[*waiting, *comforting, *asking, *asking, close])
    yield "reads-back-wrong", Trainee(turns=[*asking, *wrong, close])
    yield "clumsy", Trainee(rang_for=90, turns=[*_clumsy(script), close])
    yield "says-nothing", Trainee(turns=[TrainedTurn(wait=600)])
    rows: list[Outcome | Reaction] = [*script.outcomes, *script.reactions]
    for number, row in enumerate(rows, start=1):
        decides = [_decides(row), TrainedTurn(wait=PAUSE), close]
        yield f"decides-{number}", Trainee(turns=[*(waiting if row.after else []), *decides])
        yield f"decides-{number}-late", Trainee(turns=[*asking, *waiting, *decides])


def _clumsy(script: Script) -> list[TrainedTurn]:
    """Odd remarks, a question that nothing answers, advice, a promise, blame, and being put on hold."""
    known = {topic for fact in script.facts for topic in fact.topics}
    unknown = [_said("questions", topic) for topic in TOPICS if topic not in known]
    said = [_said("phrases", key) for key in ("promise", "odd", "again", "advice", "blame", "comfort")]
    return [*unknown, *said, TrainedTurn(hold=True), TrainedTurn(wait=PAUSE), TrainedTurn(hold=False)]


def _asked(fact: Fact) -> Iterator[TrainedTurn]:
    """A question for each topic of the fact; with its keyword, where it has some."""
    for topic in fact.topics:
        question = _said("questions", topic)
        keyword = f" I mean the {fact.keywords[0]}." if fact.keywords else ""
        yield TrainedTurn(say=question.say + keyword)


def _waiting(script: Script) -> list[TrainedTurn]:
    """Silence, and a word now and then, until what is timed has happened."""
    until = min(LONGEST_WAIT, max((event.at or event.delay for event in script.events), default=0.0))
    return [TrainedTurn(wait=PAUSE, say=_said("phrases", "bear").say) for _ in range(round(until / PAUSE))]


def _decides(decided: Outcome | Reaction) -> TrainedTurn:
    decision = decided.to if isinstance(decided, Reaction) else decided.decision
    if decision == "refer" and decided.agency:
        return _said("referrals", decided.agency)
    return _said("decisions", f"{decision} {decided.grade}" if decision == "deploy" and decided.grade else decision)
