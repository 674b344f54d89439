"""How long `rightcall --help` takes, as a user waits for it: a fresh process each time."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator

from bench.figure import Figure, percentile

RUNS = 15


def figures() -> Iterator[Figure]:
    times = []
    for _ in range(RUNS):
        began = time.perf_counter()
        command = [sys.executable, "-c", "from server.cli import main; main()", "--help"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        times.append(time.perf_counter() - began)
    yield Figure("rightcall --help, p95", percentile(times, 0.95), "s", 0.3)
