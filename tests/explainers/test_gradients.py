"""Integrated gradients and Grad-CAM against networks whose explanation is known."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from playground.core.experiment import Experiment
from playground.core.facts import Facts
from playground.core.part import identity
from playground.core.shapes import check
from playground.explainers import explainers
from playground.explainers.frozen import CannotExplain, Frozen, freeze
from playground.explainers.gradients import GradCam, IntegratedGradients

TABLE = Facts(task="regression", input_shape=(6,), output_width=1, view="table")
PICTURES = Facts(task="classes", input_shape=(1, 12, 12), output_width=3, classes=("a", "b", "c"), view="image")
YES_OR_NO = Facts(task="binary", input_shape=(6,), output_width=1, classes=("no", "yes"), view="table")


def chain(*layers: dict[str, Any]) -> Experiment:
    nodes = [{"kind": "input"}, *layers, {"kind": "output"}]
    return Experiment.model_validate({
        "networks": {"model": {
            "nodes": [{"id": f"n{i}", "layer": layer} for i, layer in enumerate(nodes)],
            "edges": [{"source": f"n{i}", "target": f"n{i + 1}"} for i in range(len(nodes) - 1)],
        }},
        "data": {"dataset": {"kind": "circle"}},
        "objective": {"kind": "supervised", "loss": {"kind": "mean_squared_error"}},
        "training": {"optimizer": {"kind": "sgd", "learning_rate": 0.1}, "schedule": {"kind": "constant"}},
    })  # fmt: skip


def dense(units: int, activation: str | None = None) -> dict[str, Any]:
    return {"kind": "dense", "units": units, "activation": {"kind": activation} if activation else None}


def convolutions() -> Frozen:
    conv = {"kind": "conv2d", "channels": 4, "activation": {"kind": "relu"}}
    return freeze(chain(conv, conv, {"kind": "global_pool"}, dense(3)), None, PICTURES)


def case(frozen: Frozen, seed: int = 0) -> torch.Tensor:
    return torch.rand(frozen.facts.input_shape, generator=torch.Generator().manual_seed(seed))


def test_a_linear_network_is_explained_exactly() -> None:
    frozen = freeze(chain(dense(1)), None, TABLE)
    x = case(frozen)
    found = IntegratedGradients().attribute(frozen, x, 0)
    weight = frozen.built.part("n1").get_submodule("linear").weight[0]
    np.testing.assert_allclose(found.values, (weight * x).numpy(), atol=1e-6)
    assert found.gap is not None
    assert found.gap < 1e-5


def test_steps_are_doubled_until_the_parts_add_up() -> None:
    frozen = freeze(chain(dense(32, "tanh"), dense(16, "tanh"), dense(1)), None, TABLE)
    found = IntegratedGradients(steps=8).attribute(frozen, 6 * case(frozen), 0)
    assert found.gap is not None
    assert found.gap <= 0.01
    assert found.value - found.baseline_value == pytest.approx(found.values.sum(), rel=0.01, abs=1e-4)


def test_a_constant_network_has_nothing_to_explain_and_says_so() -> None:
    frozen = freeze(chain(dense(1)), None, TABLE)
    for parameter in frozen.module.parameters():
        parameter.zero_()
    found = IntegratedGradients().attribute(frozen, case(frozen), 0)
    assert not found.values.any()
    assert "nothing to share out" in found.warnings[0]


def test_two_equal_features_get_equal_credit() -> None:
    frozen = freeze(chain(dense(8, "tanh"), dense(1)), None, TABLE)
    weight = frozen.built.part("n1").get_submodule("linear").weight
    weight[:, 1] = weight[:, 0]
    x = case(frozen)
    x[1] = x[0]
    found = IntegratedGradients().attribute(frozen, x, 0)
    assert found.values[0] == pytest.approx(found.values[1], abs=1e-6)


def test_no_is_the_mirror_of_yes() -> None:
    frozen = freeze(chain(dense(4, "relu"), dense(1)), None, YES_OR_NO)
    x = case(frozen)
    no, yes = (IntegratedGradients().attribute(frozen, x, target) for target in (0, 1))
    np.testing.assert_allclose(no.values, -yes.values, atol=1e-6)


def test_a_table_starts_from_the_average_training_case() -> None:
    centre = np.arange(6, dtype=np.float32)
    frozen = freeze(chain(dense(1)), None, TABLE, centre=centre)
    found = IntegratedGradients().attribute(frozen, torch.from_numpy(centre), 0)
    assert not found.values.any()
    assert found.baseline_name == "the average training case"


def test_grad_cam_equals_its_definition() -> None:
    frozen = convolutions()
    x = case(frozen)
    found = GradCam().attribute(frozen, x, 2)
    kept: list[torch.Tensor] = []
    hook = frozen.answering("n2").register_forward_hook(lambda m, i, o: kept.append(o.clone()) or kept[-1])
    score = frozen.score(x.unsqueeze(0).requires_grad_(True), 2).sum()
    hook.remove()
    (gradient,) = torch.autograd.grad(score, kept[0])
    expected = (gradient.mean((2, 3), keepdim=True) * kept[0]).sum(1)[0]
    np.testing.assert_allclose(found.native, expected.detach().numpy(), atol=1e-7)
    assert found.values.shape == (1, 12, 12)


def test_grad_cam_of_another_layer_and_class_is_another_map() -> None:
    frozen = convolutions()
    maps = [GradCam(layer=layer).attribute(frozen, case(frozen), t).native for layer in ("n1", "n2") for t in (0, 1)]
    for i, one in enumerate(maps):
        for other in maps[i + 1 :]:
            assert one is not None
            assert other is not None
            assert one.shape != other.shape or not np.allclose(one, other)


def test_grad_cam_is_not_offered_without_a_convolution() -> None:
    dense_only = freeze(chain({"kind": "flatten"}, dense(3)), None, PICTURES)
    assert GradCam().offer(dense_only.checked, PICTURES).exactness == "not offered"
    assert GradCam().offer(convolutions().checked, PICTURES).exactness == "exact"
    with pytest.raises(CannotExplain, match="needs a convolution"):
        GradCam().attribute(dense_only, case(dense_only), 0)


METHODS: dict[str, Callable[[], Any]] = {part.kind: part for part in explainers}


@pytest.mark.parametrize("kind", sorted(METHODS))
def test_explaining_leaves_no_trace(kind: str) -> None:
    frozen = convolutions()
    weights = copy.deepcopy(frozen.module.state_dict())
    random, legacy = torch.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
    first = METHODS[kind]().attribute(frozen, case(frozen), 0)
    again = METHODS[kind]().attribute(frozen, case(frozen), 0)
    assert torch.equal(torch.get_rng_state(), random)
    assert np.array_equal(np.random.get_state()[1], legacy)  # noqa: NPY002
    assert all(torch.equal(weights[name], value) for name, value in frozen.module.state_dict().items())
    assert not any(m._forward_hooks or m._backward_hooks or m._forward_pre_hooks for m in frozen.module.modules())
    assert not frozen.module.training
    np.testing.assert_array_equal(first.values, again.values)


@pytest.mark.parametrize("kind", sorted(METHODS))
def test_every_explainer_says_what_it_answers_and_what_it_cannot_say(kind: str) -> None:
    part = explainers[kind]
    assert part.question.endswith("?")
    assert part.cannot_say
    assert len(part.question.split()) <= 25
    assert identity(part())


def test_weights_of_another_drawing_are_refused_in_a_sentence() -> None:
    with pytest.raises(CannotExplain, match="another drawing"):
        freeze(chain(dense(2), dense(1)), {"n1.linear.weight": torch.zeros(1)}, TABLE)


def test_a_drawing_with_errors_is_refused_in_a_sentence() -> None:
    broken = chain({"kind": "conv2d"}, dense(1))
    assert not check(broken.network, TABLE).ok
    with pytest.raises(CannotExplain, match="cannot be built"):
        freeze(broken, None, TABLE)
