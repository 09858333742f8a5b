"""A drawing that leaves the page has the page's colours."""

import re
from pathlib import Path

SOURCES = Path(__file__).parents[2] / "components" / "src"


def test_the_palette_of_exported_drawings_is_that_of_the_page() -> None:
    light, dark = (SOURCES / "tokens.css").read_text("utf-8").split('[data-theme="dark"]')
    palettes = (SOURCES / "files" / "palettes.ts").read_text("utf-8")
    for scheme, tokens in (("light", light), ("dark", dark)):
        line = re.search(rf"{scheme}: {{(.*)}}", palettes)
        assert line is not None
        colours = dict(re.findall(r'(\w+): "(#[0-9a-f]{6})"', line[1]))
        assert set(colours) == {"paper", "panel", "line", "ink", "quiet"}
        page = {name: re.search(rf"--{name}: (?:var\([^,]+, )?(#[0-9a-f]{{6}})", tokens) for name in colours}
        assert {name: found[1] for name, found in page.items() if found} == colours
