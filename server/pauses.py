"""What Python does by itself that would stop every call of a process for a moment, and how it is kept from it."""

from __future__ import annotations

import gc
import sys

YOUNG = 5000
"""Objects between two of the collector's looks at the newest (700 by default): a call makes thousands a second, and
most are gone before it looks."""
TURN_SECONDS = 0.0001
"""That a thread may keep the others from running (0.005 by default). The loop gives way at every packet, and a thread
that marks a call then kept it waiting as long for each: of webhooks, the slowest in twenty took three times as long,
and lines ran dry (measured with ten calls on a busy machine)."""


def prevent_pauses() -> None:
    """Do so for the whole process, once all is loaded that stays. Blocks for up to a second.

    Otherwise the collector looks at those 800,000 objects again and again, and each look stopped every call for 0.3
    to 0.9 seconds (measured).
    """
    gc.collect()
    gc.freeze()
    gc.collect()  # it counts next to nothing as old now, and so looks for a call's garbage in time
    gc.set_threshold(YOUNG, *gc.get_threshold()[1:])
    sys.setswitchinterval(TURN_SECONDS)
