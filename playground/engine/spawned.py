"""The first lines of a spawned process, `python -m playground.engine.spawned MODULE`: it says that it ends with its host,
and only then loads what it is to be. Loading torch takes seconds, in which a process hears nothing."""

from __future__ import annotations

import importlib
import sys

from playground.engine.place import end_with_parent


def main() -> None:
    """Be the module named as argument."""
    end_with_parent()
    importlib.import_module(sys.argv[1]).main()


if __name__ == "__main__":
    main()
