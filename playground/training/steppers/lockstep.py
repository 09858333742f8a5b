"""The stepper for chains of dense layers: gradients written out by hand, in tensors that are made once.

For small networks nearly all of autograd's time goes into bookkeeping. Here one step is a fixed list of tensor
operations that write where the last step wrote; all weights lie in one tensor, so that the optimizer is one call. The
losses of many steps are computed at once, after them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import torch

from playground.core.contracts import Objective, Turn
from playground.objectives.supervised import Supervised
from playground.optimizers.adaptive import Adam, AdamW
from playground.optimizers.descent import SGD
from playground.training.build import Built
from playground.training.feed import Block
from playground.training.steppers import errors
from playground.training.steppers.chains import Bend, find_chain
from playground.training.steppers.flat import Slot, in_one_tensor, make_update
from playground.training.steppers.stepper import OptimizerState

STRETCH = 64
"""Steps whose answers are kept until their losses are computed."""

Step = Callable[[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor], None]


def fits(objective: Objective, turns: Sequence[Turn], networks: Mapping[str, Built], state: OptimizerState) -> bool:
    """Whether this stepper can do it: one supervised chain, a loss and an optimizer it knows."""
    if type(objective) is not Supervised or not errors.is_written_out(objective.loss):
        return False
    if len(turns) != 1 or turns[0].repeats != 1 or type(turns[0].optimizer) not in (SGD, Adam, AdamW):
        return False
    built = networks[turns[0].roles[0]]
    return len(networks) == 1 and find_chain(built) is not None and _in_step(built, state.get(turns[0].name, {}))


def _in_step(built: Built, moments: Mapping[str, Mapping[str, torch.Tensor]]) -> bool:
    """Whether Adam has made as many steps for every weight: it has not where a layer was added later."""
    counts = {float(kept["step"]) for kept in moments.values() if "step" in kept}
    everyone = len(list(built.module.parameters()))
    return not counts or (len(counts) == 1 and len(moments) == everyone)


class Lockstep:
    """Many steps of one chain in one call."""

    name = "lockstep"

    def __init__(self, objective: Supervised, turn: Turn, built: Built, state: OptimizerState) -> None:
        chain = find_chain(built)
        assert chain is not None
        self._turn, self._chain, self._loss = turn, chain, objective.loss
        weights, self._slots = in_one_tensor(built.module)
        gradient = torch.zeros_like(weights)
        self._layers = [_Layer(link.name, link.bend, weights, gradient, self._slots) for link in chain.links]
        self._update = make_update(turn.optimizer, weights, gradient)
        for name, kept in state.get(turn.name, {}).items():
            self._update.load(self._slots[name.partition("/")[2]], kept)
        self._like = gradient
        self._programs: dict[int, _Program] = {}

    def run(self, block: Block, factors: Sequence[float]) -> torch.Tensor:
        rate = self._turn.optimizer.learning_rate
        rates = [rate * factor for factor in factors]
        whole, rest = divmod(block.targets.shape[0], block.size)
        losses = []
        with torch.inference_mode():
            for first in range(0, whole, STRETCH):
                count = min(STRETCH, whole - first)
                some = block.part(first, count) if count < block.steps else block
                losses.append(self._stretch(block.size, some, rates[first : first + count]))
            if rest:  # the last batch of an epoch
                losses.append(self._stretch(rest, block.part(whole, 1), rates[whole:]))
        # Made outside of inference mode, so that it is a tensor like any other.
        return torch.cat(losses)[:, None]

    def _stretch(self, rows: int, block: Block, rates: Sequence[float]) -> torch.Tensor:
        """Steps on batches of one size, and their losses."""
        if rows not in self._programs:
            self._programs[rows] = _Program(rows, self._layers, self._like, errors.slope(self._loss, rows, self._width))
        program, steps = self._programs[rows], len(rates)
        targets = errors.targets_of(self._loss, block.targets, steps, self._like.dtype)
        offsets = errors.offsets(self._loss, targets, self._width, self._like.dtype)
        cases = block.inputs.view(steps, rows, -1)
        step, update = program.step, self._update
        for here, turned, offset, raw, rate in zip(
            cases.unbind(0), cases.transpose(1, 2).unbind(0), offsets.unbind(0), program.each_raw, rates, strict=False
        ):
            step(here, turned, offset, raw)
            update(rate)
        return errors.losses(self._loss, program.raw[:steps], targets)

    @property
    def _width(self) -> int:
        return self._layers[-1].width

    def optimizer_state(self) -> OptimizerState:
        role = self._turn.roles[0]
        moments = {f"{role}/{name}": self._update.moments(slot) for name, slot in self._slots.items()}
        return {self._turn.name: {name: kept for name, kept in moments.items() if kept}}


class _Layer:
    """Views of one dense layer's weights and gradients."""

    def __init__(
        self, name: str, bend: Bend | None, weights: torch.Tensor, gradient: torch.Tensor, slots: Mapping[str, Slot]
    ) -> None:
        weight, bias = slots[f"{name}.weight"], slots.get(f"{name}.bias")
        self.weight, self.weight_gradient = weight.of(weights), weight.of(gradient)
        self.bias = bias.of(weights) if bias is not None else None
        self.bias_gradient = bias.of(gradient) if bias is not None else None
        self.bend, self.width = bend, weight.shape[0]


class _Program:
    """The operations of one step on batches of one size, and the tensors they write to: one unit a row, one case a
    column, for that is how the products with few units, and softmax, are fastest."""

    def __init__(self, rows: int, layers: Sequence[_Layer], like: torch.Tensor, slope: errors.Slope) -> None:
        self.raw = like.new_empty(STRETCH, layers[-1].width, rows)
        self.each_raw = self.raw.unbind(0)
        self._answers = [like.new_empty(layer.width, rows) for layer in layers[:-1]]
        self._deltas = [like.new_empty(layer.width, rows) for layer in layers]
        self._ones = like.new_ones(rows)
        self.step = self._write(layers, slope)

    def _write(self, layers: Sequence[_Layer], slope: errors.Slope) -> Step:
        """Forward, slope of the loss, backward. Afterwards the gradient is complete."""
        mm, mv, addmm, ones = torch.mm, torch.mv, torch.addmm, self._ones
        answers, last_delta = self._answers, self._deltas[-1]
        forwards = [
            (
                layer.bias[:, None].expand(layer.width, len(ones)) if layer.bias is not None else None,
                layer.weight,
                layer.bend.forward if layer.bend is not None else None,
            )
            for layer in layers
        ]
        hidden = [(*forward, out) for forward, out in zip(forwards, answers, strict=False)]
        bias, weight, bend = forwards[-1]
        backwards = [
            (
                layer.bend.backward if layer.bend is not None else None,
                delta,
                answers[n] if n < len(answers) else None,
                answers[n - 1].t() if n else None,
                layer.weight_gradient,
                layer.bias_gradient,
                layer.weight.t(),
                self._deltas[n - 1] if n else None,
            )
            for n, (layer, delta) in enumerate(zip(layers, self._deltas, strict=True))
        ][::-1]

        def step(cases: torch.Tensor, turned: torch.Tensor, offset: torch.Tensor, raw: torch.Tensor) -> None:
            here = turned
            for shift, across, bent, out in hidden:
                if shift is None:
                    mm(across, here, out=out)
                else:
                    addmm(shift, across, here, out=out)
                if bent is not None:
                    bent(out)
                here = out
            if bias is None:
                mm(weight, here, out=raw)
            else:
                addmm(bias, weight, here, out=raw)
            if bend is not None:
                bend(raw)
            slope(raw, offset, last_delta)
            for slanted, delta, answer, fed, gradient, bias_gradient, back, below in backwards:
                if slanted is not None:
                    slanted(delta, raw if answer is None else answer)
                mm(delta, cases if fed is None else fed, out=gradient)
                if bias_gradient is not None:
                    mv(delta, ones, out=bias_gradient)
                if below is not None:
                    mm(back, delta, out=below)

        return step
