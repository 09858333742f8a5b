"""Where the files of the program lie; what a person chooses is in `playground.settings`."""

from pathlib import Path

PACKAGE = Path(__file__).parent


def _beside_or_inside(name: str) -> Path:
    """A folder that lies beside the package in a checkout and inside it in an installed copy."""
    inside = PACKAGE / name
    return inside if inside.is_dir() else PACKAGE.parent / name


def pages_dir() -> Path:
    """The folder of page scripts."""
    return _beside_or_inside("pages")


def assets_dir() -> Path:
    """The folder of the logo, the style block, lesson texts and shipped weights."""
    return _beside_or_inside("assets")


def component_dir(name: str) -> Path:
    """The folder of one built front-end component; empty or missing if it was never built."""
    return PACKAGE / "static" / "components" / name
