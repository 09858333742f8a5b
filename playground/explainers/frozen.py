"""The network that is explained: a fresh rebuild with a run's weights, never the one that trains."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from playground.core.experiment import Experiment
from playground.core.facts import Facts
from playground.core.shapes import Checked, check

if TYPE_CHECKING:
    import torch

    from playground.training.build import Built

    Array = np.ndarray[Any, np.dtype[Any]]


class CannotExplain(ValueError):
    """An explanation that cannot be made, in one sentence for a person."""


@dataclass(frozen=True)
class Frozen:
    """A network in evaluation mode with gradients off for its weights. Nothing else holds it, so hooks on it, or an
    exception in the middle of a method, cannot touch training."""

    experiment: Experiment
    checked: Checked
    facts: Facts
    built: Built
    centre: Array
    """Mean of the prepared training cases, [*input_shape] float32."""
    empty: Array
    """A case of zeros before preparation, prepared: a black picture, [*input_shape] float32."""

    @property
    def module(self) -> torch.fx.GraphModule:
        """The rebuilt network: prepared cases [n, *input_shape] → raw answers [n, width]."""
        return self.built.module

    def answering(self, path: str) -> torch.nn.Module:
        """The module whose answer is the node's answer: the last step of a convolution with its activation."""
        wanted = self.built.answers[path]
        call = next(node for node in self.module.graph.nodes if node.name == wanted)
        return self.module.get_submodule(str(call.target))

    def score(self, inputs: torch.Tensor, target: int) -> torch.Tensor:
        """The number that is explained, [n]: the logit of `target`, or the raw answer of a regression.

        For a yes-or-no answer the logit of class 0 is minus the logit of class 1.
        """
        raw: torch.Tensor = self.module(inputs)
        if self.facts.task == "binary":
            return raw[:, 0] if target == 1 else -raw[:, 0]
        return raw[:, target]

    def probabilities(self, inputs: torch.Tensor) -> torch.Tensor:
        """One probability a class, [n, classes]. Only for classifiers."""
        import torch

        raw: torch.Tensor = self.module(inputs)
        if self.facts.task == "binary":
            yes = torch.sigmoid(raw[:, 0])
            return torch.stack([1 - yes, yes], 1)
        return torch.softmax(raw, 1)

    def score_of(self, inputs: Array, target: int, *, probability: bool = False) -> Array:
        """`score`, or the probability of `target`, of prepared numpy cases, in chunks, without gradients."""
        import torch

        def answer(chunk: torch.Tensor) -> torch.Tensor:
            return self.probabilities(chunk)[:, target] if probability else self.score(chunk, target)

        cases = torch.from_numpy(np.ascontiguousarray(inputs, np.float32))
        with torch.no_grad():
            return np.asarray(torch.cat([answer(chunk) for chunk in torch.split(cases, 256)]).numpy())

    def unlearned(self, seed: int) -> Frozen:
        """The same drawing with fresh weights: what a map looks like when nothing was learned."""
        experiment = self.experiment.with_(seed=seed)
        return freeze(experiment, None, self.facts, centre=self.centre, empty=self.empty)


def freeze(
    experiment: Experiment,
    weights: Mapping[str, torch.Tensor] | None,
    facts: Facts,
    *,
    centre: Array | None = None,
    empty: Array | None = None,
) -> Frozen:
    """Rebuild the first network with these weights (names as in its state dict); None keeps fresh ones.

    `centre` and `empty` default to zeros. Raises CannotExplain when the drawing cannot be built or the weights do not fit it.
    """
    from playground.training.build import build

    checked = check(experiment.network, facts)
    if not checked.ok:
        raise CannotExplain("This drawing cannot be built; mend its errors first.")
    built = build(checked, seed=experiment.seed)
    if weights is not None:
        try:
            built.module.load_state_dict(dict(weights))
        except RuntimeError:
            message = "These weights belong to another drawing. Pick the step again, or train this one first."
            raise CannotExplain(message) from None
    built.module.eval().requires_grad_(False)
    zeros = np.zeros(facts.input_shape, np.float32)
    return Frozen(
        experiment, checked, facts, built, zeros if centre is None else centre, zeros if empty is None else empty
    )


@contextlib.contextmanager
def kept_random_state(seed: int) -> Iterator[None]:
    """Seed torch's and numpy's global states inside, and put back what was there, whatever happens: some methods
    advance both, and training beside them must not notice."""
    import torch

    # The legacy generator on purpose: it is the one that captum draws from.
    numpy_state = np.random.get_state()  # noqa: NPY002
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        np.random.seed(seed % 2**32)  # noqa: NPY002
        try:
            yield
        finally:
            np.random.set_state(numpy_state)  # noqa: NPY002
