"""Sound files: whole, cut short, stale, foreign."""

import struct
import wave
from pathlib import Path

import numpy as np
import pytest

from audio.frame import Frame
from audio.wav import WavError, read_wav, read_wav_channels, wav_bytes, wav_header, write_wav

RAMP = Frame(np.arange(-800, 800, dtype="<i2").tobytes(), 16000)


def aiff(frame: Frame, coding: bytes = b"", bits: int = 16) -> bytes:
    """An AIFF file, or AIFF-C where a coding is given (Apple, Audio Interchange File Format 1.3)."""
    rate = struct.pack(">HQ", 16383 + 13, frame.rate << (63 - 13))
    common = struct.pack(">hIh", 1, frame.count, bits) + rate + (coding + b"\0\0" if coding else b"")
    order = "<" if coding == b"sowt" else ">"
    body = np.frombuffer(frame.samples, "<i2").astype(f"{order}i2").tobytes()
    chunks = b"COMM" + struct.pack(">I", len(common)) + common
    chunks += b"SSND" + struct.pack(">III", len(body) + 8, 0, 0) + body
    return b"FORM" + struct.pack(">I", len(chunks) + 4) + (b"AIFC" if coding else b"AIFF") + chunks


def wav_of(code: int, bits: int) -> bytes:
    form = struct.pack("<HHIIHH", code, 1, 8000, 8000, 1, bits)
    return b"RIFF" + bytes(4) + b"WAVEfmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", 4) + bytes(4)


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    write_wav(tmp_path / "line.wav", RAMP)
    assert read_wav(tmp_path / "line.wav") == RAMP
    assert [path.name for path in tmp_path.iterdir()] == ["line.wav"]


def test_the_standard_library_reads_what_we_write(tmp_path: Path) -> None:
    write_wav(tmp_path / "line.wav", RAMP)
    with wave.open(str(tmp_path / "line.wav")) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 16000)
        assert file.readframes(file.getnframes()) == RAMP.samples


def test_a_failed_write_leaves_the_old_file_and_no_litter(tmp_path: Path) -> None:
    (tmp_path / "line.wav").mkdir()
    with pytest.raises(OSError, match=r"line\.wav"):
        write_wav(tmp_path / "line.wav", RAMP)
    assert [path.name for path in tmp_path.iterdir()] == ["line.wav"]


def test_two_channels_are_told_apart_and_mixed_on_request() -> None:
    stereo = wav_header(8, 8000, 2) + struct.pack("<4h", 1000, 3000, -1000, -3000)
    left, right = read_wav_channels(stereo)
    assert left.samples == struct.pack("<2h", 1000, -1000)
    assert right.samples == struct.pack("<2h", 3000, -3000)
    assert read_wav(stereo).samples == struct.pack("<2h", 2000, -2000)


@pytest.mark.parametrize("claimed", [0, 400, 0xFFFFFFD0])
def test_sizes_follow_from_the_file_where_the_header_is_stale(claimed: int) -> None:
    assert read_wav(wav_header(claimed, RAMP.rate, 1) + RAMP.samples) == RAMP


def test_a_file_cut_in_the_middle_of_a_sample_gives_its_whole_samples() -> None:
    assert read_wav(wav_bytes(RAMP)[:-1]).samples == RAMP.samples[:-2]


def test_a_chunk_after_the_sound_is_not_played() -> None:
    assert read_wav(wav_bytes(RAMP) + b"LIST" + struct.pack("<I", 4) + b"INFO") == RAMP


def test_chunks_before_the_sound_are_passed_over() -> None:
    whole = wav_bytes(RAMP)
    odd = b"note" + struct.pack("<I", 3) + b"abc\0"
    assert read_wav(whole[:12] + odd + whole[12:]) == RAMP


@pytest.mark.parametrize("coding", [b"", b"NONE", b"sowt"])
def test_aiff_is_known_by_its_first_bytes_whatever_it_is_called(coding: bytes, tmp_path: Path) -> None:
    (tmp_path / "line.wav").write_bytes(aiff(RAMP, coding))
    assert read_wav(tmp_path / "line.wav") == RAMP


@pytest.mark.parametrize(
    ("data", "trouble"),
    [
        (b"", "is empty"),
        (b"ID3\x04 something that is no sound at all", "neither WAV nor AIFF"),
        (wav_of(7, 8), "mu-law"),
        (wav_of(3, 32), "floating point"),
        (wav_of(1, 8), "8-bit samples"),
        (aiff(RAMP, bits=24), "24-bit samples"),
        (aiff(RAMP, b"ima4"), "ima4"),
        (wav_bytes(RAMP)[:30], "ends before its sound begins"),
        (wav_bytes(RAMP)[:36], "ends before its sound begins"),
    ],
)
def test_an_unusable_file_is_named_with_its_trouble(data: bytes, trouble: str, tmp_path: Path) -> None:
    (tmp_path / "odd.wav").write_bytes(data)
    with pytest.raises(WavError, match=rf"odd\.wav.*{trouble}"):
        read_wav(tmp_path / "odd.wav")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(WavError, match=r"gone\.wav cannot be read: No such file"):
        read_wav(tmp_path / "gone.wav")


def test_any_prefix_of_a_file_is_refused_or_gives_a_prefix_of_its_sound() -> None:
    for data in (wav_bytes(RAMP), aiff(RAMP)):
        for length in range(100):
            try:
                got = read_wav(data[:length]).samples
            except WavError:
                continue
            assert RAMP.samples.startswith(got)
