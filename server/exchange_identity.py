"""What a dialplan packs into a call's UUID, the only thing that AudioSocket tells of a call.

`00000000-SSSS-4000-8000-NNNNNNPPPPPP`: the trainee's PIN in the last six digits; before it the number of a call
(0: the trainee's next); in the second group a seed from which the caller's details are drawn (0: any).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import UUID

PACKED = re.compile(r"00000000-(\d{4})-4000-8000-(\d{6})(\d{6})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Packed:
    """A PIN, the number of a call (0: the next) and a seed (None: any)."""

    pin: str
    number: int = 0
    seed: int | None = None


def unpack(call: UUID) -> Packed | None:
    """What the UUID holds; None for a random one."""
    found = PACKED.fullmatch(str(call))
    return Packed(found[3], int(found[2]), int(found[1]) or None) if found else None


def pack(what: Packed) -> UUID:
    """The UUID that holds it."""
    return UUID(f"00000000-{what.seed or 0:04}-4000-8000-{what.number:06}{what.pin:0>6}")
