"""What tests of the records share: every one of them runs on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import postgres


@pytest.fixture(scope="session")
def cluster() -> Iterator[postgres.Cluster]:
    """A running PostgreSQL."""
    lacking = postgres.missing()
    if lacking:
        pytest.skip(f"not installed: {lacking}")
    with postgres.cluster() as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database that is new and empty."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'records.db'}"
    running: postgres.Cluster = request.getfixturevalue("cluster")
    return running.database()
