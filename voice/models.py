"""Vosk models on this machine: find them, list them, install them.

A model comes by name from the models' site, from any address, or from a zip file or folder that was carried
to a machine without internet. It is unpacked aside, checked, and only then moved into place, so a folder
under its own name is always a whole model. A cut download is taken up where it stopped.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from voice.ear import EarError

if TYPE_CHECKING:
    import httpx

MODEL_FILES = ("am/final.mdl", "conf/mfcc.conf", "conf/model.conf", "graph/phones/word_boundary.int")
"""What every model holds beside its graph (alphacephei.com/vosk/models, "Model structure")."""
GRAPHS = (("graph/HCLG.fst",), ("graph/HCLr.fst", "graph/Gr.fst"))
"""A graph is one file, or two that take a grammar while running."""

MODELS_URL = "https://alphacephei.com/vosk/models"
"""Where Vosk's makers publish their models; the setting `RIGHTCALL_MODELS_URL` names another place."""
LARGEST = 8 * 1024**3
"""Bytes that an unpacked model may hold: the largest published is about 4 GB, and a zip bomb is more."""
MOST_FILES = 1000
ATTEMPTS = 5
"""How often a download may break off in a row without a byte gained."""
TIMEOUT_SECONDS = 30.0

Progress = Callable[[int, int], None]
"""Called with the bytes done and the bytes in all (0 where the server does not say)."""


@dataclass(frozen=True, slots=True)
class Model:
    """An installed model: its name, its folder and the bytes it takes on disk."""

    name: str
    path: Path
    size: int


def _unheard(_done: int, _total: int) -> None:
    """Progress that nobody watches."""


def installed(folder: Path) -> list[Model]:
    """The models in `folder`, by name."""
    if not folder.is_dir():
        return []
    return [_model(path) for path in sorted(folder.iterdir()) if _is_model(path)]


def check_model(folder: Path) -> None:
    """Raise EarError naming what a model folder lacks: Vosk itself fails without a reason, or crashes."""
    if not folder.is_dir():
        raise EarError(f"there is no model folder {folder}: `rightcall models list` shows what is installed")
    lacking = [name for name in MODEL_FILES if not (folder / name).is_file()]
    if not any(all((folder / name).is_file() for name in graph) for graph in GRAPHS):
        lacking.append(" or ".join(" with ".join(graph) for graph in GRAPHS))
    if lacking:
        raise EarError(
            f"the Vosk model in {folder} lacks {', '.join(lacking)}: it is no Vosk model, or only part of one; "
            "`rightcall models install NAME` installs a whole one"
        )


def install(
    source: str,
    folder: Path,
    progress: Progress = _unheard,
    *,
    base_url: str = MODELS_URL,
    sha256: str | None = None,
) -> Model:
    """Install a model into `folder` from a folder, a zip file, an address or a name on the models' site.

    `sha256` is checked on a zip where given. An installed model of the same name is replaced, but only once
    the new one is whole. Raises EarError.
    """
    local = Path(source).expanduser()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if local.is_dir():
            return _install_folder(local, folder)
        if local.is_file():
            return _install_zip(local, folder, sha256)
        archive = fetch(_address(source, base_url), folder, progress)
        try:
            return _install_zip(archive, folder, sha256)
        finally:
            archive.unlink()
    except OSError as error:
        raise EarError(
            f"cannot install {source} into {folder} ({error}): is there room, and may you write?"
        ) from error


def _address(source: str, base_url: str) -> str:
    if source.startswith(("http://", "https://")):
        return source
    if not re.fullmatch(r"[\w.-]+", source) or source.endswith(".zip"):
        raise EarError(f"there is no file or folder {source}, and it is no model's name: check the path")
    return f"{base_url.rstrip('/')}/{source}.zip"


def fetch(address: str, folder: Path, progress: Progress = _unheard) -> Path:
    """Download a zip into `folder`, taking up an earlier download where it was cut. Raises EarError."""
    import httpx

    target = folder / (PurePosixPath(httpx.URL(address).path).name or "model.zip")
    part = target.with_name(target.name + ".part")
    failures = 0
    with httpx.Client(timeout=TIMEOUT_SECONDS, follow_redirects=True) as client:
        while True:
            before = _size(part)
            try:
                _fetch_rest(client, address, part, progress)
                return part.replace(target)
            except httpx.TransportError as error:
                failures = 0 if _size(part) > before else failures + 1
                if failures == ATTEMPTS:
                    raise EarError(
                        f"cannot download {address} ({error}): check the connection and run the command again, it "
                        "goes on where it stopped; or bring the zip file from another machine and install that"
                    ) from error


def _fetch_rest(client: httpx.Client, address: str, part: Path, progress: Progress) -> None:
    """Append what is still missing to `part`."""
    done = _size(part)
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={done}-"} if done else {})
    with client.stream("GET", address, headers=headers) as answer:
        if answer.status_code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            if answer.headers.get("content-range") == f"bytes */{done}":
                return  # it was whole already
            part.unlink()
            raise EarError(f"the half download {part} did not fit {address} and was removed: run the command again")
        if answer.is_error:
            raise EarError(
                f"{address} answered {answer.status_code} {answer.reason_phrase}: is the name right? "
                f"{MODELS_URL} lists the models"
            )
        if answer.status_code != HTTPStatus.PARTIAL_CONTENT:
            done = 0
        total = done + int(answer.headers.get("content-length", 0))
        with part.open("ab" if done else "wb") as file:
            for block in answer.iter_raw():
                file.write(block)
                done += len(block)
                progress(done, total)


def _install_folder(source: Path, folder: Path) -> Model:
    check_model(source)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".installing-") as aside:
        copy = Path(aside) / source.name
        shutil.copytree(source, copy)
        return _move_in(copy, folder)


def _install_zip(archive: Path, folder: Path, sha256: str | None) -> Model:
    if sha256 is not None:
        _check_digest(archive, sha256)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".installing-") as aside:
        unpacked = Path(aside) / archive.stem
        try:
            with zipfile.ZipFile(archive) as packed:
                _check_members(packed, archive)
                packed.extractall(unpacked)
        except (zipfile.BadZipFile, zlib.error) as error:
            raise EarError(f"{archive} is not a whole zip file ({error}): download it again") from error
        return _move_in(_root(unpacked), folder)


def _check_digest(archive: Path, sha256: str) -> None:
    with archive.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != sha256.lower():
        raise EarError(f"{archive} has the SHA-256 {found}, not {sha256}: it was damaged or exchanged on its way")


def _check_members(packed: zipfile.ZipFile, archive: Path) -> None:
    """Refuse a zip that could write outside its folder, plant links, or fill the disk."""
    members = packed.infolist()
    if len(members) > MOST_FILES or sum(member.file_size for member in members) > LARGEST:
        raise EarError(f"{archive} unpacks to more than {MOST_FILES} files or {LARGEST} bytes: this is no Vosk model")
    for member in members:
        name = member.filename.replace("\\", "/")
        if name.startswith("/") or ":" in name or ".." in name.split("/"):
            raise EarError(f"{archive} holds {member.filename!r}, which would be written elsewhere: refused")
        if stat.S_ISLNK(member.external_attr >> 16):
            raise EarError(f"{archive} holds the symbolic link {member.filename!r}, which no model needs: refused")


def _root(unpacked: Path) -> Path:
    """The model's folder in an unpacked zip: the zip's one folder, or the whole of it."""
    inside = list(unpacked.iterdir())
    return inside[0] if len(inside) == 1 and inside[0].is_dir() else unpacked


def _move_in(whole: Path, folder: Path) -> Model:
    """Check a model and move it to its place; an older one of its name goes only then."""
    check_model(whole)
    place = folder / whole.name
    if place.exists():
        place.rename(whole.with_name(whole.name + ".old"))  # goes with the temporary folder
    whole.rename(place)
    return _model(place)


def _model(path: Path) -> Model:
    return Model(path.name, path, sum(file.stat().st_size for file in path.rglob("*") if file.is_file()))


def _is_model(path: Path) -> bool:
    return not path.name.startswith(".") and (path / "conf" / "mfcc.conf").is_file()


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
