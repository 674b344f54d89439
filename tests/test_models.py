"""Finding and installing models, from files and from a real web server on this machine."""

from __future__ import annotations

import hashlib
import shutil
import socket
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from voice.ear import EarError
from voice.models import check_model, install, installed

NAME = "vosk-model-small-test"
FILES = {
    "am/final.mdl": b"a network" * 30_000,
    "conf/mfcc.conf": b"--sample-frequency=16000\n",
    "conf/model.conf": b"--beam=13\n",
    "graph/HCLr.fst": b"graph",
    "graph/Gr.fst": b"grammar",
    "graph/phones/word_boundary.int": b"1 nonword\n",
}


@pytest.fixture
def carried(tmp_path: Path) -> Path:
    """A model's folder, as on a memory stick."""
    folder = tmp_path / "stick" / NAME
    for name, content in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


@pytest.fixture
def archive(carried: Path) -> Path:
    packed = carried.with_suffix(".zip")
    with zipfile.ZipFile(packed, "w") as file:
        for name, content in FILES.items():
            file.writestr(f"{NAME}/{name}", content)
    return packed


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home" / "models"


class Site(BaseHTTPRequestHandler):
    """A server of one file: understands ranges, and breaks off as often as it is told to."""

    content: ClassVar[bytes]
    breaks: ClassVar[int]
    ranged: ClassVar[bool]
    asked: ClassVar[list[str]]

    def do_GET(self) -> None:
        wanted = self.headers.get("Range", "")
        self.asked.append(wanted)
        if not self.path.endswith(f"{NAME}.zip"):
            self.send_error(404)
            return
        start = int(wanted[6:-1]) if wanted and self.ranged else 0
        if start >= len(self.content):
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(self.content)}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        body = self.content[start:]
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.breaks:
            type(self).breaks -= 1
            self.wfile.write(body[: len(body) // 2])
            self.close_connection = True
        else:
            self.wfile.write(body)

    def log_message(self, *_words: object) -> None:
        """Stay silent."""


@pytest.fixture
def site(archive: Path) -> Iterator[str]:
    Site.content, Site.breaks, Site.ranged, Site.asked = archive.read_bytes(), 0, True, []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/models"
    server.shutdown()
    thread.join()
    server.server_close()


def whole(folder: Path) -> bool:
    return all((folder / name).read_bytes() == content for name, content in FILES.items())


def test_a_folder_is_copied_in(carried: Path, home: Path) -> None:
    model = install(str(carried), home)
    assert (model.name, model.path) == (NAME, home / NAME)
    assert model.size == sum(map(len, FILES.values()))
    assert whole(model.path)
    assert carried.exists()
    assert installed(home) == [model]


def test_a_zip_file_is_unpacked(archive: Path, home: Path) -> None:
    assert whole(install(str(archive), home).path)
    assert [path.name for path in home.iterdir()] == [NAME]


def test_a_zip_file_without_a_folder_of_its_own_takes_the_files_name(tmp_path: Path, home: Path) -> None:
    packed = tmp_path / "my-model.zip"
    with zipfile.ZipFile(packed, "w") as file:
        for name, content in FILES.items():
            file.writestr(name, content)
    assert install(str(packed), home).name == "my-model"


def test_a_name_is_downloaded_from_the_site(site: str, home: Path) -> None:
    seen: list[tuple[int, int]] = []
    model = install(NAME, home, lambda done, total: seen.append((done, total)), base_url=site)
    assert whole(model.path)
    assert seen[-1] == (len(Site.content), len(Site.content))
    assert seen == sorted(seen)
    assert [path.name for path in home.iterdir()] == [NAME]


def test_an_address_is_downloaded(site: str, home: Path) -> None:
    assert install(f"{site}/{NAME}.zip", home).name == NAME


def test_a_cut_download_goes_on_where_it_stopped(site: str, home: Path) -> None:
    Site.breaks = 3
    assert whole(install(NAME, home, base_url=site).path)
    size = len(Site.content)
    starts = [int(wanted[6:-1]) for wanted in Site.asked if wanted]
    assert starts == [size // 2, size // 2 + (size - size // 2) // 2, starts[2]]
    assert starts[2] > starts[1]


def test_a_later_command_goes_on_with_what_an_earlier_one_got(site: str, home: Path) -> None:
    home.mkdir(parents=True)
    (home / f"{NAME}.zip.part").write_bytes(Site.content[:100])
    assert whole(install(NAME, home, base_url=site).path)
    assert Site.asked == ["bytes=100-"]


def test_a_download_that_was_already_whole_is_used(site: str, home: Path) -> None:
    home.mkdir(parents=True)
    (home / f"{NAME}.zip.part").write_bytes(Site.content)
    assert whole(install(NAME, home, base_url=site).path)


def test_a_server_without_ranges_is_read_from_the_start(site: str, home: Path) -> None:
    Site.ranged = False
    Site.breaks = 1
    assert whole(install(NAME, home, base_url=site).path)


def test_a_server_that_cannot_be_reached_is_an_error_that_says_what_to_do(home: Path) -> None:
    with socket.socket() as unheard:  # bound but not listening: nothing answers there
        unheard.bind(("127.0.0.1", 0))
        with pytest.raises(EarError, match="bring the zip file from another machine"):
            install(NAME, home, base_url=f"http://127.0.0.1:{unheard.getsockname()[1]}")


def test_an_unknown_name_is_an_error_with_the_servers_answer(site: str, home: Path) -> None:
    with pytest.raises(EarError, match="answered 404"):
        install("vosk-model-nonesuch", home, base_url=site)
    assert list(home.iterdir()) == []


def test_a_wrong_digest_installs_nothing(site: str, home: Path) -> None:
    with pytest.raises(EarError, match="damaged or exchanged"):
        install(NAME, home, base_url=site, sha256="0" * 64)
    assert list(home.iterdir()) == []
    right = hashlib.sha256(Site.content).hexdigest()
    assert install(NAME, home, base_url=site, sha256=right.upper()).name == NAME


@pytest.mark.parametrize("name", ["../outside", "/etc/outside", "model/../../outside", "C:\\outside", "..\\outside"])
def test_a_zip_that_would_write_elsewhere_is_refused(tmp_path: Path, home: Path, name: str) -> None:
    packed = tmp_path / "evil.zip"
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr(zipfile.ZipInfo(name), "x")
    with pytest.raises(EarError, match="would be written elsewhere"):
        install(str(packed), home)
    assert list(home.iterdir()) == []


def test_a_zip_with_a_link_is_refused(tmp_path: Path, home: Path) -> None:
    packed = tmp_path / "evil.zip"
    link = zipfile.ZipInfo("model/link")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr(link, "/etc")
    with pytest.raises(EarError, match="symbolic link"):
        install(str(packed), home)


def test_a_zip_of_too_many_files_is_refused(tmp_path: Path, home: Path) -> None:
    packed = tmp_path / "bomb.zip"
    with zipfile.ZipFile(packed, "w") as file:
        for count in range(1001):
            file.writestr(f"model/{count}", "")
    with pytest.raises(EarError, match="no Vosk model"):
        install(str(packed), home)


def test_a_cut_zip_is_refused_and_a_whole_model_stays(archive: Path, home: Path) -> None:
    install(str(archive), home)
    archive.write_bytes(archive.read_bytes()[:-500])
    with pytest.raises(EarError, match="not a whole zip file"):
        install(str(archive), home)
    assert whole(home / NAME)


def test_an_incomplete_model_does_not_replace_a_whole_one(carried: Path, home: Path) -> None:
    install(str(carried), home)
    (carried / "conf/model.conf").unlink()
    with pytest.raises(EarError, match=r"lacks conf/model\.conf"):
        install(str(carried), home)
    assert whole(home / NAME)


def test_a_model_is_replaced_by_a_new_one_of_its_name(carried: Path, home: Path) -> None:
    install(str(carried), home)
    (carried / "README").write_text("new")
    assert (install(str(carried), home).path / "README").exists()
    assert [path.name for path in home.iterdir()] == [NAME]


def test_a_model_with_one_graph_file_is_whole(carried: Path) -> None:
    shutil.move(carried / "graph/Gr.fst", carried / "graph/HCLG.fst")
    check_model(carried)
    (carried / "graph/HCLG.fst").unlink()
    with pytest.raises(EarError, match=r"lacks graph/HCLG\.fst or graph/HCLr\.fst with graph/Gr\.fst"):
        check_model(carried)


def test_a_path_that_does_not_exist_is_not_taken_for_a_name(home: Path) -> None:
    with pytest.raises(EarError, match="check the path"):
        install("./models/my.zip", home)
    with pytest.raises(EarError, match="check the path"):
        install("my-model.zip", home)


def test_an_empty_or_missing_folder_has_no_models(tmp_path: Path) -> None:
    assert installed(tmp_path) == installed(tmp_path / "missing") == []
