"""The collector of garbage, which must not stop calls."""

from __future__ import annotations

import gc

YOUNG = 5000
"""Objects between two of the collector's looks at the newest (700 by default): a call makes thousands a second, and
most are gone before it looks."""


def settle_memory() -> None:
    """Have the collector pass over all that is loaded by now, for it stays.

    Otherwise it looks at those 800,000 objects again and again, and each look stopped every call for 0.3 to 0.9
    seconds (measured). Blocks for as long, once.
    """
    gc.collect()
    gc.freeze()
    gc.collect()  # it counts next to nothing as old now, and so looks for a call's garbage in time
    gc.set_threshold(YOUNG, *gc.get_threshold()[1:])
