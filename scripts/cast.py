"""A cast: a script with its random details drawn from a seed, so that no trainee can learn the answers.

Each detail has its own stream of chance, named by script, seed and detail: adding a detail to a script leaves
the others as they were drawn before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from types import MappingProxyType

from scripts.lexicons import lexicon
from scripts.script import Detail, Script
from scripts.spoken import say, spell, write
from scripts.vocabulary import DETAIL_KINDS, DetailKind

PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_-]*)(?::(spelled|first|last|street|town))?\}")


class CastError(Exception):
    """A template names a detail that the script's cast does not draw; `rightcall check` names the place."""


@dataclass(frozen=True, slots=True)
class Cast:
    """The details of one call: `values` as compared, by name."""

    script: Script
    seed: int
    values: Mapping[str, str]

    def value(self, template: str) -> str:
        """The template with details as they are compared (a telephone number is eleven digits)."""
        return PLACEHOLDER.sub(lambda found: self._part(found, self._raw(found[1])), template)

    def written(self, template: str) -> str:
        """The template as a person would write it."""
        return PLACEHOLDER.sub(self._written, template)

    def spoken(self, template: str) -> str:
        """The template as the mouth should say it."""
        return PLACEHOLDER.sub(self._spoken, template)

    def _raw(self, name: str) -> str:
        if name not in self.values:
            raise CastError(f"{self.script.id}: nothing called {name!r} is drawn in [cast]")
        return self.values[name]

    def _kind(self, name: str) -> DetailKind | None:
        kind = self.script.cast[name].kind
        return next((known for known in DETAIL_KINDS if known == kind), None)

    @staticmethod
    def _part(found: re.Match[str], text: str) -> str:
        match found[2]:
            case "first":
                return text.split(maxsplit=1)[0]
            case "last":
                return text.rsplit(maxsplit=1)[-1]
            case "street":
                return text.split(",", maxsplit=1)[0]
            case "town":
                return text.rsplit(", ", maxsplit=1)[-1]
        return text

    def _written(self, found: re.Match[str]) -> str:
        raw, kind = self._raw(found[1]), self._kind(found[1])
        if kind and found[2] == "spelled":
            return spell(kind, raw)
        return self._part(found, write(kind, raw) if kind else raw)

    def _spoken(self, found: re.Match[str]) -> str:
        raw, kind = self._raw(found[1]), self._kind(found[1])
        if kind and found[2] == "spelled":
            return spell(kind, raw)
        if found[2] in ("town", "last", "first"):
            return self._part(found, raw)
        return say(kind, self._part(found, raw)) if kind else raw


def draw(script: Script, seed: int) -> Cast:
    """Draw every detail of the script."""
    drawn: dict[str, str] = {}
    for name in _in_order(script):
        chance = Random(f"{script.id}:{seed}:{name}")
        drawn[name] = _draw(script.cast[name], drawn, chance)
    return Cast(script, seed, MappingProxyType(drawn))


def _in_order(script: Script) -> list[str]:
    """Details that lean on another (`same_as`) come after those that do not."""
    return sorted(script.cast, key=lambda name: (script.cast[name].same_as is not None, name))


def _draw(detail: Detail, drawn: Mapping[str, str], chance: Random) -> str:
    if detail.choose:
        return chance.choice(detail.choose)
    if detail.range:
        return str(chance.randint(*detail.range))
    return _DRAWN_BY_KIND[detail.kind or "quantity"](detail, drawn.get(detail.same_as or "", ""), chance)


def _one(section: str, key: str, chance: Random) -> str:
    return chance.choice(lexicon("cast")[section][key])


def _letter(section: str, key: str, chance: Random) -> str:
    return chance.choice(lexicon("cast")[section][key][0])


def _address(_detail: Detail, pattern: str, chance: Random) -> str:
    town = pattern.rsplit(", ", maxsplit=1)[-1] if pattern else _one("places", "towns", chance)
    return f"{chance.randint(2, 140)} {_one('places', 'streets', chance)}, {town}"


def _phone(detail: Detail, _pattern: str, chance: Random) -> str:
    return f"{_one('phones', detail.network, chance)}{chance.randint(0, 999):03}"


def _postcode(_detail: Detail, _pattern: str, chance: Random) -> str:
    inward = "".join(_letter("postcodes", "inward", chance) for _ in range(2))
    return f"{_one('postcodes', 'area', chance)}{chance.randint(1, 14)} {chance.randint(1, 9)}{inward}"


def _plate(_detail: Detail, _pattern: str, chance: Random) -> str:
    letters = [_letter("plates", "letters", chance) for _ in range(4)]
    age = chance.choice([*range(10, 26), *range(60, 76)])
    return f"{_letter('plates', 'first', chance)}{letters[0]}{age}{''.join(letters[1:])}"


def _name(detail: Detail, pattern: str, chance: Random) -> str:
    sex: str = detail.sex or chance.choice(["female", "male"])
    first = _one("names", sex, chance)
    if detail.kind == "first_name":
        return first
    last = pattern.rsplit(maxsplit=1)[-1] if pattern else _one("names", "surnames", chance)
    return last if detail.kind == "surname" else f"{first} {last}"


def _time(detail: Detail, _pattern: str, chance: Random) -> str:
    """Draw a time in steps of five minutes; a `latest` before `earliest` is on the next day."""
    earliest, latest = _minutes(detail.earliest or "00:00"), _minutes(detail.latest or "23:55")
    span = (latest - earliest) % (24 * 60)
    minute = (earliest + 5 * chance.randint(0, span // 5)) % (24 * 60)
    return f"{minute // 60:02}:{minute % 60:02}"


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def _date_of_birth(_detail: Detail, _pattern: str, chance: Random) -> str:
    return f"{chance.randint(1940, 2006)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"


_DRAWN_BY_KIND: Mapping[str, Callable[[Detail, str, Random], str]] = {
    "address": _address,
    "phone": _phone,
    "postcode": _postcode,
    "vehicle_registration": _plate,
    "person_name": _name,
    "first_name": _name,
    "surname": _name,
    "time": _time,
    "date_of_birth": _date_of_birth,
    "town": lambda _detail, _pattern, chance: _one("places", "towns", chance),
    "street": lambda _detail, _pattern, chance: _one("places", "streets", chance),
    "age": lambda _detail, _pattern, chance: str(chance.randint(18, 85)),
    "quantity": lambda _detail, _pattern, chance: str(chance.randint(2, 12)),
}
