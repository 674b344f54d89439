"""Criteria about the outcome and its clock: decided, decided_within, regraded, answered_within."""

from __future__ import annotations

from scripts import wording
from scripts.disposition import Standing, moments, rate, standing
from scripts.evidence import Call, Finding, clock, falling
from scripts.lexicons import lexicon
from scripts.marksheet import Evidence
from scripts.script import Criterion, Rating

SHARES: dict[Rating, float] = {"right": 1.0, "acceptable": 0.8, "over_cautious": 0.5, "unsafe": 0.0, "wrong": 0.0}
"""What a disposition earns: under-grading costs all, over-grading half."""

SENT: tuple[Rating, ...] = ("right", "acceptable", "over_cautious")
"""The ratings that a clock accepts: a quick wrong decision earns nothing."""


def decided(criterion: Criterion, call: Call) -> Finding:
    """The final disposition, as the script's outcomes rate it.

    Met: officers are sent at the right grade. Unmet: an appointment while the burglar is in the house.
    """
    final = standing(call)
    verdict = rate(call, final)
    evidence = final.evidence(call)
    if verdict.rating is None:
        return Finding(
            0.0, f"{verdict.why} That stood {call.length}.", evidence, unsure=call.doubt_all(), harmless=True
        )
    doubt = call.doubt(final.turns) if final.entries else call.doubt_all() or _sounds_sent(call)
    words = {"over_cautious": "over-cautious"}.get(verdict.rating, verdict.rating)
    why = f"{verdict.why} That stood {call.length}."
    if final.entries:
        why = f"{final.in_words(call)}, at {clock(final.entries[-1].at)}, is {words}: {verdict.why}"
    if criterion.critical and final.lead == "deploy" and not final.grade and not _says_so(final):
        doubt = "no word of it says outright that anybody was sent"
        return Finding(0.0, why, evidence, unsure=doubt)
    return Finding(SHARES[verdict.rating], why, evidence, unsure=doubt, harmless=verdict.rating != "unsafe")


def _says_so(final: Standing) -> bool:
    """Whether officers were sent by keys or form, or in words that leave no doubt of it."""
    sent = [entry for entry in final.entries if entry.decision == "deploy"]
    signs = lexicon("conduct")["sent"]["phrases"]
    return any(entry.how != "voice" or wording.find(signs, entry.words) is not None for entry in sent)


def _sounds_sent(call: Call) -> str:
    """Words that sound as if somebody was sent, in a call where nothing was understood to be decided."""
    for turn in call.ledger.turns:
        found = wording.find(lexicon("conduct")["sent"]["phrases"], turn.utterance.text)
        if found is not None and not found.negated:
            return f"“{found.words}” may have been a decision"
    return ""


def decided_within(criterion: Criterion, call: Call) -> Finding:
    """A disposition that is at least defensible comes in time: all points up to `seconds`, none from twice as late.

    Met: “Officers are on their way” at 0:50 of 90 seconds. Unmet: never, or only an unsafe decision.
    """
    target = criterion.seconds or 0.0
    for at in moments(call):
        then = standing(call, until=at)
        if then.decisions and rate(call, then, at=at).rating in SENT:
            share = falling(at, target)
            how = "within" if share == 1 else "later than"
            why = f"Decided at {clock(at)}, {how} the {target:.0f} seconds allowed."
            return Finding(share, why, then.evidence(call))
    evidence = standing(call).evidence(call)
    what = "No decision that helps the caller was taken" if call.ledger.decisions else "Nothing was decided"
    why = f"{what} {call.length}, due within {target:.0f} seconds."
    return Finding(0.0, why, evidence, unsure=call.doubt_all())


def regraded(criterion: Criterion, call: Call) -> Finding:
    """After the event the disposition is right again, within `seconds`.

    Met: “I'm making that an immediate” ten seconds after he came back. Unmet: the old grade stands.
    """
    happened = call.ledger.happened.get(criterion.event or "")
    if happened is None:
        return Finding(None, "It never came to that in this call.")
    news = tuple(
        call.heard(spoken) for spoken in call.ledger.spoken if spoken.say.about == f"event:{criterion.event}"
    )
    before = standing(call, until=happened)
    if before.decisions and rate(call, before, at=happened).rating == "right":
        why = f"The decision was right already when things changed at {clock(happened)}."
        return Finding(1.0, why, (*news[:1], *before.evidence(call)))
    for at in moments(call):
        then = standing(call, until=at)
        if at >= happened and then.decisions and rate(call, then, at=at).rating == "right":
            late = at - happened
            why = f"Put right at {clock(at)}, {late:.0f} seconds after things changed."
            share = falling(late, criterion.seconds) if criterion.seconds else 1.0
            return Finding(share, why, (*news[:1], *then.evidence(call)))
    if criterion.seconds and call.end - happened < criterion.seconds and not _trainee_ended(call):
        return Finding(None, "The call ended before there was time to decide again.", news)
    why = f"Things changed at {clock(happened)}, and the decision was not changed with them."
    return Finding(0.0, why, news[:1] or call.nothing("it was not decided again"), unsure=call.doubt_all())


def _trainee_ended(call: Call) -> bool:
    ended = call.ledger.ended
    return ended is not None and (ended.by == "trainee" or ended.why == "the call was closed")


def answered_within(criterion: Criterion, call: Call) -> Finding:
    """The call is taken in time: `seconds` of ringing, or the force's target for the line.

    Met: after 4 s of 10 s. Unmet: after 25 s.
    """
    answered = call.ledger.answered
    target = criterion.seconds or call.force.answer_within.get(call.script.line, 10.0)
    rang = answered.rang_for if answered else 0.0
    share = falling(rang, target)
    how = "within" if share == 1 else "longer than"
    why = f"The call was taken after {rang:.0f} seconds of ringing, {how} the {target:.0f} seconds allowed."
    return Finding(share, why, (Evidence(at=0.0, who="clock", quote=f"it rang for {rang:.1f} seconds"),))
