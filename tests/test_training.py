"""The training of the understanding: the same sentences give the same model, to the byte."""

from __future__ import annotations

import os
import subprocess
import sys

SMALL = """
import hashlib
from bench import aligning
from bench.train_understanding import model
print(hashlib.sha256(model(aligning.rows()[::97], sentences=60, named=40)).hexdigest())
"""


def trained(seed: str) -> str:
    """The fingerprint of a small model trained by a process whose sets and dictionaries hash by `seed`."""
    done = subprocess.run(
        [sys.executable, "-c", SMALL],
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_training_again_gives_the_same_bytes() -> None:
    first = trained("1")
    assert len(first) == 64
    assert first == trained("2")
