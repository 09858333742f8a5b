"""Exported scripts: plain PyTorch with the same numbers, whatever titles and ids say."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from playground.core.experiment import Experiment
from playground.core.network import Network, Node
from playground.core.shapes import check
from playground.export.rebuilt import CannotExport, rebuilt
from playground.export.source import remark, to_source
from playground.export.weights import from_weights, to_weights
from playground.templates import templates
from tests.core.drawings import chain, experiment, layer, sound_networks

HOSTILE = [
    '"""',
    "'; import os; os.abort() #",
    "\n    import os",
    "\\",
    "{0}",
    "forward",
    "__class__",
    "-*- coding: utf-7 -*-",
    "coding: rot13",
    "\u2028import os",
    "\x0cimport os",
    "\u202ereversed",
]


def trained(start: Experiment) -> dict[str, torch.Tensor]:
    """Weights that are not the first ones, batch norm's statistics included."""
    state = rebuilt(start, None).module.state_dict()
    generator = torch.Generator().manual_seed(1)
    return {
        name: torch.rand(tensor.shape, generator=generator) + 0.2 if tensor.is_floating_point() else tensor
        for name, tensor in state.items()
    }


def run(source: str) -> dict[str, Any]:
    """Everything a script defines."""
    scope: dict[str, Any] = {"__name__": "exported"}
    exec(compile(source, "exported.py", "exec"), scope)
    return scope


def assert_same_answers(start: Experiment, tolerance: float = 1e-6) -> None:
    state = trained(start)
    network = run(to_source(start))["Network"]()
    network.load_state_dict(from_weights(to_weights(start, state)))
    cases = torch.randn(4, *start.data.facts().input_shape, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        exported, ours = network.eval()(cases), rebuilt(start, state).module(cases)
    assert torch.isfinite(ours).all()
    assert ((exported - ours).abs() <= tolerance * ours.abs().clamp(min=1)).all()


@pytest.mark.parametrize("kind", templates.kinds())
def test_the_script_of_every_template_gives_the_same_answers(kind: str) -> None:
    assert_same_answers(templates[kind]().experiment())


@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_the_script_of_any_sound_drawing_gives_the_same_answers(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(["circle", "fashion-mnist-cnn"]))
    start = templates[kind]().experiment()
    assert_same_answers(start.with_network(data.draw(sound_networks(start.data.facts().input_shape))))


def test_a_script_imports_nothing_of_ours_and_runs_by_itself(tmp_path: Path) -> None:
    start = templates["fashion-mnist-resnet"]().experiment()
    state = trained(start)
    (tmp_path / "net.py").write_text(to_source(start, title="Résumé", weights="net's.safetensors"), encoding="utf-8")
    (tmp_path / "net's.safetensors").write_bytes(to_weights(start, state))
    assert "playground" not in imported(to_source(start))
    code = [sys.executable, "-I", "net.py"]
    printed = subprocess.run(code, cwd=tmp_path, capture_output=True, text=True, check=True, timeout=100).stdout
    answer = torch.tensor(ast.literal_eval(printed.removeprefix("tensor(").rstrip().removesuffix(")")))
    with torch.no_grad():
        ours = rebuilt(start, state).module(torch.zeros(1, *start.data.facts().input_shape))
    torch.testing.assert_close(answer, ours, rtol=1e-3, atol=1e-3)  # print shows four digits


def imported(source: str) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or "").split(".")[0])
    return names


def test_our_own_modules_are_copied_only_where_they_are_needed() -> None:
    plain = to_source(experiment(chain(layer("dense", units=2), layer("softmax"))))
    warm = to_source(experiment(chain(layer("dense", units=2, activation={"kind": "softmax", "temperature": 2.0}))))
    assert "class TemperedSoftmax(nn.Module)" in warm
    assert "TemperedSoftmax" not in plain
    assert imported(warm) == imported(plain) == {"collections", "pathlib", "torch", "safetensors"}


def titled(text: str, id: str = "hidden") -> Experiment:
    """An experiment whose node has a title that no document could bring in: the second line of defence."""
    tame = chain(layer("dense", units=2, activation={"kind": "tanh"}), layer("dense", units=1))
    nodes = [Node.model_construct(id=id if n.id == "layer1" else n.id, layer=n.layer, title=text) for n in tame.nodes]
    edges = [
        e.with_(source=id if e.source == "layer1" else e.source, target=id if e.target == "layer1" else e.target)
        for e in tame.edges
    ]
    return experiment(Network.model_construct(nodes=tuple(nodes), edges=tuple(edges)))


@pytest.mark.parametrize("text", HOSTILE)
def test_titles_are_comments_and_change_nothing_that_runs(text: str) -> None:
    tame = ast.dump(ast.parse(to_source(titled("Hidden"), title="Circle")))
    source = to_source(titled(text), title=text)
    assert ast.dump(ast.parse(source.encode())) == tame
    assert run(source)["Network"]() is not None
    assert all(line.isprintable() for line in source.splitlines())


@pytest.mark.parametrize(
    "id", ["forward", "__class__", "import", "self", "nn", "torch", "Network", "0", "-", "n1", "a" * 40]
)
def test_ids_are_not_names_in_the_script(id: str) -> None:
    assert to_source(titled("Hidden", id)) == to_source(titled("Hidden"))


def test_file_names_of_weights_are_quoted() -> None:
    name = "a'\"\\\n b.safetensors"
    tree = ast.parse(to_source(templates["circle"]().experiment(), weights=name))
    assert name in [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]


def test_comments_show_only_what_can_be_seen() -> None:
    assert remark("a\nb\x00c\u202ed") == "a b c d"
    assert remark("日本語 “x”") == "日本語 “x”"
    assert len(remark("x" * 1_000)) == 200


def test_a_drawing_with_an_error_is_not_exported() -> None:
    with pytest.raises(CannotExport, match=r"has an error, put it right first. Dense has nothing coming in"):
        to_source(experiment(chain(layer("dense")).disconnect("input", "layer1")))
    with pytest.raises(CannotExport, match=r"There is no network 'teacher'. There are: model."):
        to_source(templates["circle"]().experiment(), role="teacher")


def test_what_the_answer_does_not_need_is_made_but_not_run() -> None:
    network = chain(layer("dense", units=3)).add(layer("dense", units=2), id="stray", after="input")
    source = to_source(experiment(network))
    assert check(network, templates["circle"]().experiment().data.facts()).ok
    assert source.count("nn.Linear") == 2
    assert source.count("= self.n") == 1


def test_a_muted_layer_is_passed_over_in_the_script_too() -> None:
    network = chain(layer("dense", units=3), layer("tanh"), layer("dense", units=1)).mute("layer2", True)
    start = experiment(network)
    assert "Tanh" not in to_source(start)
    assert_same_answers(start)
