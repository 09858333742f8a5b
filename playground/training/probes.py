"""What a slice looked like: every node's answer, weights of small layers, the boundary, units that stopped working.

Looking changes nothing: no random state, no mode, no running mean.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import torch
from torch import fx, nn

from playground.training import pictures
from playground.training.build import Built
from playground.training.columns import find_columns
from playground.training.evaluate import batch_size, quiet
from playground.training.feed import Part, Source
from playground.training.frames import Field
from playground.training.health import Glances, Seen, Tally
from playground.training.prepared import plane_points
from playground.training.state import RunState

Made = TypeVar("Made")

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

BOUNDS: dict[type[nn.Module], tuple[float, float]] = {
    nn.Tanh: (-1, 1),
    nn.Hardtanh: (-1, 1),
    nn.Sigmoid: (0, 1),
    nn.Hardsigmoid: (0, 1),
}


@dataclass(frozen=True)
class Watch:
    """What viewers look at: hovered units as (path, number), the picture shown in feature maps, and the paths of open
    blocks."""

    focus: tuple[tuple[str, int], ...] = ()
    sample: int | None = None
    inside: tuple[str, ...] = ()


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
        nodes = self.built.checked.network.nodes
        self._sink = next(node.id for node in nodes if node.layer.end == "sink")
        self._source = next(node.id for node in nodes if node.layer.end == "source")
        module = id(self.built.module)
        self._shown = self._once(("shown", module, watch.inside), self._find_shown)
        self._columns = self._once(("columns", module), lambda: find_columns(self.built))

    def _find_shown(self) -> frozenset[str]:
        """The nodes that somebody sees: those of the network itself, and those directly in blocks that are open. A deep
        network has hundreds of others."""
        seen = {"", *self.watch.inside}
        return frozenset(path for path in self.built.answers if path.rpartition(".")[0] in seen)

    def at_plane(self) -> None:
        """The answer over the plane, every unit's answer, and hovered units large."""
        focus = tuple(dict.fromkeys(spot for spot in self.watch.focus if spot[0] in self.built.answers))
        raw, large, small = self._over_plane({path for path, _ in focus})
        for path, unit in focus:
            if large[path].dim() == 2 and 0 <= unit < large[path].shape[1]:
                values, maximum = pictures.unit_pictures(large[path][:, unit : unit + 1].t(), OUTPUT_SIDE)
                self.fields.append(Field(f"focus/{path}/{unit}", values[0], {"maximum": maximum[0]}))
        if self.answering:
            self._output(raw)
        units = {
            path: answer[:MOST_UNITS] for path, answer in small.items() if path != self._sink and path in self._shown
        }
        if not units:
            return
        # All in one go: a picture of 32 × 32 is less work than asking for it.
        values, maxima = pictures.unit_pictures(torch.cat(list(units.values())), UNIT_SIDE)
        first = 0
        for path, answer in units.items():
            those = slice(first, first + answer.shape[0])
            self.fields.append(Field(f"picture/{path}", values[those], {"maximum": maxima[those]}))
            self._pictured.add(path)
            first = those.stop

    def _over_plane(self, wanted: set[str]) -> tuple[torch.Tensor, dict[str, torch.Tensor], dict[str, torch.Tensor]]:
        """The network's answer over the fine grid, the answers there [n, units] of the nodes wanted, and everyone's
        over the coarse grid, [units, n]."""
        fine, coarse = self._grid(OUTPUT_SIDE), self._grid(UNIT_SIDE)
        if self._columns is None:
            seen = {path: it.t() for path, it in self._observe(coarse).items() if it.dim() == 2}
            if not wanted:
                return self.built.module(fine), {}, seen
            answers = self._observe(fine)
            return answers[self._sink], {path: answers[path] for path in wanted}, seen
        both = self._once(("grids",), lambda: torch.cat([fine, coarse]).t().contiguous())
        by_name = self._columns(both)
        answers = {path: by_name[name] for path, name in self.built.answers.items()}
        split = fine.shape[0]
        large = {path: answers[path][:, :split].t() for path in wanted}
        return answers[self._sink][:, :split].t(), large, {path: it[:, split:] for path, it in answers.items()}

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
        values = pictures.signed_bytes(answer[:, 0], maximum).reshape(side)
        self.fields.append(Field("output", values, {"maximum": maximum}))

    def _scale(self) -> float:
        """The largest number among the training targets, in the unit of the data."""

        def largest() -> float:
            targets = self.source.untransform_targets(self.state.feed["train"].targets)
            return max(float(targets.abs().max()), pictures.TINY)

        return self._once(("scale",), largest)

    def at_sample(self) -> None:
        """One picture on its way through the network: feature maps, and the answer."""
        part, count = gallery_part(self.source)
        number = min(max(self.watch.sample or 0, 0), count - 1)
        cases = self.state.feed[part]
        self.fields.append(Field("sample", self._raw_sample(part, number)))
        answers = self._observe(cases.range(number, number + 1).inputs)
        for path, answer in answers.items():
            if answer.dim() == 4 and path in self._shown and path not in (self._sink, self._source):
                values, maxima, index = pictures.feature_maps(answer[0], MOST_MAPS)
                self.fields.append(Field(f"picture/{path}", values, {"maximum": maxima, "index": index}))
                self._pictured.add(path)
        if self.answering and self.source.facts.task != "regression":
            shares = self._shares(answers[self._sink])[0]
            self.fields.append(Field("probabilities", _floats(shares)))

    def _raw_sample(self, part: Part, number: int) -> pictures.Array:
        return self._once(("sample", part, number), lambda: pictures.grey_bytes(self.source.inputs(part)[number]))

    def at_cases(self) -> None:
        """Health of every node, and histograms of what has no picture, on some training cases. Drawn anew only as
        often as its cost allows."""
        looked: tuple[frozenset[str], Glances] | None = self.state.scratch.get("cases")
        if looked is None or looked[0] != self._shown:
            looked = self.state.scratch["cases"] = (self._shown, Glances())
        glances = looked[1]
        _, nodes, fields = glances.next(self.state.seconds, self._look_at_cases)
        outlined = self.state.cursor.step < self.state.new_until
        for path, health in nodes.items():
            new = self.state.new_units.get(path, []) if outlined else []
            self.nodes[path] = {**health, "new": new[:SMALL]} if len(new) > SMALL else {**health, "new": new}
        self.fields += fields

    def _look_at_cases(self) -> Iterator[Seen]:
        """Some milliseconds of looking a time, and what is known so far: nobody should wait for a picture of others."""
        facts, train, fields = self.source.facts, self.state.feed["train"], self._gallery()
        count, size = min(train.size, PROBE_CASES[facts.view]), batch_size(self.state)
        tallies: dict[str, Tally] = {}
        for start in range(0, count, size):
            answers = self._observe(train.range(start, min(start + size, count)).inputs)
            for path, answer in answers.items():
                if path == self._sink or path not in self._shown:
                    continue
                tallies[path] = self._tally(path, answer, tallies.get(path))
                if start:
                    continue  # the shape of a histogram shows on a few cases
                if facts.view == "table" and answer.dim() == 2 and answer.shape[1] <= SMALL:
                    each = pictures.unit_histograms(answer)
                    if each is not None:
                        fields.append(Field(f"units/{path}", each[0], {"range": each[1]}))
                if path not in self._pictured and path != self._source:
                    counted = pictures.histogram(answer)
                    if counted is not None:
                        fields.append(Field(f"histogram/{path}", counted[0], {"range": counted[1]}))
            yield Seen(start + size >= count, {path: tally.health() for path, tally in tallies.items()}, fields)

    def _gallery(self) -> list[Field]:
        """What the network takes the pictures of the gallery for."""
        if self.source.facts.view != "image" or not self.answering or self.source.facts.task == "regression":
            return []
        part, count = gallery_part(self.source)
        share, chosen = self._shares(self.built.module(self.state.feed[part].range(0, count).inputs)).max(1)
        return [
            Field("gallery_answer", chosen.int().cpu().numpy()),
            Field("gallery_confidence", _floats(share)),
        ]

    def _tally(self, path: str, answer: torch.Tensor, before: Tally | None) -> Tally:
        """Which units answered nothing, and how often they were at their bound, on these cases and those before."""
        by_unit = answer.movedim(1, 0).flatten(1) if answer.dim() > 1 else answer[None]
        tally = Tally(by_unit.shape[0], answer.shape[0], nan=not bool(torch.isfinite(by_unit).all()))
        bends, bounds = self._once(("bends", id(self.built.module), path), lambda: self._bends(path))
        if bends:
            tally.silent = (by_unit == 0).all(1)
        if bounds is not None:
            low, high = bounds
            edge = 0.02 * (high - low)
            tally.at_bound = ((by_unit < low + edge) | (by_unit > high - edge)).float().mean(1)
        return tally if before is None else before.with_more(tally)

    def _bends(self, path: str) -> tuple[bool, tuple[float, float] | None]:
        """Whether the node's answers went through an activation, and between which bounds that keeps them."""
        layer = self.built.layers[path]
        last = list(self.built.part(path).modules())[-1] if path in self.built.names else None
        bends = layer.silhouette == "activation" or getattr(layer, "activation", None) is not None
        return bends, BOUNDS.get(type(last)) if last is not None else None

    def at_weights(self) -> None:
        """Weights of small dense layers."""
        found = self._once(("small", id(self.built.module), self._shown), self._small_weights)
        if not found:
            return
        # One copy of all of them: each by itself would cost as much.
        tensors = [getattr(linear, name).detach() for _, linear, name in found]
        numbers, first = _floats(torch.cat([tensor.flatten() for tensor in tensors])), 0
        for (path, _, name), tensor in zip(found, tensors, strict=True):
            last = first + tensor.numel()
            self.fields.append(Field(f"{name}/{path}", numbers[first:last].reshape(tensor.shape)))
            first = last

    def _small_weights(self) -> list[tuple[str, nn.Linear, str]]:
        parts = [(path, self.built.part(path)) for path in self.built.names if path in self._shown]
        linear = [(path, getattr(part, "linear", part)) for path, part in parts]
        return [
            (path, part, name)
            for path, part in linear
            if isinstance(part, nn.Linear) and max(part.in_features, part.out_features) <= SMALL
            for name, _ in part.named_parameters()
        ]

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
        if self._columns is not None and inputs.dim() == 2:
            by_name = self._columns(inputs.t())
            return {path: by_name[name].t() for path, name in self.built.answers.items()}
        observe = self._once(("observer", id(self.built.module)), lambda: observer(self.built))
        return dict(zip(self.built.answers, observe(inputs), strict=True))

    def _grid(self, side: int) -> torch.Tensor:
        def points() -> torch.Tensor:
            raw = torch.from_numpy(plane_points(self.source.facts.domain, side)).to(self.state.device)
            grid: torch.Tensor = self.source.transform(raw).to(self.state.dtype)
            return grid

        return self._once(("grid", side), points)

    def _once(self, key: tuple[Any, ...], make: Callable[[], Made]) -> Made:
        """Something that is the same in every frame, made for the first."""
        scratch = self.state.scratch
        if key not in scratch:
            scratch[key] = make()
        made: Made = scratch[key]
        return made


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
