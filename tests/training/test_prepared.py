"""Data as training sees them: split, prepared, stored once, sealed."""

import errno
import multiprocessing
import os
import subprocess
from pathlib import Path
from typing import Annotated, ClassVar

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from playground.core.contracts import Dataset, Loaded
from playground.core.experiment import Data, Split
from playground.core.facts import Facts
from playground.datasets.plane import Circle, RegressionGauss
from playground.datasets.tables import Diabetes, Digits, Iris
from playground.preparation.features import PlaneFeatures
from playground.preparation.scaling import Scale, Standardise, StandardiseTarget
from playground.training import prepared as prepared_module
from playground.training.prepared import Reading, Sealed, plane_grid, plane_points, prepare
from playground.training.split import PARTS, divide

IRIS = Data(dataset=Iris(), preparation=(Standardise(),))


@st.composite
def splits(draw: st.DrawFn) -> Split:
    """Any four shares that fit, train above 0."""
    weights = [draw(st.integers(1, 20)), *(draw(st.integers(0, 10)) for _ in range(4))]
    train, validation, test, sealed = (weight / sum(weights) for weight in weights[:4])
    return Split(
        train=train,
        validation=validation,
        test=test,
        sealed=sealed,
        stratify=draw(st.booleans()),
        seed=draw(st.integers(0, 5)),
    )


@given(splits(), st.lists(st.integers(0, 4), min_size=30, max_size=200))
def test_parts_are_disjoint_and_as_large_as_their_shares(split: Split, labels: list[int]) -> None:
    targets = np.array(labels)
    parts = divide(split, targets)
    together = np.concatenate([parts[name] for name in PARTS])
    assert len(set(together.tolist())) == len(together)
    assert set(together.tolist()) <= set(range(len(targets)))
    groups = [targets == label for label in set(labels)] if split.stratify else [targets >= 0]
    for group in groups:
        for name in PARTS:
            size, share = group[parts[name]].sum(), getattr(split, name) * group.sum()
            assert abs(size - share) <= 1 + 1e-6, (name, size, share)


@given(splits(), st.lists(st.integers(0, 2), min_size=20, max_size=60))
def test_shares_that_add_up_to_one_leave_no_case_out(split: Split, labels: list[int]) -> None:
    rest = 1 - split.validation - split.test - split.sealed
    parts = divide(split.with_(train=rest), np.array(labels))
    assert sorted(np.concatenate(list(parts.values())).tolist()) == list(range(len(labels)))


def test_the_same_seed_gives_the_same_parts_and_another_seed_gives_others() -> None:
    targets = np.arange(100) % 3
    one, again, other = (divide(Split(seed=seed), targets) for seed in (0, 0, 1))
    assert all(np.array_equal(one[name], again[name]) for name in PARTS)
    assert not np.array_equal(one["train"], other["train"])


def test_the_publishers_test_cases_are_the_test_part() -> None:
    targets, published = np.arange(900) % 10, np.repeat(np.array([0, 2], np.uint8), [600, 300])
    parts = divide(Split(), targets, published)
    assert parts["test"].tolist() == list(range(600, 900))
    assert {name: len(rows) for name, rows in parts.items()} == pytest.approx(
        {"train": 467, "validation": 67, "test": 300, "sealed": 67}, abs=10
    )
    assert max(parts["train"].max(), parts["sealed"].max(), parts["validation"].max()) < 600
    without = divide(Split(train=0.9, validation=0.1, test=0.0, sealed=0.0), targets, published)
    assert len(without["test"]) == 0
    assert len(without["train"]) + len(without["validation"]) == 600


def test_a_split_that_leaves_nothing_to_learn_from_says_so() -> None:
    with pytest.raises(ValueError, match="leaves nothing to learn from"):
        divide(Split(train=0.01), np.array([0, 1, 0]))


def test_a_stratified_split_keeps_the_mix_of_iris() -> None:
    prepared = prepare(IRIS)
    assert np.bincount(prepared.targets("train")).tolist() == [35, 35, 35]
    assert np.bincount(prepared.targets("test")).tolist() == [5, 5, 5]
    assert prepared.facts.samples == {"train": 105, "validation": 15, "test": 15, "sealed": 15}


# ---- nothing is fitted outside training -------------------------------------------------------------------------------


class Shifted(Dataset):
    """A table whose rows outside the training part can be moved far away, for tests."""

    kind: ClassVar[str] = "shifted"
    moved: Annotated[tuple[int, ...], Field(strict=False)] = ()

    def facts(self) -> Facts:
        return Facts(task="regression", input_shape=(3,), output_width=1, samples={"all": 60})

    def load(self) -> Loaded:
        draw = np.random.default_rng(0)
        inputs, targets = draw.normal(size=(60, 3)).astype(np.float32), draw.normal(size=(60, 1)).astype(np.float32)
        inputs[list(self.moved)] += 1e6
        targets[list(self.moved)] -= 1e6
        return Loaded(inputs, targets)


class Raw:
    """Data that take a data set from outside the catalogue."""

    def __init__(self, dataset: Dataset, preparation: tuple[object, ...]) -> None:
        self.dataset, self.preparation, self.split = dataset, preparation, Split()

    def facts(self) -> Facts:
        facts = self.dataset.facts()
        for step in self.preparation:
            facts = step.facts(facts)  # type: ignore[attr-defined]
        return facts


STEPS = (Standardise(), Scale(), StandardiseTarget())


@pytest.mark.parametrize("part", ["validation", "test", "sealed"])
def test_no_statistic_is_fitted_outside_the_training_part(part: str) -> None:
    rows = divide(Split(), Shifted().load().targets)[part]  # type: ignore[index]
    before = prepare(Raw(Shifted(), STEPS))  # type: ignore[arg-type]
    after = prepare(Raw(Shifted(moved=tuple(rows.tolist())), STEPS))  # type: ignore[arg-type]
    assert len(before.fitted) == len(after.fitted) == 3
    for one, other in zip(before.fitted, after.fitted, strict=True):
        assert one.keys() == other.keys()
        assert all(one[name].tobytes() == other[name].tobytes() for name in one)


def test_a_moved_training_case_does_move_the_statistics() -> None:
    row = int(divide(Split(), Shifted().load().targets)["train"][0])
    before, after = (prepare(Raw(Shifted(moved=moved), STEPS)) for moved in ((), (row,)))  # type: ignore[arg-type]
    assert before.fitted[0]["mean"].tobytes() != after.fitted[0]["mean"].tobytes()


def test_each_step_is_fitted_on_what_the_one_before_it_leaves() -> None:
    data = Data(dataset=Circle(), preparation=(PlaneFeatures(features=("x1_squared", "sin_x2")), Standardise()))
    prepared = prepare(data)
    seen = prepared.transform(prepared.inputs("train"))
    np.testing.assert_allclose(seen.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(seen.std(axis=0), 1, atol=1e-5)
    assert prepared.facts.input_shape == (2,)
    assert prepared.facts.feature_names == ("x₁²", "sin x₂")


# ---- transform and back -----------------------------------------------------------------------------------------------


def test_targets_are_moved_for_the_network_and_come_back_in_their_unit() -> None:
    prepared = prepare(Data(dataset=Diabetes(), preparation=(Standardise(), StandardiseTarget())))
    assert abs(prepared.targets("train").mean()) < 1e-5
    for values in (prepared.targets("test"), torch.from_numpy(prepared.targets("test"))):
        back = np.asarray(prepared.untransform_targets(values))
        np.testing.assert_allclose(back, prepared.raw_targets("test"), rtol=1e-5)
    assert prepared.facts.target_unit == "points"


def test_transform_gives_float32_of_the_promised_shape_for_arrays_and_tensors() -> None:
    for data in (Data(dataset=Digits(), preparation=(Scale(),)), Data(dataset=Digits()), IRIS):
        prepared = prepare(data)
        raw = prepared.inputs("train")[:5]
        array, tensor = prepared.transform(raw), prepared.transform(torch.from_numpy(raw))
        assert array.dtype == np.float32
        assert array.shape == (5, *prepared.facts.input_shape)
        assert tensor.dtype == torch.float32
        np.testing.assert_allclose(tensor.numpy(), array, rtol=1e-6, atol=1e-6)


def test_class_targets_stay_class_numbers() -> None:
    prepared = prepare(IRIS)
    assert prepared.targets("train").dtype == np.int64
    np.testing.assert_array_equal(prepared.untransform_targets(prepared.targets("test")), prepared.targets("test"))


def test_indices_name_the_cases_of_the_original_data() -> None:
    prepared, original = prepare(IRIS), Iris().load()
    for part in ("train", "validation", "test"):
        np.testing.assert_array_equal(prepared.inputs(part), original.inputs[prepared.indices(part)])
        np.testing.assert_array_equal(prepared.targets(part), original.targets[prepared.indices(part)])


# ---- the test part and the sealed part --------------------------------------------------------------------------------


def test_every_reading_of_the_test_part_is_counted_and_told() -> None:
    heard: list[Reading] = []
    prepared = prepare(IRIS, on_read=heard.append)
    assert prepared.test_reads == 0
    prepared.inputs("train")
    prepared.part("validation")
    assert prepared.test_reads == 0
    prepared.inputs("test")
    prepared.part("test")
    prepared.count_test_read()
    assert prepared.test_reads == 3
    assert [reading.times for reading in heard] == [1, 2, 3]


def test_the_sealed_part_is_shut_until_it_is_opened_for_one_named_run() -> None:
    heard: list[Reading] = []
    prepared = prepare(IRIS, on_read=heard.append)
    assert prepared.size("sealed") == 15
    for read in (prepared.part, prepared.inputs, prepared.targets, prepared.raw_targets, prepared.indices):
        with pytest.raises(Sealed, match="15 sealed cases are shut"):
            read("sealed")
    with pytest.raises(ValueError, match="name of who opens it"):
        prepared.open_sealed("run-1", " ")
    prepared.open_sealed("run-1", "Ada")
    prepared.open_sealed("run-1", "Ada")
    assert heard == [Reading("sealed", 1, "run-1", "Ada")]
    assert len(prepared.part("sealed").inputs) == 15
    with pytest.raises(Sealed, match="run-1 by Ada"):
        prepared.open_sealed("run-2", "Ada")


def test_an_unknown_part_is_refused() -> None:
    with pytest.raises(ValueError, match="There is no part 'tset'"):
        prepare(IRIS).inputs("tset")  # type: ignore[arg-type]


# ---- the store --------------------------------------------------------------------------------------------------------


@pytest.fixture
def all_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small data sets are stored too."""
    monkeypatch.setattr(prepared_module, "WORTH_STORING", 0)


DIGITS = Data(dataset=Digits(), preparation=(Scale(),))


@pytest.mark.usefixtures("all_stored")
def test_stored_data_are_the_same_bytes_and_loaded_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fresh, first = prepare(DIGITS), prepare(DIGITS, cache=tmp_path)
    monkeypatch.setattr(Digits, "load", lambda self: pytest.fail("loaded twice"))
    second = prepare(DIGITS, cache=tmp_path)
    for prepared in (first, second):
        for part in ("train", "validation", "test"):
            for one, other in zip(fresh.part(part), prepared.part(part), strict=True):
                assert one.tobytes() == other.tobytes()
                assert one.dtype == other.dtype
        assert isinstance(prepared.inputs("train"), np.memmap)
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


@pytest.mark.usefixtures("all_stored")
def test_writing_into_mapped_arrays_stays_in_this_process(tmp_path: Path) -> None:
    one, other = prepare(DIGITS, cache=tmp_path), prepare(DIGITS, cache=tmp_path)
    one.inputs("train")[:] = 0
    assert other.inputs("train").max() == 255


@pytest.mark.usefixtures("all_stored")
@pytest.mark.parametrize("damage", ["truncate", "no contents", "no array", "empty contents"])
def test_a_broken_entry_is_made_again(tmp_path: Path, damage: str) -> None:
    whole = prepare(DIGITS, cache=tmp_path).inputs("train").tobytes()
    (entry,) = tmp_path.iterdir()
    inputs, contents = entry / "train-inputs.npy", entry / "contents.json"
    if damage == "truncate":
        inputs.write_bytes(inputs.read_bytes()[:-1000])
    elif damage == "no contents":
        contents.unlink()
    elif damage == "no array":
        inputs.unlink()
    else:
        contents.write_text("")
    assert prepare(DIGITS, cache=tmp_path).inputs("train").tobytes() == whole


@pytest.mark.usefixtures("all_stored")
def test_other_splits_have_entries_of_their_own_and_the_oldest_go_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare(DIGITS, cache=tmp_path)
    (first,) = tmp_path.iterdir()
    os.utime(first, (1, 1))
    monkeypatch.setattr("playground.training.store.KEPT", 200_000)
    for seed in (1, 2):
        prepare(DIGITS.with_(split=Split(seed=seed)), cache=tmp_path)
    assert not first.exists()
    assert 1 <= len(list(tmp_path.iterdir())) <= 2


def test_small_data_sets_are_not_stored_at_all(tmp_path: Path) -> None:
    prepare(Data(dataset=Circle()), cache=tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("all_stored")
def test_empty_parts_are_stored_too(tmp_path: Path) -> None:
    data = DIGITS.with_(split=Split(train=1.0, validation=0.0, test=0.0, sealed=0.0))
    for prepared in (prepare(data, cache=tmp_path), prepare(data, cache=tmp_path)):
        assert prepared.inputs("test").shape == (0, 1, 8, 8)
        assert prepared.size("train") == 1797


def _prepare_digits(cache: str) -> bytes:
    prepared_module.WORTH_STORING = 0
    return prepare(DIGITS, cache=Path(cache)).inputs("train").tobytes()


def test_processes_that_race_for_one_entry_all_get_it(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        found = pool.map(_prepare_digits, [str(tmp_path)] * 6)
    assert len(set(found)) == 1
    assert len(list(tmp_path.iterdir())) == 1


# ---- the plane --------------------------------------------------------------------------------------------------------


def test_the_grid_begins_at_the_top_left_and_runs_row_by_row() -> None:
    points = plane_points((-6.0, 6.0), 3)
    assert points.tolist() == [[x, y] for y in (4, 0, -4) for x in (-4, 0, 4)]


def test_the_grid_shows_what_the_network_sees() -> None:
    data = Data(dataset=RegressionGauss(), preparation=(PlaneFeatures(features=("x1", "x2_squared")), Standardise()))
    prepared = prepare(data)
    grid = plane_grid(prepared, 10)
    assert grid.shape == (100, 2)
    assert grid.dtype == np.float32
    points = plane_points(prepared.facts.domain, 10)
    by_hand = np.stack([points[:, 0], points[:, 1] ** 2], axis=1)
    fitted = prepared.fitted[1]
    np.testing.assert_allclose(grid, (by_hand - fitted["mean"]) / fitted["deviation"], rtol=1e-5, atol=1e-6)


@pytest.mark.usefixtures("all_stored")
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EDQUOT])
def test_where_nothing_can_be_stored_the_data_stay_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    whole = prepare(DIGITS)

    def refuse(*arguments: object, **options: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(np, "save", refuse)
    held = prepare(DIGITS, cache=tmp_path)
    assert held.inputs("train").tobytes() == whole.inputs("train").tobytes()
    assert held.size("test") == whole.size("test")
    assert list(tmp_path.iterdir()) == [], "no half entry is left"


@pytest.mark.usefixtures("all_stored")
def test_an_entry_in_the_making_is_not_taken_for_an_abandoned_one_when_the_clock_jumps(tmp_path: Path) -> None:
    with subprocess.Popen(["sleep", "600"]) as other:
        making, left = tmp_path / f".key-{other.pid}-0123abcd", tmp_path / ".key-0123abcd-old"
        for folder in (making, left):
            folder.mkdir()
            os.utime(folder, (1, 1))  # the clock was put forward by decades
        prepare(DIGITS, cache=tmp_path)
        assert making.is_dir()
        assert not left.exists()
        other.kill()
    prepare(DIGITS.with_(split=Split(seed=1)), cache=tmp_path)
    assert not making.exists()
