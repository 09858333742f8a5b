"""Exported scripts learn: every part's line means what the part does, and the data are the same cases."""

from __future__ import annotations

import math
from pathlib import Path
from textwrap import indent
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from playground.core.experiment import Data, Experiment, Split
from playground.datasets.noise import Noise
from playground.datasets.pictures import FashionMnist
from playground.export import parity
from playground.export.cases import EMBEDDED, take_cases
from playground.export.parity import CannotRun, answers_of, compare
from playground.export.source import _definition, to_source
from playground.export.taken import Form, Taken, take, tried
from playground.layers.normalisation import BatchNorm
from playground.losses import losses
from playground.optimizers import optimizers
from playground.preparation import preparation
from playground.schedules import schedules
from playground.templates import templates
from playground.training.prepared import Prepared, prepare
from playground.training.split import divide
from tests.export.test_source import run, trained


def of_template(kind: str) -> tuple[Experiment, Prepared]:
    experiment = templates[kind]().experiment()
    return experiment, prepare(experiment.data)


# ---- the parts' own lines -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", losses.kinds())
def test_a_loss_in_a_script_is_the_loss(kind: str) -> None:
    part = losses[kind]()
    scope: dict[str, Any] = {"torch": torch, "nn": nn}
    for name in part.definitions:
        exec(_definition(name), scope)
    module = eval(part.source(), scope)
    raw = torch.randn(6, 3 if "classes" in part.tasks else 1, generator=torch.Generator().manual_seed(0))
    targets = torch.randn(6, 1) if "regression" in part.tasks else torch.tensor([0, 1, 1, 0, 1, 0])
    assert torch.equal(module(raw, targets), part.build()(raw, targets))


def test_settings_of_a_loss_are_in_its_line() -> None:
    assert losses["cross_entropy"](label_smoothing=0.25).source() == "nn.CrossEntropyLoss(label_smoothing=0.25)"  # type: ignore[call-arg]
    assert losses["huber"](delta=2.5).source() == "nn.HuberLoss(delta=2.5)"  # type: ignore[call-arg]


@pytest.mark.parametrize("kind", optimizers.kinds())
def test_an_optimizer_in_a_script_moves_weights_the_same_way(kind: str) -> None:
    changes = {"weight_decay": 0.01, "learning_rate": 0.02}
    fields = type(optimizers[kind]()).model_fields
    part = optimizers[kind]().with_(**changes, **({"momentum": 0.9} if "momentum" in fields else {}))
    ends = []
    for make in (lambda network: part.build(network.parameters()), lambda network: eval(part.source())):
        torch.manual_seed(0)
        network = nn.Linear(3, 2)
        optimizer = eval(part.source(), {"torch": torch, "network": network}) if ends else make(network)
        for _ in range(5):
            optimizer.zero_grad()
            (network(torch.ones(1, 3)) ** 2).sum().backward()
            optimizer.step()
        ends.append(network.weight.detach())
    torch.testing.assert_close(ends[0], ends[1], rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("kind", schedules.kinds())
def test_a_schedule_in_a_script_gives_the_same_rates(kind: str) -> None:
    part = schedules[kind]()
    scope: dict[str, Any] = {"math": math}
    exec(f"def factor(step, steps, steps_per_epoch):\n{indent(part.source(), '    ')}", scope)
    for steps, per_epoch in ((1, 1), (40, 8), (1000, 7)):
        for step in range(steps):
            ours = part.factor(step, steps=steps, steps_per_epoch=per_epoch)
            assert scope["factor"](step, steps, per_epoch) == pytest.approx(ours, abs=1e-12)


@pytest.mark.parametrize("kind", preparation.kinds())
def test_preparation_in_a_script_gives_the_network_the_same_numbers(kind: str) -> None:
    part = preparation[kind]()
    if kind == "plane_features":
        part = part.with_(features=["x1", "x2", "x1_squared", "x2_squared", "x1_x2", "sin_x1", "sin_x2"])
    values = np.random.default_rng(0).normal(size=(20, 2)).astype(np.float32)
    fitted = part.fit(values)
    ours = part.apply(torch.from_numpy(values), {name: torch.tensor(value) for name, value in fitted.items()})
    theirs = eval(part.source(fitted), {"torch": torch, "values": torch.from_numpy(values)})
    assert torch.equal(theirs, ours)


# ---- data -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["circle", "diabetes", "digits-mlp"])
def test_a_script_sees_the_very_cases_of_training_and_no_sealed_ones(kind: str, tmp_path: Path) -> None:
    _, prepared = of_template(kind)
    cases = take_cases(prepared, "cases.npz")
    (tmp_path / "cases.npz").write_bytes(cases.file or b"")
    scope = {**run("\n\n".join(("import numpy as np, torch", cases.text, cases.preparing))), "FOLDER": tmp_path}
    exec(compile("\n\n".join((cases.text, cases.preparing)), "cases", "exec"), scope)
    for part in cases.parts:
        inputs, targets = scope["raw"](part)
        ours = prepared.part(part)
        np.testing.assert_array_equal(scope["prepare"](inputs).numpy(), prepared.transform(ours.inputs))
        np.testing.assert_array_equal(scope["prepare_targets"](targets).numpy(), ours.targets)
    assert cases.parts == ("train", "test")
    assert len(cases.text) <= EMBEDDED + 2_000


@pytest.mark.parametrize(("shares", "stratify"), [((0.7, 0.1, 0.1, 0.1), True), ((0.5, 0.2, 0.0, 0.3), False)])
def test_public_files_are_split_in_a_script_as_they_are_here(shares: tuple[float, ...], stratify: bool) -> None:
    split = Split(
        **dict(zip(("train", "validation", "test", "sealed"), shares, strict=True)), stratify=stratify, seed=3
    )
    draw = np.random.default_rng(0)
    targets, published = draw.integers(0, 4, 500), draw.choice([0, 0, 2], 500).astype(np.uint8)

    class Fake:
        data = Data(dataset=FashionMnist(), split=split)
        fitted: tuple[()] = ()

        def size(self, part: str) -> int:
            return 1

    text = take_cases(Fake(), "").text  # type: ignore[arg-type]
    theirs = run(f"import numpy as np, torch\n{text}")["divide"](targets, published)
    ours = divide(split, targets, published)
    assert {name: rows.tolist() for name, rows in theirs.items()} == {
        name: rows.tolist() for name, rows in ours.items()
    }


def test_what_is_too_long_to_be_read_lies_beside_the_script() -> None:
    experiment = templates["iris"]().experiment()
    data = Data(dataset=Noise(shape=[40, 40], samples=100), split=experiment.data.split)  # type: ignore[arg-type]
    cases = take_cases(prepare(data), "noise.npz")
    assert cases.name == "noise.npz"
    assert cases.file is not None
    assert len(cases.text) < 500


# ---- the whole ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["circle", "diabetes", "iris"])
def test_training_in_a_script_lowers_the_loss(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    experiment, prepared = of_template(kind)
    scope = run(to_source(experiment, cases=take_cases(prepared, "")).replace("Path(__file__)", "Path()"))
    network, passed = scope["train"](epochs=15)
    assert passed[-1] < 0.8 * passed[0]
    assert "epoch   15  loss" in capsys.readouterr().out
    assert scope["judge"](network).startswith("On " if kind == "diabetes" else tuple("0123456789"))


def test_batch_norm_never_sees_a_batch_of_one() -> None:
    experiment, prepared = of_template("iris")
    layers = experiment.network.add(BatchNorm(), id="norm", after="hidden")
    learning = experiment.with_network(layers)
    batch = experiment.training.with_(batch_size=prepared.size("train") - 1)
    scope = run(to_source(learning.with_(training=batch), cases=take_cases(prepared, "")).replace("__file__", "'.'"))
    assert len(scope["train"](epochs=2)[1]) == 2


def test_script_and_notebook_answer_alike_in_a_process_of_their_own() -> None:
    experiment, prepared = of_template("circle")
    state = trained(experiment)
    for form in (Form.pytorch, Form.notebook):
        taken = take(experiment, form, stem="circle", title="Circle", state=state, prepared=prepared)
        found = tried(taken, experiment, state=state, prepared=prepared).parity
        assert found is not None
        assert found.same
        assert found.largest <= 1e-6
        assert found.cases == 64


def test_a_script_that_answers_otherwise_is_found_out() -> None:
    experiment, prepared = of_template("circle")
    state = trained(experiment)
    taken = take(experiment, Form.pytorch, stem="circle", state=state, prepared=prepared)
    bent = {name: data.replace(b"        return n2", b"        return n2 + 1e-3") for name, data in taken.files.items()}
    assert bent != taken.files
    found = tried(Taken(bent), experiment, state=state, prepared=prepared).parity
    assert found is not None
    assert not found.same
    assert found.sentence.startswith("Other outputs: they differ by up to 1.0e-03 on 64 real test cases")


def test_a_script_reaches_no_network_and_says_why_it_does_not_run(tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text("import socket\nsocket.create_connection(('127.0.0.1', 9), 1)\n")
    with pytest.raises(CannotRun, match=r"does not run: PermissionError: socket\..* is not for an exported file"):
        answers_of(tmp_path, "bad.py", "none", np.zeros((1, 2), np.float32))


def test_a_script_that_takes_for_ever_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parity, "SECONDS", 1)
    (tmp_path / "slow.py").write_text("while True:\n    pass\n")
    with pytest.raises(CannotRun, match=r"did not answer within 1 seconds|does not run"):
        answers_of(tmp_path, "slow.py", "none", np.zeros((1, 2), np.float32))


def test_numbers_that_are_none_count_as_different() -> None:
    ones, odd = np.ones((2, 1)), np.array([[1.0], [np.nan]])
    assert not compare(odd, ones).same
    assert not compare(np.array([[1.0], [np.inf]]), ones).same
    assert compare(odd, odd).same
    assert compare(ones, ones).sentence == "Same outputs: no difference on 2 real test cases."
    with pytest.raises(CannotRun, match=r"shape \(2, 1\); the network here answers \(1, 1\)"):
        compare(ones, ones[:1])
