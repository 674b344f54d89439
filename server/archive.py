"""ZIP files that are whole or not there, and readable by their owner alone."""

from __future__ import annotations

import os
import re
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from server.call_files import sync_folder

NOT_KEPT = re.compile(r"alive|\..*|.*\.lock")
"""A call's lock, and files that were being written."""


class ArchiveError(Exception):
    """A file cannot be written there; the message says why and what to do."""


@contextmanager
def new_archive(place: Path) -> Iterator[tuple[zipfile.ZipFile, Path]]:
    """A ZIP that appears at `place` once it is whole, and a folder for drafts. Raises ArchiveError and OSError."""
    if place.exists():
        raise ArchiveError(f"{place} is there already: name another file")
    if not place.parent.is_dir():
        raise ArchiveError(f"there is no folder {place.parent} to write {place.name} into")
    with tempfile.TemporaryDirectory(prefix=f".{place.name}.", dir=place.parent) as folder:
        draft = Path(folder) / place.name
        with draft.open("xb") as file:
            draft.chmod(0o600)
            with zipfile.ZipFile(
                file, "w", zipfile.ZIP_DEFLATED, compresslevel=1, strict_timestamps=False
            ) as archive:
                yield archive, Path(folder)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(place)
    sync_folder(place.parent)


def add_folder(archive: zipfile.ZipFile, folder: Path, name: str) -> bool:
    """Add the files of a call's or a shift's folder, if there is one, each as far as it has got."""
    if not folder.is_dir():
        return False
    for path in sorted(folder.iterdir()):
        if path.is_file() and not NOT_KEPT.fullmatch(path.name):
            try:
                archive.write(path, f"{name}/{path.name}")
            except FileNotFoundError:
                continue  # deleted meanwhile: its time had come
    return True
