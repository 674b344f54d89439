"""The steps that bring a database to this program's tables."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Engine, MetaData, String, Table, create_engine, inspect, select, text

from server.call_files import CallFiles
from server.database import address_of
from server.migrating import FOLDER, migrate, newest, step_of
from server.records import Records, RecordsError
from server.schema import calls, tables

A_CALL = (
    "('20261121-191503-aaa2', 'small', 1, 'Lost dog', 7, 'desk', 'Sam', '2026-11-21 19:15:03.000000', NULL, NULL,"
    " 'finished', NULL, NULL, NULL, NULL)"
)
OPEN_AND_LOOK = """
import sys
from pathlib import Path
from server.call_files import CallFiles
from server.records import Records
sys.stdin.readline()
with Records(sys.argv[1], CallFiles(Path(sys.argv[2]))) as records:
    print(len(records.calls()))
"""


@pytest.fixture
def engine(database: str) -> Iterator[Engine]:
    """The database as it is, without a step taken."""
    made = create_engine(address_of(database))
    yield made
    made.dispose()


@pytest.fixture
def files(tmp_path: Path) -> CallFiles:
    return CallFiles(tmp_path / "calls")


def names(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names())


def of_before(engine: Engine, kept: set[str]) -> None:
    """A database as the program kept it before Alembic: some of the tables, and a list of steps taken."""
    migrate(engine, "0001")
    first = MetaData()
    first.reflect(engine)
    with engine.begin() as connection:
        first.drop_all(connection, tables=[first.tables[name] for name in first.tables if name not in kept])
        Table("meta", MetaData(), Column("step", String(80), primary_key=True)).create(connection)
        connection.execute(text(f"INSERT INTO calls VALUES {A_CALL}"))  # noqa: S608 - our own words


def test_the_steps_are_one_line_and_their_files_are_named_by_number() -> None:
    line = list(ScriptDirectory(str(FOLDER)).walk_revisions())
    assert next(step.revision for step in line) == newest()
    assert ScriptDirectory(str(FOLDER)).get_heads() == [newest()]
    for step in line:
        assert Path(step.path).name.startswith(f"v{step.revision}_")


def test_the_steps_make_the_tables_that_the_program_uses(engine: Engine) -> None:
    migrate(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, tables) == []


def test_steps_are_taken_once(engine: Engine) -> None:
    assert migrate(engine)
    assert not migrate(engine)
    with engine.connect() as connection:
        assert step_of(connection) == newest()


@pytest.mark.parametrize("kept", [{"calls"}, {"calls", "accounts", "sessions", "audit"}])
def test_a_database_of_before_keeps_its_rows(engine: Engine, kept: set[str]) -> None:
    of_before(engine, kept)
    assert names(engine) == {*kept, "meta"}
    assert migrate(engine)
    assert names(engine) == {*tables.tables, "alembic_version"}
    with engine.connect() as connection:
        assert connection.scalars(select(calls.c.trainee)).all() == ["Sam"]


def test_rows_come_through_every_step_since_the_first(engine: Engine) -> None:
    migrate(engine, "0001")
    with engine.begin() as connection:
        connection.execute(text(f"INSERT INTO calls VALUES {A_CALL}"))  # noqa: S608 - our own words
    for step in reversed(list(ScriptDirectory(str(FOLDER)).walk_revisions())):
        migrate(engine, step.revision)
        with engine.connect() as connection:
            assert step_of(connection) == step.revision
            assert connection.scalar(text("SELECT trainee FROM calls")) == "Sam"


def test_a_step_that_fails_leaves_the_database_as_it_was(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE somebody_elses (something INTEGER)"))
        connection.execute(text("CREATE VIEW reviews AS SELECT 1"))
    with pytest.raises(Exception, match="review"):
        migrate(engine)
    assert names(engine) == {"somebody_elses"}


def test_a_database_of_a_newer_version_is_refused_and_left_alone(
    engine: Engine, database: str, files: CallFiles
) -> None:
    Records(database, files).close()
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(RecordsError, match=r"newer version of Right Call.*9999.*backup"):
        Records(database, files)
    with engine.connect() as connection:
        assert step_of(connection) == "9999"


def test_processes_that_open_a_new_database_at_once_all_find_it_whole(database: str, tmp_path: Path) -> None:
    command = [sys.executable, "-c", OPEN_AND_LOOK, database, str(tmp_path / "calls")]
    running = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    for process in running:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    ended = [process.communicate() for process in running]
    assert [out.strip() for out, _ in ended] == ["0"] * len(running), "\n".join(err for _, err in ended)


def test_opening_what_is_up_to_date_does_not_load_alembic(database: str, tmp_path: Path, files: CallFiles) -> None:
    Records(database, files).close()
    look = f"{OPEN_AND_LOOK}\nprint('alembic' in sys.modules)"
    command = [sys.executable, "-c", look, database, str(tmp_path / "calls")]
    assert subprocess.run(command, input="go\n", capture_output=True, text=True, check=True).stdout == "0\nFalse\n"
