"""The commands, one file each: a file `train.py` that defines `command` is `playground train`.

The docstring of `command` is its help, its parameters are arguments and options as Typer reads them.
"""

import pkgutil
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any


def commands() -> Iterator[tuple[str, Callable[..., Any], dict[str, Any]]]:
    """Name, function and click settings of every command in this folder, in the order of their names."""
    for info in pkgutil.iter_modules(__path__):
        module = import_module(f"{__name__}.{info.name}")
        if hasattr(module, "command"):
            yield info.name, module.command, getattr(module, "SETTINGS", {})
