"""A PostgreSQL of the tests' own: a new cluster in a temporary folder, reached only by a socket there."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from itertools import count
from pathlib import Path

from sqlalchemy import create_engine, text

PROGRAMS = ("initdb", "pg_ctl")
DEBIAN = Path("/usr/lib/postgresql")
OWNER = "rightcall"


class Cluster:
    """A running server; `database` makes an empty database in it."""

    def __init__(self, sockets: Path) -> None:
        self._sockets = sockets
        self._numbers = count(1)

    def url(self, name: str) -> str:
        return f"postgresql://{OWNER}@/{name}?host={self._sockets}"

    def database(self) -> str:
        """The URL of a new, empty database."""
        name = f"site{next(self._numbers)}"
        engine = create_engine(self.url("postgres").replace(":", "+psycopg:", 1), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        engine.dispose()
        return self.url(name)


def missing() -> str:
    """What is not installed here that a cluster needs; empty when nothing is."""
    programs = [] if all(map(_program, PROGRAMS)) else ["PostgreSQL's server (Debian's package postgresql)"]
    return ", ".join(programs + ([] if find_spec("psycopg") else ["the Python package psycopg"]))


@contextmanager
def cluster() -> Iterator[Cluster]:
    """A server for as long as the tests run. PostgreSQL refuses to run as root: then it is `postgres` or `nobody`."""
    # Not pytest's folder: another user could not reach it, and a socket's path must be short.
    home = Path(tempfile.mkdtemp(prefix="rightcall-pg-"))
    user = _user()
    if user:
        shutil.chown(home, user)
    data = home / "data"
    try:
        _run("initdb", "-D", data, "-U", OWNER, "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C", user=user)
        options = f"-c listen_addresses='' -c unix_socket_directories={home} -c fsync=off"
        _run("pg_ctl", "-D", data, "-l", home / "log", "-w", "-t", "100", "-o", options, "start", user=user)
        try:
            yield Cluster(home)
        finally:
            _run("pg_ctl", "-D", data, "-w", "-m", "immediate", "stop", user=user)
    finally:
        shutil.rmtree(home)


def _run(program: str, *arguments: object, user: str | None) -> None:
    command = [str(_program(program)), *map(str, arguments)]
    identity = {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []} if user else {}
    done = subprocess.run(
        command, cwd="/", stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, **identity
    )  # type: ignore[call-overload] # the same arguments for every user
    assert done.returncode == 0, f"{program}: {done.stdout}{done.stderr}"


def _program(name: str) -> Path | None:
    """Debian keeps the server's programs out of the path, a folder for each version."""
    found = shutil.which(name)
    versions = sorted(DEBIAN.glob(f"*/bin/{name}"), key=lambda path: float(path.parts[-3]))
    return Path(found) if found else (versions[-1] if versions else None)


def _user() -> str | None:
    if os.geteuid() != 0:
        return None
    return next((name for name in ("postgres", "nobody") if name in {one.pw_name for one in pwd.getpwall()}), None)
