"""Street addresses: number, suffix and flat exact, street and town by sound, and the same kind of street."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from scripts.alphabet import letters
from scripts.lexicons import reverse, words_of
from scripts.numbers import digit_ends, is_figure, is_number, unit, values
from scripts.sounds import alike, found_at
from scripts.tokens import STOP, plain

_HOUSE = re.compile(r"(\d+)([a-z]?)\s+(.+)")
_FLAT = re.compile(r"(flat|apartment|unit|room)\s+(\d+[a-z]?|[a-z])$")
_ASKING = frozenset(["what", "what's", "which", "where", "is", "was", "did", "do", "can", "could", "who", "how"])
_NO_STREET = frozenset(["or", "and", "on", "in", "at", "to", "is", "for", "from", "you", "your"])
_FLAT_WORDS = frozenset(["flat", "apartment", "apt", "unit", "room"])


@dataclass(frozen=True, slots=True)
class Address:
    """A written address in its parts; what it does not have is empty."""

    flat: str
    number: str
    suffix: str
    street: tuple[str, ...]
    kind: str
    town: tuple[str, ...]
    localities: tuple[str, ...] = ()


def parse(truth: str) -> Address:
    """`Flat 6, 91 Canal Street, Stourport` in its parts."""
    fields = [part.strip() for part in plain(truth).split(",") if part.strip()]
    flat = _FLAT.match(fields[0]) if fields else None
    rest = fields[1:] if flat else fields
    line = rest[0] if rest else ""
    house = _HOUSE.match(line)
    street = (house.group(3) if house else line).replace(".", "").split()
    kind = reverse("places", "types").get(street[-1], "") if len(street) > 1 else ""
    name = tuple("saint" if w == "st" else w for w in (street[:-1] if kind else street))
    return Address(
        flat.group(2) if flat else "", house.group(1) if house else "", house.group(2) if house else "", name, kind,
        tuple(" ".join(rest[1:][-1:]).replace("-", " ").split()), tuple(" ".join(rest[1:-1]).split()),
    )  # fmt: skip


def says_address(truth: str, takes: Sequence[Sequence[str]]) -> bool:
    """Whether the last version has every part of the address and no part of another."""
    wanted = parse(truth)
    words = _merged(wanted, takes)
    return any(_read(wanted, words, i) for i in range(len(words)))


def targets(truth: str) -> list[tuple[str, ...]]:
    """The words of an address that may be looked for by sound: its street, and the street's name alone."""
    wanted = parse(truth)
    return [(*wanted.street, wanted.kind), wanted.street] if wanted.kind else [wanted.street]


def _merged(wanted: Address, takes: Sequence[Sequence[str]]) -> list[str]:
    """The takes as one: a later street stands alone, a later bare number replaces the earlier one."""
    words = list(takes[0]) if takes else []
    for take in takes[1:]:
        fresh = list(take)
        has_street = any(_street(wanted, fresh, i) >= 0 for i in range(len(fresh)))
        if has_street and any(map(is_number, fresh)):
            words = [*_flat_of(wanted, words, fresh), *fresh]
        elif has_street or not any(map(is_number, fresh)):
            words = _spliced(wanted, words, fresh, has_street=has_street)
        else:
            words = _renumbered(wanted, words, fresh)
    return words


def _flat_of(wanted: Address, words: list[str], fresh: list[str]) -> list[str]:
    if not wanted.flat or _FLAT_WORDS & set(fresh) or not _FLAT_WORDS & set(words):
        return []
    at = next(i for i, w in enumerate(words) if w in _FLAT_WORDS)
    return words[at : at + 2]


def _spliced(wanted: Address, words: list[str], fresh: list[str], *, has_street: bool) -> list[str]:
    types = reverse("places", "types")
    if not has_street and fresh[0] in types and any(w in types for w in words):
        at = max(i for i, w in enumerate(words) if w in types)
        return [*words[:at], *fresh]
    if not has_street and fresh[0] not in _ASKING and any(w in types for w in fresh[1:5]):
        return fresh
    if has_street:
        last = max((i for i, w in enumerate(words) if is_number(w)), default=-1)
        return [*words[: last + 1], *fresh]
    town = wanted.town and any(found_at(wanted.town[0], words, i) > 0 for i in range(len(words)))
    return [*words, STOP, *fresh] if not town else [*words, *fresh]


def _renumbered(wanted: Address, words: list[str], fresh: list[str]) -> list[str]:
    at = next((i for i in range(len(words)) if _street(wanted, words, i) >= 0), len(words))
    start = at
    while start > 0 and is_number(words[start - 1]):
        start -= 1
    figures = [w for w in fresh if is_number(w) or w == "and" or w == "a"]
    return [*words[:start], *figures, *words[at:]]


def _read(wanted: Address, words: Sequence[str], i: int) -> bool:
    after = _street(wanted, words, i)
    if after < 0:
        return False
    numbered = _number_before(wanted, words, i) or _number_after(wanted, words, after)
    return (
        numbered
        and _localities_said(wanted, words)
        and _flat_said(wanted, words)
        and _town_agrees(wanted, words, after)
    )


def _street(wanted: Address, words: Sequence[str], i: int) -> int:
    """Index after the street's name and kind, or -1 when another name or kind is said."""
    at = i
    for part in wanted.street:
        at = _named(part, words, at)
        if at < 0:
            return -1
    if not wanted.kind:
        return at
    said = reverse("places", "types").get(words[at], "") if at < len(words) else ""
    return at + 1 if said == wanted.kind else -1


def _named(part: str, words: Sequence[str], at: int) -> int:
    if part == "saint" and at < len(words) and words[at] in {"st", "saint", "sent"}:
        return at + 1
    if at < len(words) and words[at] == "the" and part != "the":
        at += 1
    return found_at(part, words, at)


def _number_before(wanted: Address, words: Sequence[str], at: int) -> bool:
    """The number must end where the street begins, be the true one, and have no more digits before it."""
    if not wanted.number:
        return True
    while at > 0 and words[at - 1] in {"the", "on", "in", "of", "at"}:
        at -= 1
    for start in range(at - 1, max(-1, at - 10), -1):
        if at in _number_ends(wanted, words, start) and not (start and _number_goes_on(words, start)):
            return True
    return False


def _number_after(wanted: Address, words: Sequence[str], at: int) -> bool:
    """`bridge street number fourteen`, when no number stands before the street."""
    spots = [i + 1 for i in range(at, min(at + 6, len(words))) if words[i] == "number"]
    return any(
        any(end >= len(words) or not is_number(words[end]) for end in _number_ends(wanted, words, i)) for i in spots
    ) and not any(map(is_number, words[max(0, at - 6) : at]))


def _localities_said(wanted: Address, words: Sequence[str]) -> bool:
    return all(any(found_at(part, words, i) > 0 for i in range(len(words))) for part in wanted.localities)


def _number_goes_on(words: Sequence[str], start: int) -> bool:
    before = words[start - 1]
    if not is_number(before) and before not in {"hundred", "thousand"}:
        return before == "and" and start > 1 and words[start - 2] in {"hundred", "thousand"}
    return not (start > 1 and words[start - 2] in _FLAT_WORDS)


def _number_ends(wanted: Address, words: Sequence[str], start: int) -> set[int]:
    """Indexes after the true number, with its suffix, when it is said at `start`."""
    ends = {j for j, value in values(words, start) if str(value) == wanted.number}
    ends |= digit_ends(words, start, wanted.number)
    if wanted.suffix:
        ends = {k for j in ends for k, text in letters(words, j) if text == wanted.suffix.upper()}
    return ends


def _flat_said(wanted: Address, words: Sequence[str]) -> bool:
    if not wanted.flat:
        return True
    spots = [i + 1 for i, w in enumerate(words) if w in _FLAT_WORDS]
    spots += [i + 1 for i in spots if i < len(words) and words[i] == "number"]
    return any(_flat_at(wanted.flat, words, i) for i in spots)


def _flat_at(flat: str, words: Sequence[str], i: int) -> bool:
    number, suffix = re.fullmatch(r"(\d*)([a-z]?)", flat).groups()  # type: ignore[union-attr]  # parse() made it so
    ends = {j for j, value in values(words, i) if str(value) == number} if number else {i}
    if not suffix:
        return bool(ends)
    return any(text == suffix.upper() for j in ends for _, text in letters(words, j))


def _town_agrees(wanted: Address, words: Sequence[str], after: int) -> bool:
    """The town may be left out, but no other may be named."""
    if not wanted.town or any(found_at(wanted.town[0], words, i) > 0 for i in range(len(words))):
        return True
    rest = [w for w in words[after:] if w != STOP][:6]
    if any(alike(town, word) for word in rest for town in words_of("places", "towns")):
        return False
    return not _other_place(words[after : after + 6])


def _other_place(after: Sequence[str]) -> bool:
    """Whether a word that is no everyday one stands where a town would: `six mariner's row penzance`."""
    word = next((w for w in after if w not in words_of("places", "before_town")), STOP)
    return word.isalpha() and len(word) > 2 and word not in words_of("places", "no_town")


def _digits_to(words: Sequence[str], start: int, end: int) -> str:
    """`one four six` as 146, when digits are said one by one up to the street."""
    first = start
    while first > 0 and unit(words[first - 1]) and is_number(words[first - 1]):
        first -= 1
    return "".join(unit(w) for w in words[first:end]) if first < start and all(map(unit, words[first:end])) else ""


def house(words: Sequence[str]) -> str | None:
    """The first number followed within four words by a kind of street, as it would be written."""
    types = reverse("places", "types")
    for i, word in enumerate(words):
        if not is_number(word) and word != "a":
            continue
        for after, value in values(words, i)[:1]:
            street = [w for w in words[after : after + 4] if w != STOP]
            end = next((k for k, w in enumerate(street) if w in types and k), 0)
            if end and not any(is_number(w) or w in _NO_STREET for w in street[:end]):
                name = " ".join([*street[:end], types[street[end]]]).title()
                return f"{_digits_to(words, i, after) or (word if is_figure(word) else value)} {name}"
    return None
