"""What would stop every call of a process: tried in a process of its own, for it changes the whole of one."""

from __future__ import annotations

import subprocess
import sys

from sound_card import ROOT

TRIED = """
import gc, sys
from server.pauses import TURN_SECONDS, prevent_pauses

class Ring:
    def __init__(self):
        self.me = self

gone = []
class Told(Ring):
    def __del__(self):
        gone.append(1)

stays = [Ring() for _ in range(50_000)]
prevent_pauses()
looked = len(gc.get_objects())
for _ in range(200_000):
    Told()
shared = round(sys.getswitchinterval(), 6)
print(looked < 20_000, gc.get_freeze_count() > 50_000, 0 < len(gone), shared == TURN_SECONDS)
"""


def test_what_stays_is_passed_over_and_what_calls_leave_behind_is_still_collected() -> None:
    done = subprocess.run([sys.executable, "-c", TRIED], cwd=ROOT, text=True, capture_output=True, check=True)
    assert done.stdout.split() == ["True"] * 4
