"""The line cache, over the real mouth."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from audio.frame import Frame
from voice.line_cache import LineCache
from voice.mouth import MouthError, Pyttsx3Mouth, Speech
from voice.voices import Delivery

VOICE = "gmw/en-gb-x-rp+f3" if sys.platform.startswith("linux") else ""
CALM = Delivery(165, 50, 0.9)
LINES = [Speech(f"I can see {number} of them.", VOICE, CALM) for number in range(2, 8)]

pytestmark = pytest.mark.skipif(not VOICE, reason="asks for espeak-ng's voices, which pip installs on Linux only")


class CountingMouth(Pyttsx3Mouth):
    """The real mouth; counts what it was asked."""

    asked = 0

    async def render(self, speech: Speech) -> Frame:
        self.asked += 1
        return await super().render(speech)


def stored(folder: Path) -> list[Path]:
    return list(folder.glob("*/*.line"))


@pytest_asyncio.fixture
async def mouth() -> AsyncIterator[CountingMouth]:
    mouth = CountingMouth(slots=1)
    await mouth.start()
    yield mouth
    await mouth.close()


async def test_a_line_is_rendered_once_and_read_by_the_next_process(mouth: CountingMouth, tmp_path: Path) -> None:
    cache = LineCache(mouth, tmp_path)
    assert cache.get(LINES[0]) is None
    first = await cache.fetch(LINES[0])
    assert first.seconds > 0.5
    assert await cache.fetch(LINES[0]) == first
    assert LineCache(mouth, tmp_path).get(LINES[0]) == first
    assert mouth.asked == 1


async def test_whoever_asks_while_a_line_is_under_way_waits_for_that_one(
    mouth: CountingMouth, tmp_path: Path
) -> None:
    cache = LineCache(mouth, tmp_path)
    impatient, *others = [asyncio.create_task(cache.fetch(LINES[0])) for _ in range(5)]
    await asyncio.sleep(0)
    impatient.cancel()
    frames = await asyncio.gather(*others)
    assert len(set(frames)) == 1
    assert mouth.asked == 1


async def test_voice_delivery_words_and_engine_each_make_another_line(mouth: CountingMouth, tmp_path: Path) -> None:
    cache = LineCache(mouth, tmp_path)
    await cache.fetch(LINES[0])
    assert cache.get(LINES[1]) is None
    assert cache.get(Speech(LINES[0].text, "gmw/en-gb-x-rp+m3", CALM)) is None
    assert cache.get(Speech(LINES[0].text, VOICE, Delivery(166, 50, 0.9))) is None
    mouth.engine += " newer"
    assert cache.get(LINES[0]) is None


async def test_warming_renders_all_and_tells_how_far_it_is(mouth: CountingMouth, tmp_path: Path) -> None:
    cache = LineCache(mouth, tmp_path)
    told: list[tuple[int, int]] = []
    await cache.warm([*LINES, *LINES], lambda ready, of: told.append((ready, of)))
    assert told == [(ready, len(LINES)) for ready in range(1, len(LINES) + 1)]
    assert all(cache.get(line) for line in LINES)


async def test_warming_fails_with_the_mouths_own_words(mouth: CountingMouth, tmp_path: Path) -> None:
    with pytest.raises(MouthError, match="martian"):
        await LineCache(mouth, tmp_path).warm([Speech("Hello", "martian", CALM)])


@pytest.mark.parametrize("damage", ["cut", "flip", "empty"])
async def test_a_damaged_file_is_rendered_again(damage: str, mouth: CountingMouth, tmp_path: Path) -> None:
    wanted = await LineCache(mouth, tmp_path).fetch(LINES[0])
    (path,) = stored(tmp_path)
    data = path.read_bytes()
    path.write_bytes({"cut": data[:-100], "flip": data[:-1] + bytes([data[-1] ^ 1]), "empty": b""}[damage])
    cache = LineCache(mouth, tmp_path)
    assert cache.get(LINES[0]) is None
    assert abs((await cache.fetch(LINES[0])).count - wanted.count) < 160
    assert mouth.asked == 2
    assert LineCache(mouth, tmp_path).get(LINES[0]) is not None


async def test_the_longest_unused_lines_make_room(mouth: CountingMouth, tmp_path: Path) -> None:
    cache = LineCache(mouth, tmp_path)
    await cache.warm(LINES[:3])
    size = sum(path.stat().st_size for path in stored(tmp_path))
    for age, line in enumerate((LINES[1], LINES[0], LINES[2])):  # the second line was used last
        path = cache._path(cache._key(line))
        os.utime(path, (1_000_000 - age, 1_000_000 - age))
    await LineCache(mouth, tmp_path, disk_bytes=size + 1000).fetch(LINES[3])
    after = LineCache(mouth, tmp_path)
    assert after.get(LINES[2]) is None
    assert after.get(LINES[1]) is not None
    assert after.get(LINES[3]) is not None


async def test_memory_is_bounded(mouth: CountingMouth, tmp_path: Path) -> None:
    cache = LineCache(mouth, tmp_path, memory_bytes=100_000)
    await cache.warm(LINES)
    assert 0 < cache._remembered <= 100_000
    assert cache._remembered == sum(len(frame.samples) for frame in cache._memory.values())


async def test_a_folder_that_cannot_be_written_only_costs_the_disk_layer(
    mouth: CountingMouth, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_bytes(b"")
    cache = LineCache(mouth, tmp_path / "file")
    frame = await cache.fetch(LINES[0])
    assert cache.get(LINES[0]) == frame
    assert "cannot be written" in caplog.text
