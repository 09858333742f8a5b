"""Weights as a safetensors file: names and numbers, nothing that could run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from playground.core.experiment import Experiment
from playground.export.rebuilt import CannotExport, rebuilt
from playground.export.source import name_in_script

if TYPE_CHECKING:
    import torch


def to_weights(
    experiment: Experiment, state: Mapping[str, torch.Tensor] | None = None, *, role: str | None = None
) -> bytes:
    """A safetensors file of one network's weights, named as in the exported source: `n1.linear.weight`."""
    from safetensors.torch import save

    built = rebuilt(experiment, state, role)
    tensors = {
        name_in_script(name): tensor.detach().cpu().contiguous() for name, tensor in built.module.state_dict().items()
    }
    return save(tensors, metadata={"format": "pt"})


def from_weights(content: bytes) -> dict[str, torch.Tensor]:
    """The tensors of a safetensors file. Raises CannotExport when it is none."""
    from safetensors import SafetensorError
    from safetensors.torch import load

    try:
        return load(content)
    except SafetensorError:
        raise CannotExport("This is not a whole safetensors file. Choose one that was exported here.") from None
