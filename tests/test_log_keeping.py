from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from server.log_keeping import LogKeeper


async def kept(path: Path, *lines: str) -> list[tuple[bool, str]]:
    """Hand over the lines one after the other: what each was told, and what the file held then."""
    keeper, heard = LogKeeper(path), list[tuple[bool, str]]()
    running = asyncio.create_task(keeper.run())
    for line in lines:
        told = asyncio.Event()

        def tell(saved: bool, told: asyncio.Event = told) -> None:
            heard.append((saved, path.read_text() if path.is_file() else ""))
            told.set()

        keeper.add(line, tell)
        await told.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await keeper.close()
    return heard


async def test_saved_is_said_only_when_the_file_has_the_line(tmp_path: Path) -> None:
    assert await kept(tmp_path / "log", "one", "two") == [(True, "one\n"), (True, "one\ntwo\n")]


async def test_what_was_handed_over_last_is_written_at_the_end(tmp_path: Path) -> None:
    keeper = LogKeeper(tmp_path / "log")
    keeper.add("never run")
    await keeper.close()
    assert (tmp_path / "log").read_text() == "never run\n"


async def test_a_folder_that_is_not_there_saves_nothing_and_says_so(tmp_path: Path) -> None:
    assert await kept(tmp_path / "nowhere" / "log", "one") == [(False, "")]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here to play a full disk")
async def test_a_full_disk_saves_nothing_and_says_so_ever_after() -> None:
    assert await kept(Path("/dev/full"), "one", "two") == [(False, ""), (False, "")]


async def test_a_line_that_waits_for_a_thread_when_the_writer_is_cancelled_is_not_lost(tmp_path: Path) -> None:
    go_on = threading.Event()
    with ThreadPoolExecutor(1) as busy:
        asyncio.get_running_loop().set_default_executor(busy)
        busy.submit(go_on.wait, 20)
        keeper = LogKeeper(tmp_path / "log.jsonl")
        keeping = asyncio.create_task(keeper.run())
        keeper.add("one")
        for _ in range(4):
            await asyncio.sleep(0)  # it is handed to the busy thread
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
        keeper.add("two")
        closing = asyncio.create_task(keeper.close())
        await asyncio.sleep(0)
        go_on.set()
        await closing
    assert (tmp_path / "log.jsonl").read_text() == "one\ntwo\n"
