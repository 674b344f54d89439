"""Criteria about how the call was handled: what was said, silence, interruptions, reassurance, the close."""

from __future__ import annotations

from scripts import wording
from scripts.events import HoldChanged
from scripts.evidence import Call, Finding, clock, falling
from scripts.ledger import Turn
from scripts.lexicons import lexicon
from scripts.marksheet import Evidence
from scripts.script import Criterion
from scripts.vocabulary import Act

TROUBLE_NEAR = 3.0
"""Seconds around a silence in which trouble with the line or the recogniser excuses it."""

GOODBYES = ("bye*", "goodbye*", "good bye", "take care")

LAST_TURNS = 3
"""The turns in which a close is looked for."""


# --- said ----------------------------------------------------------------------------------------------------


def said(criterion: Criterion, call: Call) -> Finding:
    """One of the phrases is said, `count` times; a phrase that is denied does not count.

    Met: “I'm staying on the line with you” (`words = ["staying on the line"]`). Unmet: nothing of the kind.
    """
    hits = [
        (turn, found)
        for turn in call.ledger.turns
        if (found := wording.find(criterion.words, turn.utterance.text, wide=True))
    ]
    good = [(turn, found) for turn, found in hits if not found.negated]
    if len(good) >= criterion.count:
        turn, found = good[0]
        return Finding(1.0, f"Said “{found.words}” at {clock(turn.utterance.began)}.", (call.said(turn),))
    if good:
        when = clock(good[0][0].utterance.began)
        why = f"Said “{good[0][1].words}” {len(good)} of {criterion.count} times, first at {when}."
        return Finding(len(good) / criterion.count, why, tuple(call.said(turn) for turn, _ in good))
    if hits:
        turn, found = hits[0]
        why = f"At {clock(turn.utterance.began)} “{found.words}” was said only to deny it."
        return Finding(0.0, why, (call.said(turn),), unsure=call.doubt([turn]))
    looked_for = _title(criterion) or f"“{criterion.words[0] if criterion.words else ''}” or the like"
    return Finding(
        0.0, f"Not heard {call.length}: {looked_for}.", call.nothing("it was not said"), unsure=call.doubt_all()
    )


def advised(criterion: Criterion, call: Call) -> Finding:
    """The caller is told one of the phrases as advice; without `words`, any advice counts.

    Met: “Stay where you are and lock the door” (`words = ["lock"]`). Unmet: “Don't lock the door”.
    """
    if criterion.words:
        return said(criterion, call)
    return _did(criterion, call, call.ledger.did("advise"), "advice")


def reassured(criterion: Criterion, call: Call) -> Finding:
    """The caller is reassured, `count` times.

    Met: “You're doing really well, I'm right here”. Unmet: a call of questions only.
    """
    kind = [turn for turn in call.ledger.did("reassure") if "dismiss" not in turn.meaning.acts]
    return _did(criterion, call, kind, "reassurance")


def _did(criterion: Criterion, call: Call, turns: list[Turn], what: str) -> Finding:
    times = len(turns)
    if times >= criterion.count:
        why = f"Gave {what} at {clock(turns[0].utterance.began)}: “{turns[0].utterance.text}”."
        return Finding(1.0, why, tuple(map(call.said, turns[: criterion.count])))
    if turns:
        first = clock(turns[0].utterance.began)
        why = f"Gave {what} {times} of {criterion.count} times, first at {first}."
        return Finding(round(times / criterion.count, 4), why, tuple(map(call.said, turns)))
    return Finding(0.0, f"Gave no {what} {call.length}.", call.nothing(f"no {what}"), unsure=call.doubt_all())


def never_said(criterion: Criterion, call: Call) -> Finding:
    """None of the phrases is said to the caller, or the act (`promise`, `dismiss`) is never done.

    Met: “Don't go downstairs” (`words = ["go ... downstairs"]`). Unmet: “Can you go and look downstairs?”.
    """
    if criterion.act:
        return _acted(criterion.act, call)
    hits = [
        (turn, found) for turn in call.ledger.turns if (found := wording.find(criterion.words, turn.utterance.text))
    ]
    bad = [(turn, found) for turn, found in hits if found.plain]
    bad.sort(key=lambda hit: (hit[1].near, bool(call.doubt([hit[0]])), hit[0].utterance.began))
    if not bad:
        return _kept(call)
    turn, found = bad[0]
    why = f"At {clock(turn.utterance.began)} the caller was told “{found.words}”."
    doubt = call.doubt([turn])
    if not doubt and found.near:
        doubt = f"“{found.words}” is only nearly what must not be said"
    return Finding(0.0, why, (call.said(turn),), unsure=doubt)


def _acted(act: Act, call: Call) -> Finding:
    """What was done, if it was: the tone of a single turn settles nothing without words that say as much."""
    turns = call.ledger.did(act)
    signs = {id(turn): wording.find(lexicon("conduct")[act]["phrases"], turn.utterance.text) for turn in turns}
    if act == "promise":  # that nothing can be promised is no promise
        turns = [turn for turn in turns if not ((sign := signs[id(turn)]) and sign.negated)]
    if not turns:
        return _kept(call)
    turns.sort(key=lambda turn: (signs[id(turn)] is None, bool(call.doubt([turn])), turn.utterance.began))
    doubt = call.doubt(turns[:1])
    if not doubt and len(turns) == 1 and signs[id(turns[0])] is None:
        doubt = "no word of it settles that, only its tone"
    why = f"At {clock(turns[0].utterance.began)} the words were: “{turns[0].utterance.text}”."
    return Finding(0.0, why, tuple(map(call.said, turns)), unsure=doubt)


def _kept(call: Call) -> Finding:
    if not call.handled:
        return _not_handled(call)
    return Finding(1.0, "Nothing of the kind was said.", call.nothing("nothing of the kind was said"))


def _not_handled(call: Call) -> Finding:
    """Whoever only breathes or sings earns nothing for what was not said."""
    why = f"Hardly anything was asked, advised or decided {call.length}, so keeping from mistakes earns nothing."
    return Finding(None, why, call.nothing("the call was not handled"))


def _title(criterion: Criterion) -> str:
    return criterion.title[:1].lower() + criterion.title[1:]


# --- silence and interruptions -------------------------------------------------------------------------------


def no_dead_air(criterion: Criterion, call: Call) -> Finding:
    """The caller is never left in silence longer than `seconds` (or the force's limit); holds do not count.

    Met: the longest silence is 5 s of 8 s. Unmet: 20 s of typing while the caller asks “Hello? Are you there?”.
    """
    target = criterion.seconds or call.force.marking.dead_air
    gaps = _silences(call)
    length, began = max(gaps, default=(0.0, 0.0))
    note = call.clock(f"the longest silence was {length:.1f} seconds, from {clock(began)}", began)
    troubled = [
        trouble
        for trouble in call.ledger.troubles
        if began - TROUBLE_NEAR <= trouble.at <= began + length + TROUBLE_NEAR
    ]
    if troubled and length > target:
        why = f"The longest silence, at {clock(began)}, came with trouble on the line: {troubled[0].what}."
        return Finding(None, why, (note,))
    if length <= target:
        why = f"The caller was never left in silence for more than {length:.0f} seconds."
        return Finding(1.0, why, (note,))
    why = f"At {clock(began)} the caller was left in silence for {length:.0f} seconds, not at most {target:.0f}."
    return Finding(falling(length, target), why, (note,))


def _silences(call: Call) -> list[tuple[float, float]]:
    """Every silence as (seconds, from when): nobody speaks but for the caller asking whether anyone is there."""
    sounds, nudges = _sounds(call)
    gaps: list[tuple[float, float]] = []
    quiet_from = sounds[0][0] if sounds else 0.0
    for began, ended in [*sounds, (call.end, call.end)]:
        if began > quiet_from:
            excused = _overlap(nudges, quiet_from, began) + _overlap(_holds(call), quiet_from, began)
            gaps.append((round(began - quiet_from - excused, 3), quiet_from))
        quiet_from = max(quiet_from, ended)
    return gaps


Span = tuple[float, float]


def _sounds(call: Call) -> tuple[list[Span], list[Span]]:
    """When somebody spoke, in order, and when the caller only asked whether anyone is there."""
    sounds: list[Span] = [(turn.utterance.began, turn.utterance.ended) for turn in call.ledger.turns]
    nudges: list[Span] = []
    free_at = 0.0
    for spoken in call.ledger.spoken:
        began = max(spoken.say.at, free_at)  # lines that are said one after the other are logged together
        ended = max(began, began if spoken.ended is None else spoken.ended)
        free_at = ended
        (nudges if spoken.say.about in ("nudge", "gives_up") else sounds).append((began, ended))
    return sorted(sounds), nudges


def _holds(call: Call) -> list[Span]:
    spans: list[Span] = []
    since: HoldChanged | None = None
    for change in call.ledger.holds:
        if change.on and since is None:
            since = change
        elif not change.on and since is not None:
            spans.append((since.at, change.at))
            since = None
    return [*spans, (since.at, call.end)] if since else spans


def _overlap(spans: list[Span], began: float, ended: float) -> float:
    return sum(max(0.0, min(ended, last) - max(began, first)) for first, last in spans)


def did_not_interrupt(criterion: Criterion, call: Call) -> Finding:
    """The trainee talks the caller down `count` times at most; twice as often leaves half, more leaves nothing.

    Met: one line is cut short of the one allowed. Unmet: every answer is talked over.
    """
    cuts = call.interruptions
    if not cuts and not call.handled:
        return _not_handled(call)
    evidence = tuple(
        Evidence(at=round(at, 1), who="caller", quote=f"{say.text} (cut short)")
        for at, say in cuts[: criterion.count + 2]
    )
    times = "once" if len(cuts) == 1 else f"{len(cuts)} times"
    if len(cuts) <= criterion.count:
        why = (
            f"The caller was talked over {times}, no more than allowed."
            if cuts
            else "The caller was never talked over."
        )
        return Finding(1.0, why, evidence or call.nothing("no line of the caller's was cut short"))
    share = 0.5 if len(cuts) <= 2 * criterion.count else 0.0
    why = f"The caller was talked over {times}, first at {clock(cuts[0][0])}, and what was said then was lost."
    return Finding(share, why, evidence)


def no_monologue(criterion: Criterion, call: Call) -> Finding:
    """The trainee never talks for longer than `seconds` (or the force's limit) at a time.

    Met: the longest turn takes 12 s of 25 s. Unmet: a minute of reading out while the caller waits.
    """
    target = criterion.seconds or call.force.marking.monologue
    longest = max(call.ledger.turns, key=lambda turn: turn.utterance.ended - turn.utterance.began, default=None)
    if longest is None or not call.handled:
        return _not_handled(call)
    began, length = longest.utterance.began, longest.utterance.ended - longest.utterance.began
    if length <= target:
        return Finding(1.0, f"The trainee never talked for more than {length:.0f} seconds.", (call.said(longest),))
    why = f"At {clock(began)} the trainee talked for {length:.0f} seconds on end, not at most {target:.0f}."
    return Finding(falling(length, target), why, (call.said(longest),))


# --- the close -----------------------------------------------------------------------------------------------


def closed_properly(_criterion: Criterion, call: Call) -> Finding:
    """The trainee ends the call after deciding, and with a close, advice or a reference.

    Met: “Ring straight back if anything changes. Bye for now.” Unmet: hanging up before anything was decided.
    """
    ended = call.ledger.ended
    if ended is None or call.lost:
        return Finding(None, "The call broke off, so there was nothing to close.")
    last = _last_exchange(call)
    if ended.by == "line":
        return Finding(None, "The caller's line went dead, so there was nothing to close.", last)
    if not call.ledger.decisions:
        who = "The trainee hung up" if ended.by == "trainee" else "The call ended"
        why = f"{who} at {clock(ended.at)} before anything was decided, with the caller left in the dark."
        return Finding(0.0, why, last, unsure=call.doubt_all())
    turns = call.ledger.turns
    if any(
        "close" in turn.meaning.acts or wording.find(GOODBYES, turn.utterance.text) for turn in turns[-LAST_TURNS:]
    ):
        return Finding(1.0, f"The call was closed with a goodbye at {clock(ended.at)}.", last)
    if ended.by == "caller":
        why = f"The caller gave up and hung up at {clock(ended.at)}."
        return Finding(0.0, why, last, harmless=True)
    if any({"advise", "reference"} & set(turn.meaning.acts) for turn in turns):
        return Finding(1.0, f"The trainee ended the call at {clock(ended.at)}, after advice or a reference.", last)
    why = f"The trainee hung up at {clock(ended.at)} without a goodbye, advice or a reference number."
    return Finding(0.5, why, last)


def _last_exchange(call: Call) -> tuple[Evidence, ...]:
    """The last words of either side, in order."""
    words = [call.said(turn) for turn in call.ledger.turns[-1:]]
    words += [call.heard(spoken) for spoken in call.ledger.spoken[-1:]]
    return tuple(sorted(words, key=lambda piece: piece.at)) or call.nothing("not a word was said")
