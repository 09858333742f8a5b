"""IDX files: what is right is read, what is wrong becomes one sentence."""

import gzip
import os
import struct
import tracemalloc
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.core.diagnostics import DataMissing
from playground.datasets.idx import BadFile, read_idx
from playground.datasets.pictures import FILES, FashionMnist, Mnist


def idx_bytes(array: np.ndarray, *, shape: tuple[int, ...] | None = None, kind: int = 8) -> bytes:
    """An IDX file's content; `shape` lets the header lie."""
    shape = array.shape if shape is None else shape
    return struct.pack(f">BBBB{len(shape)}I", 0, 0, kind, len(shape), *shape) + array.astype(np.uint8).tobytes()


def written(folder: Path, content: bytes, *, packed: bool = True) -> Path:
    path = folder / ("numbers.gz" if packed else "numbers")
    path.write_bytes(gzip.compress(content) if packed else content)
    return path


PICTURES = np.arange(3 * 4 * 5, dtype=np.uint8).reshape(3, 4, 5)


@pytest.mark.parametrize("packed", [True, False])
def test_an_array_comes_back_as_it_was(tmp_path: Path, packed: bool) -> None:
    found = read_idx(written(tmp_path, idx_bytes(PICTURES), packed=packed), axes=3)
    np.testing.assert_array_equal(found, PICTURES)
    assert found.dtype == np.uint8


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is not an IDX file: it begins with nothing"),
        (b"PK\x03\x04 something else", "is not an IDX file"),
        (idx_bytes(PICTURES, kind=0x0D), "type 0x0d; expected bytes"),
        (idx_bytes(PICTURES[0]), "has 2 axes; expected 3"),
        (idx_bytes(PICTURES)[:9], "cut short in its header"),
        (idx_bytes(PICTURES)[:-1], "promises 60 numbers, 59 are there"),
        (idx_bytes(PICTURES, shape=(4, 4, 5)), "promises 80 numbers, 60 are there"),
        (idx_bytes(PICTURES, shape=(2, 4, 5)), "more than the 40 numbers"),
        (idx_bytes(PICTURES, shape=(2**32 - 1, 2**32 - 1, 2**32 - 1)), "at most"),
        (idx_bytes(PICTURES[:0], shape=(0, 2**32 - 1, 2**32 - 1)), "says it holds 0 × 4,294,967,295 × 4,294,967,295"),
        (struct.pack(">BBBB", 0, 0, 8, 255) + b"\xff" * 1020, "has 255 axes; expected 3"),
    ],
)
@pytest.mark.parametrize("packed", [True, False])
def test_a_file_that_lies_gets_one_sentence(tmp_path: Path, content: bytes, sentence: str, packed: bool) -> None:
    with pytest.raises(BadFile, match="numbers") as caught:
        read_idx(written(tmp_path, content, packed=packed), axes=3)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_archive_cut_short_gets_one_sentence(tmp_path: Path) -> None:
    path = written(tmp_path, idx_bytes(np.random.default_rng(0).integers(0, 256, (30, 28, 28))))
    whole = path.read_bytes()
    for length in (3, 12, len(whole) // 2, len(whole) - 4):
        path.write_bytes(whole[:length])
        with pytest.raises(BadFile, match=r"cut short|damaged"):
            read_idx(path, axes=3)


@given(st.binary(max_size=200), st.booleans())
def test_no_bytes_whatever_raise_anything_else(content: bytes, packed: bool) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "noise"
        path.write_bytes(b"\x1f\x8b" + content if packed else content)
        with suppress(BadFile):
            read_idx(path, axes=1)


def test_an_archive_that_unpacks_to_gigabytes_is_refused_without_unpacking_it(tmp_path: Path) -> None:
    path = tmp_path / "bomb.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(struct.pack(">BBBBI", 0, 0, 8, 1, 1000))
        for _ in range(200):
            file.write(bytes(2**20))
    tracemalloc.start()
    with pytest.raises(BadFile, match="more than the 1,000 numbers"):
        read_idx(path, axes=1)
    assert tracemalloc.get_traced_memory()[1] < 8 * 2**20
    tracemalloc.stop()


def test_a_promise_of_much_allocates_nothing(tmp_path: Path) -> None:
    path = written(tmp_path, idx_bytes(PICTURES, shape=(2**27, 1, 1)))
    tracemalloc.start()
    with pytest.raises(BadFile, match="promises"):
        read_idx(path, axes=3)
    assert tracemalloc.get_traced_memory()[1] < 8 * 2**20
    tracemalloc.stop()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes in folders here")
@pytest.mark.timeout(30)  # a pipe that is waited for never ends
def test_a_pipe_or_a_device_in_place_of_a_file_gets_one_sentence(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("/dev/zero")
    (tmp_path / "loop").symlink_to("loop")
    for name, words in {"pipe": "it is a pipe", "link": "it is a device", "loop": "symbolic links"}.items():
        with pytest.raises(BadFile, match=f"{name} cannot be read: .*{words}"):
            read_idx(tmp_path / name, axes=1)


def test_what_follows_the_archive_is_damage_and_empty_archives_in_front_are_not(tmp_path: Path) -> None:
    path = written(tmp_path, idx_bytes(PICTURES))
    whole = path.read_bytes()
    path.write_bytes(gzip.compress(b"") * 1_000 + whole)
    np.testing.assert_array_equal(read_idx(path, axes=3), PICTURES)
    path.write_bytes(whole + b"more")
    with pytest.raises(BadFile, match="is damaged"):
        read_idx(path, axes=3)
    path.write_bytes(gzip.compress(whole))
    with pytest.raises(BadFile, match="begins with 1f 8b"):
        read_idx(path, axes=3)


def test_a_folder_in_place_of_a_file_gets_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="cannot be read"):
        read_idx(tmp_path, axes=1)


# ---- the four files ---------------------------------------------------------------------------------------------------


def four_files(folder: Path, *, train: int = 30, test: int = 10, labels: int | None = None, side: int = 28) -> None:
    """A small MNIST: pictures of one grey each."""
    folder.mkdir(parents=True)
    draw = np.random.default_rng(0)
    for count, (pictures, targets) in zip((train, test), (FILES[:2], FILES[2:]), strict=True):
        grey = np.broadcast_to(draw.integers(0, 256, (count, 1, 1)), (count, side, side))
        (folder / f"{pictures}.gz").write_bytes(gzip.compress(idx_bytes(grey)))
        (folder / f"{targets}.gz").write_bytes(gzip.compress(idx_bytes(np.arange(labels or count) % 10)))


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "data"
    monkeypatch.setenv("PLAYGROUND_DATA", str(folder))
    return folder


@pytest.mark.parametrize("folder", ["mnist", "MNIST/raw"])
def test_the_publishers_test_part_stays_the_test_part(data: Path, folder: str) -> None:
    four_files(data / folder)
    loaded = Mnist().load()
    assert loaded.inputs.shape == (40, 1, 28, 28)
    assert loaded.part is not None
    assert loaded.part.tolist() == [0] * 30 + [2] * 10
    assert loaded.targets.tolist() == [*(np.arange(30) % 10), *range(10)]


def test_files_in_the_home_folder_are_found_too(home: Path) -> None:
    four_files(home / "data" / "fashion-mnist")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PLAYGROUND_DATA", "")
        assert len(FashionMnist().load().targets) == 40


def test_missing_files_are_named_with_the_places_that_were_searched(data: Path) -> None:
    with pytest.raises(DataMissing, match="Fashion-MNIST is not on this machine") as caught:
        FashionMnist().load()
    assert str(data / "fashion-mnist") in str(caught.value)
    assert "PLAYGROUND_DATA" in str(caught.value)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes in folders here")
@pytest.mark.timeout(30)
def test_a_pipe_among_the_four_is_a_missing_file_and_a_link_to_the_original_is_not(data: Path, tmp_path: Path) -> None:
    four_files(data / "mnist")
    original = data / "mnist" / f"{FILES[3]}.gz"
    original.rename(tmp_path / "elsewhere.gz")
    original.symlink_to(tmp_path / "elsewhere.gz")
    assert len(Mnist().load().targets) == 40
    original.unlink()
    os.mkfifo(original)
    with pytest.raises(DataMissing, match=FILES[3]):
        Mnist().load()


def test_a_missing_file_among_the_four_is_named(data: Path) -> None:
    four_files(data / "mnist")
    (data / "mnist" / f"{FILES[3]}.gz").unlink()
    with pytest.raises(DataMissing, match=FILES[3]):
        Mnist().load()


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [({"labels": 7}, "30 pictures.* 7 labels"), ({"side": 27}, "27 × 27; expected 28"), ({"train": 0}, "is empty")],
)
def test_files_that_do_not_belong_together_get_one_sentence(data: Path, wrong: dict[str, int], sentence: str) -> None:
    four_files(data / "mnist", **wrong)
    with pytest.raises(BadFile, match=sentence):
        Mnist().load()


def test_a_label_beyond_the_classes_gets_one_sentence(data: Path) -> None:
    four_files(data / "mnist")
    (data / "mnist" / f"{FILES[1]}.gz").write_bytes(gzip.compress(idx_bytes(np.full(30, 10))))
    with pytest.raises(BadFile, match="has a label 10; expected 0 to 9"):
        Mnist().load()
