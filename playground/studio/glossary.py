"""The words a beginner meets, each explained in a sentence or two."""

from __future__ import annotations

import functools
import tomllib

from playground._paths import assets_dir


@functools.cache
def glossary() -> dict[str, str]:
    """Every explained word."""
    words: dict[str, str] = {}
    for file in sorted((assets_dir() / "glossary").glob("*.toml")):
        words |= {word: str(text) for word, text in tomllib.loads(file.read_text("utf-8")).items()}
    return words
