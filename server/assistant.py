"""What the assistant says on the telephone: how the call went, and what can be done next. Words only.

The assistant is not the caller: it has another voice, and it never speaks during a call.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from scripts.marksheet import Marksheet, Verdict
from voice.mouth import Speech
from voice.voices import Delivery, Sex, Voice, choose_voice

MOST_MISSED = 2
DELIVERY = Delivery(rate_wpm=165, pitch=48, volume=0.85)
OUTCOMES = {
    "passed": "You passed.",
    "failed": "That is not a pass.",
    "needs_assessor": "An assessor will look at it before it counts.",
}
ASK_PIN = "Right Call. Training line. Please key in your six digit PIN."
WRONG_PIN = "That PIN is not known. Please key in your six digit PIN."
NO_MORE_PINS = "That PIN is not known. Goodbye."
MENU = (
    "For your next call, press 1. To choose a call by its number, press 2. For ten quick calls, press 3. "
    "To end a call and hear how it went, press hash."
)
AGAIN = (
    "For another call, press 1. To choose a call by its number, press 2. For ten quick calls, press 3. "
    "To hear this again, press star. Or hang up."
)
TAKE_OR_LEAVE = "To take this call, press 1. To leave it, press 2."
KEY_IN_NUMBER = "Key in the number of the call, then hash."
NO_SUCH_CALL = "There is no call of that number."
NOT_KEPT = "Sorry, this call could not be stored. Please tell your trainer."
NOT_ANSWERED = "The call ended before it began."
BUSY = "All training lines are busy. Please ring again in a few minutes. Goodbye."
OUT_OF_ORDER = "Sorry, the training line is out of order. Please tell your trainer. Goodbye."
GOODBYE = "Thank you for training. Goodbye."


def feedback(marksheet: Marksheet) -> str:
    """The score, and the most important things missed, to be heard once."""
    said = [f"You scored {round(marksheet.score)} out of 100.", OUTCOMES[marksheet.outcome]]
    if marksheet.disposition.rating in ("right", "acceptable"):
        said.append(
            "Your decision was right." if marksheet.disposition.rating == "right" else "Your decision will do."
        )
    missed = most_missed(marksheet)
    if not missed:
        return " ".join([*said, "Nothing important was missed."])
    count = "The most important thing to work on." if len(missed) == 1 else "Two things to work on."
    said += [count, *(_sentence(verdict) for verdict in missed)]
    return " ".join(said)


def warning(content_note: str) -> str:
    """What a call that may distress is about, and how to leave it."""
    return f"Before you take this call, a note on what is in it. {content_note.strip()} {TAKE_OR_LEAVE}"


def most_missed(marksheet: Marksheet, most: int = MOST_MISSED) -> Sequence[Verdict]:
    """The verdicts that cost most: critical failures first, then by points lost. Unsure ones are not held against."""
    lost = [verdict for verdict in marksheet.verdicts if _is_lost(verdict)]
    return sorted(lost, key=lambda verdict: (not verdict.critical, verdict.points - verdict.of))[:most]


def _is_lost(verdict: Verdict) -> bool:
    return verdict.critical or (verdict.result in ("unmet", "partial") and verdict.points < verdict.of)


def _sentence(verdict: Verdict) -> str:
    told = (verdict.advice or verdict.why).strip()
    title = (verdict.critical_name if verdict.critical else verdict.title).strip().rstrip(".")
    return f"{title}. {told if told.endswith(('.', '?', '!')) else told + '.'}"


def assistant_voice(caller: str, callers_sex: Sex, installed: Sequence[Voice]) -> str:
    """An adult's voice of the other sex; where that is the caller's own, any other that is installed."""
    sex: Sex = "male" if callers_sex == "female" else "female"
    chosen = choose_voice(sex, 40, "rp", whispering=False, random=Random(1), installed=installed)
    if chosen != caller:
        return chosen
    return next((voice.id for voice in installed if voice.id != caller), chosen)


def speech(text: str, voice: str) -> Speech:
    """What the mouth is asked for."""
    return Speech(text, voice, DELIVERY)


def next_call(shelf: Sequence[str], taken: Sequence[str]) -> str:
    """A trainee's next call: the first on the shelf never taken, else the one taken longest ago.

    `shelf` in the order of training; `taken` newest first. Raises ValueError for an empty shelf.
    """
    if not shelf:
        raise ValueError("there are no calls on the shelf")
    ages = {name: age for age, name in reversed(list(enumerate(taken)))}
    return max(shelf, key=lambda name: ages.get(name, len(taken)))
