"""On which device a run is quickest."""

from __future__ import annotations

import torch

from playground.core.experiment import Experiment
from playground.core.shapes import check_experiment
from playground.training.devices import find_device
from playground.training.feed import Source

WORTH_A_GPU = 50_000_000
"""Operations of one training step from which a GPU is chosen. A step is some hundred calls, and each costs a GPU about
10 µs however small it is: a millisecond in all, in which one core does some 10 to 50 million operations. Pictures of
small networks cost it the same again."""


def choose_device(wish: str, experiment: Experiment, source: Source) -> torch.device:
    """The device that was asked for; for `auto` the best there is, unless the CPU is quicker at steps so small. Raises
    NoSuchDevice."""
    best = find_device(wish)
    if wish != "auto" or best.type == "cpu":
        return best
    return best if operations_of_step(experiment, source) >= WORTH_A_GPU else torch.device("cpu")


def operations_of_step(experiment: Experiment, source: Source) -> int:
    """Operations of one step: forward, and twice as many back, for each case of a batch."""
    checked = check_experiment(experiment, source.facts)
    batch = min(experiment.training.batch_size, source.size("train"))
    return 3 * batch * sum(network.total.flops for network in checked.values())
