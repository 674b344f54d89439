"""Tells whether what a call handler said, as a recogniser wrote it, contains the true detail.

Text is first sorted into what is asserted, denied, asked and taken back (`assertion`); a small matcher for each kind
of detail then looks for the truth in what is left. In doubt the answer is no: a detail wrongly credited can hide a
caller who was sent help at the wrong house.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from scripts import matching_codes as codes
from scripts.assertion import Said, elsewhere, offers, read
from scripts.matching_addresses import house, says_address
from scripts.matching_addresses import targets as address_targets
from scripts.matching_births import other_birth, says_birth
from scripts.matching_descriptions import contradicts, says_description, says_direction
from scripts.matching_descriptions import mentions as _mentions
from scripts.matching_descriptions import targets as description_targets
from scripts.matching_doubts import replaces
from scripts.matching_names import name_parts, other_name, says_name
from scripts.matching_quantities import claimed as claimed_counts
from scripts.matching_quantities import says_quantity
from scripts.matching_sounds import restored
from scripts.matching_times import claimed as claimed_times
from scripts.matching_times import says_time
from scripts.spoken import write
from scripts.tokens import STOP, tokens
from scripts.vocabulary import DetailKind

Takes = Sequence[Sequence[str]]
_LONGEST = 400
"""Words that are looked at: no turn of a call is longer, and a runaway transcript must not stall the call."""


@dataclass(frozen=True, slots=True)
class Captured:
    """Whether an utterance states the true detail, or one that contradicts it, and the detail as it was heard."""

    captured: bool
    wrong: bool
    heard: str | None
    why: str


def _squeezed(truth: str) -> str:
    return "".join(c for c in truth.upper() if c.isalnum() and c.isascii())


def _says_code(code: codes.Code) -> Callable[[str, Takes], bool]:
    def says(truth: str, takes: Takes) -> bool:
        written = _squeezed(truth)
        return bool(written) and (codes.says(code, written, takes) or codes.says(code, written, takes, slips=True))

    return says


def _says_phone(truth: str, takes: Takes) -> bool:
    number = _squeezed(truth)
    abroad = number.startswith("0") and codes.says(codes.PHONE, "44" + number[1:], takes)
    return abroad or _says_code(codes.PHONE)(truth, takes)


_SAYS: dict[DetailKind, Callable[[str, Takes], bool]] = {
    "phone": _says_phone,
    "postcode": _says_code(codes.POSTCODE),
    "vehicle_registration": _says_code(codes.PLATE),
    "address": says_address,
    "person_name": says_name,
    "time": says_time,
    "date_of_birth": says_birth,
    "quantity": says_quantity,
    "description": says_description,
    "direction": says_direction,
}
_KNOWN: dict[DetailKind, str] = {
    "address": "place", "person_name": "name", "direction": "place", "description": "thing",
}  # fmt: skip
"""What kind of known names a word of such a detail must not be."""


def _says(kind: DetailKind, truth: str, takes: Takes) -> bool:
    if _SAYS[kind](truth, takes):
        return True
    if kind not in _KNOWN or not any(takes):
        return False
    heard = tuple(_restored(kind, truth, take) for take in takes)
    return heard != tuple(takes) and _SAYS[kind](truth, heard)


def _restored(kind: DetailKind, truth: str, words: Sequence[str]) -> tuple[str, ...]:
    """The words with those of the truth put back that were heard as others, where that can be told by sound."""
    return tuple(restored(_targets(kind, truth), words, _KNOWN[kind])) if kind in _KNOWN else tuple(words)


def _targets(kind: DetailKind, truth: str) -> list[tuple[str, ...]]:
    if kind == "address":
        return address_targets(truth)
    if kind == "person_name":
        return [(part,) for part in name_parts(truth)]
    return description_targets(truth)


_DESCRIPTIVE = frozenset(["description", "direction"])
_CODES = {"phone": codes.PHONE, "postcode": codes.POSTCODE, "vehicle_registration": codes.PLATE}


def captured(kind: DetailKind, truth: str, utterance: str) -> Captured:
    """Compare one utterance with one true detail, written as call scripts write it. Never raises on any text."""
    said = read(utterance, descriptive=kind in _DESCRIPTIVE, truth=truth, longest=_LONGEST)
    stated = _says(kind, truth, said.takes) and not _withdrawn(truth, said)
    if (
        (stated or said.denied)
        and not (stated and _or_is_nought(kind, truth, said.takes))
        and offers(_restored(kind, truth, said.everything), _content(kind, truth))
    ):
        return Captured(False, False, None, "Offered as one of several, so neither was settled.")
    if stated:
        return Captured(True, False, write(kind, truth), "Stated as the caller gave it.")
    heard = _heard(kind, truth, said)
    whole = said.denied and _SAYS[kind](truth, (said.everything,))
    if whole:
        return Captured(False, True, write(kind, truth), "Said to be untrue, but it is the true detail.")
    if heard:
        return Captured(False, True, heard, f"Heard {heard}, not {write(kind, truth)}.")
    if kind in _DESCRIPTIVE and contradicts(truth, said.takes):
        words = " ".join(word for word in said.takes[-1] if word != STOP)
        return Captured(False, True, words, f"Heard “{words}”, not “{truth}”.")
    return Captured(False, False, None, "Only asked for." if said.asked else "Not stated in full.")


def _withdrawn(truth: str, said: Said) -> bool:
    """Whether all was taken back and nothing like the detail was put in its place."""
    return said.withdrawn > 0 and not replaces(
        truth, [word for take in said.takes[said.withdrawn :] for word in take]
    )


def _or_is_nought(kind: DetailKind, truth: str, takes: Takes) -> bool:
    """Whether the code is only said when its `or` is the `oh` that it sounds like."""
    if kind not in _CODES or not any("or" in take for take in takes):
        return False
    return not _SAYS[kind](truth, tuple(tuple("either" if word == "or" else word for word in take) for take in takes))


def mentions(truth_words: str, utterance: str) -> bool:
    """Whether a free-text value (`in the loft`, `kitchen knife`) is said, in these or like words, and not denied."""
    said = read(utterance, descriptive=True, truth=truth_words, longest=_LONGEST)
    return any(_mentions(truth_words, take) for take in said.takes)


def _content(kind: DetailKind, truth: str) -> frozenset[str]:
    if kind == "person_name":
        return frozenset(name_parts(truth))
    if kind in {"description", "direction", "address"}:
        return frozenset(word for word in tokens(truth) if len(word) > 3)
    return frozenset()


def _heard(kind: DetailKind, truth: str, said: Said) -> str | None:
    """The detail of this kind that the asserted words hold, right or wrong, as it would be written."""
    words = said.takes[-1] if said.takes else ()
    if code := _CODES.get(kind):
        found = next(
            (text for take in reversed(said.takes) if (text := codes.heard(code, take, _squeezed(truth)))), None
        )
        return write(kind, found) if found else None
    if kind == "address":
        return next((text for take in reversed(said.takes) if (text := house(take))), None)
    if kind == "person_name":
        return other_name(truth, words)
    if kind == "date_of_birth":
        return next((text for take in said.takes[-1:] if (text := other_birth(truth, take))), None)
    if elsewhere(said.everything):
        return None
    if kind == "time":
        times = claimed_times(words)
        return f"{times[0][0]:02}:{times[0][1]:02}" if times else None
    if kind == "quantity":
        numbers = claimed_counts(words)
        return str(numbers[-1]) if numbers else None
    return None
