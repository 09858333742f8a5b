"""What there is once in a server process, kept where hot reload cannot reach.

When a watched file changes, Streamlit forgets every module of ours and pages import new copies, while the socket
goes on in the old ones. A module without a file is never forgotten. Classes differ between the copies: ask what an
object can do, never what it is.
"""

from __future__ import annotations

import sys
import types
from typing import Any

_HOME = sys.modules.setdefault("_pg_singletons", types.ModuleType("_pg_singletons"))


def put(name: str, value: Any) -> None:
    """Keep a value under a name; None forgets it."""
    _HOME.__dict__[name] = value


def find(name: str) -> Any | None:
    """The value kept under a name, or None."""
    return _HOME.__dict__.get(name)
