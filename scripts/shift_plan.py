"""What comes in during a shift: contacts by a seeded plan, several at once, and news of what was graded before.

Nothing here plays or marks; `scripts/shift.py` runs a plan and `scripts/shift_marking.py` marks how it was worked.
All times are seconds since the shift began, unless they say otherwise.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from random import Random
from types import MappingProxyType
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from scripts.cast import draw
from scripts.script import Manner, Part, Script
from scripts.vocabulary import Agency, Decision, Grade

Kind = Literal["999", "101", "chat", "report"]
KINDS: tuple[Kind, ...] = get_args(Kind)
VOICE: frozenset[Kind] = frozenset({"999", "101"})
RANK: Mapping[Kind, int] = MappingProxyType({"999": 0, "101": 1, "chat": 1, "report": 2})
"""Who comes first: life before the routine, people who wait before paper. Equal ranks go by who waited longest."""

Length = Literal["short", "standard"]
MINUTES: Mapping[Length, int] = MappingProxyType({"short": 10, "standard": 30})

PATIENCE: Mapping[Kind, tuple[int, int] | None] = MappingProxyType(
    {"999": (45, 75), "101": (120, 210), "chat": (150, 240), "report": None}
)
"""Seconds that a contact waits before it gives up, drawn between the two; a report does not."""
RETURNS = 0.6
"""How likely a caller who gave up is to try again."""
RETURNS_AFTER = (40, 100)
NEWS_AFTER = (45, 110)
"""Seconds from the end of a graded contact to the news about it."""
NEWS: Mapping[Length, int] = MappingProxyType({"short": 1, "standard": 3})
"""How much of it there is."""

# Kind, earliest and latest second of arrival. The 999 calls fall into 101 calls, and written contacts into both.
PATTERNS: Mapping[Length, tuple[tuple[Kind, int, int], ...]] = MappingProxyType(
    {
        "short": (
            ("report", 2, 10), ("101", 15, 35), ("chat", 50, 80), ("999", 85, 120), ("101", 230, 280),
            ("999", 320, 380),
        ),
        "standard": (
            ("report", 2, 10), ("101", 15, 40), ("999", 90, 130), ("chat", 140, 190), ("101", 330, 390),
            ("chat", 400, 450), ("999", 430, 480), ("999", 640, 700), ("report", 660, 720), ("101", 820, 880),
            ("999", 900, 960), ("chat", 1080, 1140), ("101", 1200, 1260), ("999", 1290, 1350),
        ),
    }
)  # fmt: skip

SPOKEN_ONLY: frozenset[Manner] = frozenset(
    {"silent", "pocket_call", "yes_no_only", "whispering", "child", "drunk", "hoax"}
)
"""Whoever is like this rings; nobody of them types."""


class Right(Part):
    """What an incident should be graded to."""

    decision: Decision
    grade: Grade | None = None
    agency: Agency | None = None


class LateNews(Part):
    """One entry of `shift/late_news.toml`."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    sender: str = Field(alias="from")
    text: str
    right: Right
    why: str


class Planned(BaseModel):
    """A part of a plan: plain values, stored with the shift."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Contact(Planned):
    """One that comes in. `patience` is None for what waits for ever, `returns_after` None for who does not return."""

    id: str
    kind: Kind
    script: str
    title: str
    seed: int
    at: float
    patience: float | None
    returns_after: float | None = None


class News(Planned):
    """What becomes known of a contact `after` seconds from its end, once it was graded."""

    id: str
    about: str
    after: float
    sender: str
    text: str
    right: Right
    why: str


class Plan(Planned):
    """A whole shift: the same seed, length and shelf give the same plan."""

    seed: int
    minutes: int
    contacts: tuple[Contact, ...]
    news: tuple[News, ...] = ()

    @property
    def seconds(self) -> float:
        return self.minutes * 60.0

    def contact(self, id_: str) -> Contact | None:
        """The contact of that id, or None."""
        return next((contact for contact in self.contacts if contact.id == id_), None)


@dataclass(frozen=True, slots=True)
class NoContacts(Exception):  # noqa: N818 - a state of the shelf, not a mistake
    """There is no call on the shelf that such a shift could be made of."""

    kind: Kind

    def __str__(self) -> str:
        return f"a shift needs at least one call on the shelf for a {self.kind} contact; see `rightcall scripts`"


def plan(shelf: Iterable[Script], seed: int, length: Length = "standard") -> Plan:
    """Draw a shift from the scripts of a shelf. Raises NoContacts."""
    chance = Random(f"shift:{seed}:{length}")
    scripts = sorted(shelf, key=lambda script: script.id)
    taken: set[str] = set()
    drawn = sorted((round(chance.uniform(*between), 1), kind) for kind, *between in PATTERNS[length])
    contacts = []
    for number, (at, kind) in enumerate(drawn, start=1):
        script = _choose(kind, scripts, taken, chance)
        taken.add(script.id)
        contacts.append(_contact(f"c{number}", kind, script, at, chance))
    known = {script.id: script for script in scripts}
    return Plan(
        seed=seed, minutes=MINUTES[length], contacts=tuple(contacts),
        news=_news(contacts, known, NEWS[length], chance),
    )  # fmt: skip


def fits(kind: Kind, script: Script) -> bool:
    """Whether somebody with this script would come in that way."""
    if kind in VOICE:
        return script.line == kind
    return script.line == "101" and script.caller.manner not in SPOKEN_ONLY


@cache
def late_news() -> Mapping[str, tuple[LateNews, ...]]:
    """All that may become known, by script."""
    text = resources.files("scripts").joinpath("shift", "late_news.toml").read_text(encoding="utf-8")
    return MappingProxyType(
        {
            name: tuple(LateNews.model_validate(row) for row in rows)
            for name, rows in tomllib.loads(text).items()
        }
    )  # fmt: skip


def _choose(kind: Kind, scripts: Sequence[Script], taken: set[str], chance: Random) -> Script:
    """A script of that kind; each comes once while there are others. One that can have news is likelier."""
    fitting = [script for script in scripts if fits(kind, script)]
    fresh = [script for script in fitting if script.id not in taken] or fitting
    if not fresh:
        raise NoContacts(kind)
    return chance.choices(fresh, [2 if script.id in late_news() else 1 for script in fresh])[0]


def _contact(id_: str, kind: Kind, script: Script, at: float, chance: Random) -> Contact:
    between = PATIENCE[kind]
    patience = round(chance.uniform(*between), 1) if between else None
    returns = round(chance.uniform(*RETURNS_AFTER), 1) if chance.random() < RETURNS and between else None
    return Contact(
        id=id_, kind=kind, script=script.id, title=script.title, seed=chance.randint(1, 9999), at=at,
        patience=patience, returns_after=returns,
    )  # fmt: skip


def _news(contacts: Sequence[Contact], scripts: Mapping[str, Script], most: int, chance: Random) -> tuple[News, ...]:
    """News of the earliest contacts that can have any: of later ones it might come after the shift."""
    about = [contact for contact in contacts if contact.script in late_news()][:most]
    news = []
    for number, contact in enumerate(about, start=1):
        drawn = chance.choice(late_news()[contact.script])
        cast = draw(scripts[contact.script], contact.seed)
        news.append(
            News(
                id=f"n{number}", about=contact.id, after=round(chance.uniform(*NEWS_AFTER), 1), sender=drawn.sender,
                text=cast.written(drawn.text), right=drawn.right, why=drawn.why,
            )
        )  # fmt: skip
    return tuple(news)
