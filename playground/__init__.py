"""Draw a neural network, watch it learn, ask it why.

The public names, each loaded when it is first used, so that `import playground` stays instant
and a process that trains nothing never loads torch.
"""

from importlib import import_module
from typing import Any

__version__ = "0.2.0.dev0"

# public name -> where it is defined
_NAMES = {
    "Experiment": "playground.core.experiment",
    "Network": "playground.core.network",
    "Node": "playground.core.network",
    "Edge": "playground.core.network",
    "check": "playground.core.shapes",
    "build": "playground.training.build",
    "fit": "playground.training.fit",
}
# Catalogues are public as modules: playground.layers, playground.datasets, …
_CATALOGUES = (
    "layers",
    "datasets",
    "preparation",
    "objectives",
    "losses",
    "optimizers",
    "schedules",
    "metrics",
    "templates",
)

__all__ = ["__version__", *_NAMES, *_CATALOGUES]  # noqa: PLE0604  # strings, spelled once above


def __getattr__(name: str) -> Any:
    if name in _NAMES:
        return getattr(import_module(_NAMES[name]), name)
    if name in _CATALOGUES:
        return import_module(f"playground.{name}")
    raise AttributeError(f"module 'playground' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
