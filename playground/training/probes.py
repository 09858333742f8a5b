"""What a slice looked like: every node's answer, weights of small layers, the boundary, units that stopped working.

Looking changes nothing: no random state, no mode, no running mean.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import fx, nn

from playground.training import pictures
from playground.training.build import Built
from playground.training.evaluate import quiet
from playground.training.feed import Part, Source
from playground.training.frames import Field
from playground.training.prepared import plane_points
from playground.training.state import RunState

OUTPUT_SIDE, UNIT_SIDE = 100, 32
MOST_UNITS = 64
"""Units of one node that get a picture."""
MOST_MAPS = 6
SMALL = 16
"""Dense layers up to this size on both sides show every weight."""
PROBE_CASES = {"plane": 256, "table": 256, "image": 128}
"""Training cases on which units are looked at."""
GALLERY = 36
DRAWN_POINTS = 4_000
SLOW_SHARE = 80
"""What is slow is drawn anew after so many times what it cost."""

BOUNDS: dict[type[nn.Module], tuple[float, float]] = {
    nn.Tanh: (-1, 1),
    nn.Hardtanh: (-1, 1),
    nn.Sigmoid: (0, 1),
    nn.Hardsigmoid: (0, 1),
}


@dataclass(frozen=True)
class Watch:
    """What viewers look at: hovered units as (path, number), and the picture shown in feature maps."""

    focus: tuple[tuple[str, int], ...] = ()
    sample: int | None = None


def probe(
    state: RunState, source: Source | None = None, watch: Watch | None = None
) -> tuple[dict[str, Any], list[Field]]:
    """Header and arrays of a frame. The caller adds `run`, `revision` and `steps_per_second` to the header."""
    source, watch = source or state.source, watch or Watch()
    role = state.experiment.objective.answering(state.experiment) or next(iter(state.networks))
    looking = Looking(state, source, watch, role)
    with quiet(state):
        if source.facts.view == "plane":
            looking.at_plane()
        elif source.facts.view == "image":
            looking.at_sample()
        looking.at_cases()
    looking.at_weights()
    looking.at_judged()
    header = {
        "type": "frame",
        "step": state.cursor.step,
        "epoch": state.cursor.epoch,
        "values": _values(state),
        "nodes": looking.nodes,
    }
    return header, looking.fields


class Looking:
    """The parts of one frame."""

    def __init__(self, state: RunState, source: Source, watch: Watch, role: str) -> None:
        self.state, self.source, self.watch = state, source, watch
        self.built = state.networks[role]
        self.answering = state.experiment.objective.answering(state.experiment) == role
        self.fields: list[Field] = []
        self.nodes: dict[str, dict[str, Any]] = {}
        self._pictured: set[str] = set()

    def at_plane(self) -> None:
        """The answer over the plane, every unit's answer, and hovered units large."""
        fine = self._grid(OUTPUT_SIDE)
        focus = [(path, unit) for path, unit in self.watch.focus if path in self.built.answers]
        if focus:
            answers = self._observe(fine)
            raw = answers[self._sink()]
            for path, unit in dict.fromkeys(focus):
                if answers[path].dim() == 2 and 0 <= unit < answers[path].shape[1]:
                    values, maximum = pictures.unit_pictures(answers[path][:, unit : unit + 1], OUTPUT_SIDE)
                    self.fields.append(Field(f"focus/{path}/{unit}", values[0], {"maximum": maximum[0]}))
        else:
            raw = self.built.module(fine)
        if self.answering:
            self._output(raw)
        for path, answer in self._observe(self._grid(UNIT_SIDE)).items():
            if answer.dim() == 2 and path != self._sink():
                values, maxima = pictures.unit_pictures(answer[:, :MOST_UNITS], UNIT_SIDE)
                self.fields.append(Field(f"picture/{path}", values, {"maximum": maxima}))
                self._pictured.add(path)

    def _output(self, raw: torch.Tensor) -> None:
        answer = self.state.experiment.objective.readable(raw)
        task, side = self.source.facts.task, (OUTPUT_SIDE, OUTPUT_SIDE)
        if task == "classes" or answer.shape[1] > 1:
            share, chosen = answer.max(1)
            confidence = (share * 255).nan_to_num().round().to(torch.uint8).cpu().numpy().reshape(side)
            self.fields.append(Field("output_class", chosen.to(torch.uint8).cpu().numpy().reshape(side)))
            self.fields.append(Field("output_confidence", confidence))
            return
        if task == "binary":
            maximum, answer = 1.0, 2 * answer - 1
        else:
            maximum, answer = self._scale(), self.source.untransform_targets(answer)
        values = pictures.signed_bytes(answer[:, 0], torch.tensor(maximum)).reshape(side)
        self.fields.append(Field("output", values, {"maximum": maximum}))

    def _scale(self) -> float:
        """The largest number among the training targets, in the unit of the data."""
        if "scale" not in self.state.scratch:
            targets = self.source.untransform_targets(self.state.feed["train"].targets)
            self.state.scratch["scale"] = max(float(targets.abs().max()), pictures.TINY)
        scale: float = self.state.scratch["scale"]
        return scale

    def at_sample(self) -> None:
        """One picture on its way through the network: feature maps, and the answer."""
        part, count = gallery_part(self.source)
        number = min(max(self.watch.sample or 0, 0), count - 1)
        cases = self.state.feed[part]
        self.fields.append(Field("sample", self._raw_sample(part, number)))
        answers = self._observe(cases.range(number, number + 1).inputs)
        for path, answer in answers.items():
            if answer.dim() == 4 and path not in (self._sink(), self._source()):
                values, maxima, index = pictures.feature_maps(answer[0], MOST_MAPS)
                self.fields.append(Field(f"picture/{path}", values, {"maximum": maxima, "index": index}))
                self._pictured.add(path)
        if self.answering and self.source.facts.task != "regression":
            shares = self._shares(answers[self._sink()])[0]
            self.fields.append(Field("probabilities", _floats(shares)))

    def _raw_sample(self, part: Part, number: int) -> pictures.Array:
        key = ("sample", part, number)
        if key not in self.state.scratch:
            self.state.scratch[key] = pictures.grey_bytes(self.source.inputs(part)[number])
        sample: pictures.Array = self.state.scratch[key]
        return sample

    def at_cases(self) -> None:
        """Health of every node, and histograms of what has no picture, on some training cases. Drawn anew only as
        often as its cost allows."""
        scratch, now = self.state.scratch, self.state.seconds
        kept = scratch.get("cases")
        if kept is None or now - kept["at"] > SLOW_SHARE * kept["cost"] or now < kept["at"]:
            started = time.thread_time()
            kept = self._look_at_cases()
            scratch["cases"] = kept | {"at": now, "cost": time.thread_time() - started}
        outlined = self.state.cursor.step < self.state.new_until
        for path, health in kept["nodes"].items():
            new = self.state.new_units.get(path, []) if outlined else []
            self.nodes[path] = {**health, "new": new[:SMALL]} if len(new) > SMALL else {**health, "new": new}
        self.fields += kept["fields"]

    def _look_at_cases(self) -> dict[str, Any]:
        facts, train = self.source.facts, self.state.feed["train"]
        answers = self._observe(train.range(0, min(train.size, PROBE_CASES[facts.view])).inputs)
        nodes, fields = {}, []
        for path, answer in answers.items():
            if path == self._sink():
                continue
            nodes[path] = self._health(path, answer)
            if facts.view == "table" and answer.dim() == 2 and answer.shape[1] <= SMALL:
                each = pictures.unit_histograms(answer)
                if each is not None:
                    fields.append(Field(f"units/{path}", each[0], {"range": each[1]}))
            if path not in self._pictured and path != self._source():
                counted = pictures.histogram(answer)
                if counted is not None:
                    fields.append(Field(f"histogram/{path}", counted[0], {"range": counted[1]}))
        if facts.view == "image" and self.answering and facts.task != "regression":
            part, count = gallery_part(self.source)
            raw = self.built.module(self.state.feed[part].range(0, count).inputs)
            share, chosen = self._shares(raw).max(1)
            fields.append(Field("gallery_answer", chosen.int().cpu().numpy()))
            fields.append(Field("gallery_confidence", _floats(share)))
        return {"nodes": nodes, "fields": fields}

    def _health(self, path: str, answer: torch.Tensor) -> dict[str, Any]:
        by_unit = answer.movedim(1, 0).flatten(1) if answer.dim() > 1 else answer[None]
        health: dict[str, Any] = {"units": len(by_unit), "dead": 0, "saturated": 0}
        health["nan"] = not bool(torch.isfinite(answer).all())
        layer = self.built.checked.network[path].layer
        if layer.silhouette == "activation" or getattr(layer, "activation", None) is not None:
            health["dead"] = int((by_unit == 0).all(1).sum())
        last = list(self.built.part(path).modules())[-1] if path in self.built.names else None
        bounds = BOUNDS.get(type(last)) if last is not None else None
        if bounds is not None:
            low, high = bounds
            edge = 0.02 * (high - low)
            at_bound = ((by_unit < low + edge) | (by_unit > high - edge)).float().mean(1)
            health["saturated"] = int((at_bound >= 0.95).sum())
        return health

    def at_weights(self) -> None:
        """Weights of small dense layers."""
        for path in self.built.names:
            part = self.built.part(path)
            linear = getattr(part, "linear", part)
            if isinstance(linear, nn.Linear) and max(linear.in_features, linear.out_features) <= SMALL:
                self.fields.append(Field(f"weight/{path}", _floats(linear.weight)))
                if linear.bias is not None:
                    self.fields.append(Field(f"bias/{path}", _floats(linear.bias)))

    def at_judged(self) -> None:
        """The table of right and wrong, or truth against answer, as of the last evaluation."""
        judged, facts = self.state.judged, self.source.facts
        if judged is None:
            return
        kept = self.state.scratch.get("judged")
        if kept is None or kept[0] is not judged:
            if facts.task == "regression":
                pairs = torch.stack([judged.truth[:, 0].float(), judged.answers[:, 0].float()], dim=1)
                drawn = Field("scatter", _floats(pairs), {"part": judged.part})
            else:
                counts = pictures.confusion(judged.answers, judged.truth, len(facts.classes))
                drawn = Field("confusion", counts, {"part": judged.part})
            kept = self.state.scratch["judged"] = (judged, drawn)
        self.fields.append(kept[1])

    def _shares(self, raw: torch.Tensor) -> torch.Tensor:
        """Shares of all classes, [n, classes]."""
        answer = self.state.experiment.objective.readable(raw)
        return torch.cat([1 - answer, answer], dim=1) if answer.shape[1] == 1 else answer

    def _observe(self, inputs: torch.Tensor) -> dict[str, torch.Tensor]:
        """Every node's answer, in one forward pass."""
        observers: dict[int, fx.GraphModule] = self.state.scratch.setdefault("observers", {})
        key = id(self.built.module)
        if key not in observers:
            observers[key] = observer(self.built)
        answers = observers[key](inputs)
        return dict(zip(self.built.answers, answers, strict=True))

    def _grid(self, side: int) -> torch.Tensor:
        key = ("grid", side)
        if key not in self.state.scratch:
            points = torch.from_numpy(plane_points(self.source.facts.domain, side)).to(self.state.device)
            self.state.scratch[key] = self.source.transform(points).to(self.state.dtype)
        grid: torch.Tensor = self.state.scratch[key]
        return grid

    def _sink(self) -> str:
        return next(node.id for node in self.built.checked.network.nodes if node.layer.end == "sink")

    def _source(self) -> str:
        return next(node.id for node in self.built.checked.network.nodes if node.layer.end == "source")


def observer(built: Built) -> fx.GraphModule:
    """The same network, the same weights, answering with what every node answers, in the order of `built.answers`."""
    graph, copies = fx.Graph(), dict[fx.Node, fx.Node]()
    graph.graph_copy(built.module.graph, copies)
    by_name = {node.name: copy for node, copy in copies.items()}
    graph.output(tuple(by_name[name] for name in built.answers.values()))
    seeing = fx.GraphModule(built.module, graph, class_name="Observer")
    return seeing.eval() if not built.module.training else seeing


def gallery_part(source: Source) -> tuple[Part, int]:
    """Where the pictures of the gallery come from, and how many there are. Never the test part: it is judged by."""
    part: Part = "validation" if source.size("validation") else "train"
    return part, min(GALLERY, source.size(part))


def data_frame(source: Source) -> tuple[dict[str, Any], list[Field]]:
    """Header and arrays of the `data` message: the points of the plane, or a gallery of pictures."""
    facts = source.facts
    header: dict[str, Any] = {"type": "data", "labels": list(facts.classes), "domain": list(facts.domain)}
    parts: tuple[Part, ...] = ("train", "validation", "test")
    if facts.view == "plane":
        shown: list[tuple[Any, Any, int]] = []
        for number, part in enumerate(parts):
            count = min(source.size(part), DRAWN_POINTS)
            if count:
                targets = source.untransform_targets(source.targets(part)[:count])
                shown.append(
                    (
                        source.inputs(part)[:count],
                        np.asarray(targets, dtype=np.float32).reshape(count, -1)[:, 0],
                        number,
                    )
                )
        points, targets, numbers = zip(*shown, strict=True)
        belongs = np.concatenate([np.full(len(p), n, dtype=np.uint8) for p, n in zip(points, numbers, strict=True)])
        return header, [
            Field("points", np.concatenate(points).astype(np.float32)),
            Field("targets", np.concatenate(targets)),
            Field("part", belongs),
        ]
    if facts.view == "image":
        part, count = gallery_part(source)
        gallery = np.stack([pictures.grey_bytes(picture) for picture in source.inputs(part)[:count]])
        answers = np.asarray(source.targets(part)[:count], dtype=np.int32).reshape(count, -1)[:, 0]
        return header, [Field("gallery", gallery), Field("gallery_target", answers)]
    return header, []


def _values(state: RunState) -> dict[str, float]:
    """The newest numbers; a metric without its part is that of the part whose cases are shown."""
    values: dict[str, float] = dict(state.values)
    part = state.judged.part if state.judged is not None else "train"
    for metric in state.experiment.metrics:
        if f"{part}_{metric.kind}" in values:
            values[metric.kind] = values[f"{part}_{metric.kind}"]
    return values


def _floats(tensor: torch.Tensor) -> pictures.Array:
    return tensor.detach().to("cpu", torch.float32, copy=True).numpy()
