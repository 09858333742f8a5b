"""Data, goal and training around a drawing that came without: what it was most likely made for."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from playground.core.contracts import Loss, Optimizer
from playground.core.diagnostics import shape_text
from playground.core.experiment import Experiment, Training
from playground.core.facts import Facts, Shape, Task
from playground.core.network import Network
from playground.core.reading import Refused
from playground.core.shapes import Checked, check
from playground.datasets import datasets
from playground.datasets.noise import LARGEST, Noise
from playground.imports.imported import Remarks
from playground.losses import losses
from playground.metrics import metrics
from playground.objectives.supervised import Supervised
from playground.optimizers.adaptive import Adam
from playground.schedules.falling import Constant
from playground.templates import templates
from playground.templates.suited import suited

SIDES = (28, 32, 224, 64, 96, 48, 8, 16, 128, 227, 256, 299, 512)
"""Heights of pictures that are tried, the usual first."""
KNOWN = ("fashion-mnist", "digits", "iris", "breast-cancer", "diabetes", "circle")
"""Data that a network may have been made for, in the order in which they are offered."""


@dataclass
class Wishes:
    """What is known about the surroundings of a network."""

    task: Task | None = None
    loss: Loss | None = None
    optimizer: Optimizer | None = None
    epochs: int | None = None
    batch_size: int | None = None
    dataset: str | None = None
    gate: str | None = None
    shapes: list[Shape] = field(default_factory=list)
    exact: bool = False
    """Whether the data must have the network's own shape, because weights come along."""


def input_shape_of(network: Network, declared: dict[str, int], wishes: Wishes) -> Shape | None:
    """The shape with which the fewest nodes are wrong. `declared`: how many numbers, or channels, must arrive where."""
    best: tuple[int, int, Shape] | None = None
    for place, shape in enumerate(dict.fromkeys(_candidates(network, declared, wishes))):
        wrong = _wrong(check(network, facts_of(shape)), declared)
        if best is None or (wrong, place) < best[:2]:
            best = (wrong, place, shape)
        if wrong == 0:
            break
    return best[2] if best else None


def _candidates(network: Network, declared: dict[str, int], wishes: Wishes) -> Iterator[Shape]:
    yield from wishes.shapes
    hint = datasets[wishes.dataset]().facts().input_shape if wishes.dataset else None
    source = next((node.id for node in network.nodes if node.layer.end == "source"), None)
    first = [edge.target for edge in network.outgoing(source)] if source else []
    looks_at_pictures = False
    for id in first:
        layer = network[id].layer
        width = declared.get(id)
        kind = layer.kind
        if kind in ("self_attention", "transformer_encoder") and width:
            yield (16, width)
        elif kind in ("dense", "reshape", "batch_norm") and width and not _picture_layer(network, id):
            yield (width,)
        elif kind == "reshape":
            yield (math.prod(layer.shape),)  # type: ignore[attr-defined]
        else:
            looks_at_pictures = True
    if hint is not None:
        yield hint
    widths = [declared[id] for id in first if id in declared]
    if looks_at_pictures:
        for channels in dict.fromkeys([*widths, 1, 3]):
            sides = SIDES if channels == 1 else (32, *SIDES)
            yield from ((channels, side, side) for side in dict.fromkeys(sides))
    yield from ((1, 28, 28), (2,), (8,))


def _picture_layer(network: Network, id: str) -> bool:
    """Whether what follows a batch norm looks at pictures."""
    return network[id].layer.kind == "batch_norm" and any(
        network[edge.target].layer.kind == "conv2d" for edge in network.outgoing(id)
    )


def _wrong(checked: Checked, declared: dict[str, int]) -> int:
    errors = sum(note.severity == "error" for note in checked.diagnostics)
    return 3 * errors + sum(True for _ in mismatches(checked, declared))


def mismatches(checked: Checked, declared: dict[str, int]) -> Iterator[tuple[str, int, int]]:
    """Node, how much the code says arrives, and how much does."""
    for id, said in declared.items():
        sources = [edge.source for edge in checked.network.incoming(id)]
        if not sources or sources[0] not in checked.shapes:
            continue
        shape = checked.shapes[sources[0]]
        layer = checked.network[id].layer
        if layer.kind == "flatten" or (len(shape) == 3 and layer.kind == "dense"):
            arriving = math.prod(shape)
        else:
            arriving = shape[-1] if len(shape) == 2 or layer.kind == "dense" else shape[0]
        if arriving != said:
            yield id, said, arriving


def facts_of(shape: Shape) -> Facts:
    """Facts of data of which only the shape counts."""
    return Facts(task="regression", input_shape=shape, output_width=1)


def experiment_for(network: Network, shape: Shape, wishes: Wishes, remarks: Remarks) -> Experiment:
    """The drawing with data it fits, or with noise of its shape where there are none here."""
    answer = check(network, facts_of(shape)).output
    width = answer[-1] if answer else None
    task = wishes.task or ("classes" if width is None or width > 1 else "regression")
    if task == "binary" and width is not None and width > 1:
        task = "classes"
    elif task == "classes" and width == 1:
        task = "binary"
    objective = Supervised(loss=losses.read({"kind": BY_TASK[task][0]}))
    start = Experiment(
        networks={"model": network},
        data=templates["circle"]().experiment().data,
        objective=objective,
        training=Training(optimizer=Adam(), schedule=Constant()),
        metrics=(metrics.read({"kind": BY_TASK[task][1]}),),
    )
    start = _with_data(start, shape, task, width, wishes, remarks)
    if wishes.loss is not None and task in wishes.loss.tasks:
        start = start.with_(objective=Supervised(loss=wishes.loss))
    training = start.training.with_(
        **({"optimizer": wishes.optimizer} if wishes.optimizer else {}),
        **({"epochs": wishes.epochs} if wishes.epochs else {}),
        **({"batch_size": wishes.batch_size} if wishes.batch_size else {}),
    )
    return start.with_(training=training)


BY_TASK: dict[Task, tuple[str, str]] = {
    "binary": ("binary_cross_entropy", "accuracy"),
    "classes": ("cross_entropy", "accuracy"),
    "regression": ("mean_squared_error", "r2"),
}
"""Loss and metric for each task."""


def _with_data(
    start: Experiment, shape: Shape, task: Task, width: int | None, wishes: Wishes, remarks: Remarks
) -> Experiment:
    if wishes.gate is not None and shape == (2,) and task == "binary":
        return suited(start, datasets.read({"kind": "logic", "gate": wishes.gate}))
    for kind in [*([wishes.dataset] if wishes.dataset else []), *KNOWN]:
        dataset = datasets[kind]()
        facts = dataset.facts()
        same = facts.input_shape == shape
        same = same or (not wishes.exact and len(shape) == 1 and math.prod(facts.input_shape) == shape[0])
        if not same or (width is not None and facts.output_width != width):
            continue
        if facts.task != task and (wishes.task is not None or {facts.task, task} != {"binary", "regression"}):
            continue  # one raw number may be a quantity, or the answer to a yes-or-no question
        if kind == wishes.dataset:
            remarks.add(f"Data: {dataset.title}, as the code names them.")
        else:
            remarks.add(f"Data: {dataset.title}, which fits. Choose others beside the drawing.")
        return suited(start, dataset)
    answers = width or 2
    one = Noise.model_construct(shape=shape).bytes_of_one
    most = min(200, LARGEST // one)
    if most < 10:
        raise Refused(f"This network takes in {shape_text(shape)}, which is more than one case may have here.")
    wanted: dict[str, Any] = {"task": task, "answers": max(answers, 2) if task == "classes" else answers}
    if answers > 1_000 or (task == "classes" and answers * one > LARGEST):
        wanted = {"task": "regression", "answers": 1}  # the answer's width is told as wrong, and why
    noise = Noise.model_validate({"shape": shape, "samples": most, **wanted})
    remarks.add(
        f"There are no data here of {shape_text(shape)} with such answers. The drawing opens on noise of that shape, "
        "from which nothing can be learned. Choose other data before you train."
    )
    return suited(start, noise)
