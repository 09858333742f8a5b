"""Rules of the house that no linter knows."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "playground"
CONFIG = tomllib.loads((PACKAGE / "app" / ".streamlit" / "config.toml").read_text())
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def selectors(css: str) -> list[str]:
    """Every selector of a style sheet, also those inside a media query."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    heads = [head.strip() for head in re.findall(r"([^{}]+)\{", css)]
    return [one.strip() for head in heads if not head.startswith("@") for one in re.split(r",(?![^(]*\))", head)]


def test_the_one_style_block_stays_small() -> None:
    found = selectors((ROOT / "assets" / "studio.css").read_text())
    assert 0 < len(found) <= 12, found


def test_the_selector_count_sees_lists_and_media_queries() -> None:
    assert selectors("/* a {} */ a, b:is(c, d) { x: y } @media print { e { x: y } }") == [
        "a",
        "b:is(c, d)",
        "e",
    ]


def test_python_brings_no_other_style_block() -> None:
    scripts = [*PACKAGE.rglob("*.py"), *(ROOT / "pages").glob("*.py")]
    assert [path for path in scripts if re.search(r"<style|unsafe_allow_html", path.read_text())] == []
    assert (PACKAGE / "app" / "home.py").read_text().count("studio.css") == 1


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_scale_for_sign_has_the_ten_colours_streamlit_needs(theme: str) -> None:
    colours = CONFIG["theme"][theme]["chartDivergingColors"]
    assert len(colours) == len(set(colours)) == 10
    assert all(re.fullmatch(r"#[0-9A-F]{6}", colour) for colour in colours)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_is_readable_on_every_surface(theme: str) -> None:
    colours = CONFIG["theme"][theme]
    for surface in ("backgroundColor", "secondaryBackgroundColor"):
        for ink in ("textColor", "grayColor", "redColor", "yellowColor", "greenColor", "violetColor"):
            assert contrast(colours[ink], colours[surface]) >= 4.5, (ink, surface)
    # Streamlit writes white on a primary button, whatever its colour.
    assert contrast("#FFFFFF", colours["primaryColor"]) >= 4.5


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2.2, from 1 to 21."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    """Relative luminance of #RRGGBB."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_contrast_knows_its_known_answers() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.005)


def test_every_font_of_the_theme_is_one_the_build_brings() -> None:
    import hatch_build

    brought = {name for names in hatch_build.FONTS.values() for name in names}
    assert {face["url"].removeprefix("app/static/") for face in CONFIG["theme"]["fontFaces"]} == brought


def test_every_component_of_the_manifest_is_built() -> None:
    # One missing folder makes Streamlit drop the whole list, silently.
    for entry in PROJECT["tool"]["streamlit"]["component"]["components"]:
        folder = PACKAGE / entry["asset_dir"]
        assert len(list(folder.glob("index-*.js"))) == 1, f"{folder} is not built: make setup"
        assert len(list(folder.glob("style-*.css"))) == 1


def test_distribution_and_package_have_one_name() -> None:
    assert PROJECT["project"]["name"] == PACKAGE.name


def test_nothing_but_the_two_scripts_lies_in_the_folder_streamlit_puts_on_the_path() -> None:
    assert {path.name for path in (PACKAGE / "app").glob("*.py")} == {"server.py", "home.py"}


def test_every_dependency_says_why_it_is_there() -> None:
    block = (ROOT / "pyproject.toml").read_text().split("dependencies = [")[1].split("\n]")[0]
    lines = [line for line in block.splitlines() if line.strip()]
    assert len(lines) >= 10
    assert [line for line in lines if "  # " not in line] == []


def test_no_name_promises_nothing() -> None:
    vague = {"utils", "util", "helpers", "helper", "common", "base", "manager", "misc"}
    code = [path for folder in ("playground", "pages") for path in (ROOT / folder).rglob("*.py")]
    assert [path for path in code if path.stem in vague or vague & set(path.relative_to(ROOT).parts)] == []


# Every module but those that train: importing, listing, checking and drawing must never load torch.
WITHOUT_TORCH = """
import importlib, json, pkgutil, sys
from importlib.util import find_spec
import playground
# Migrations are run by alembic alone, app by Streamlit.
others = "app training modules engine.worker engine.job engine.tasks runs.migrations"
trains = tuple("playground." + name for name in others.split())
names = [
    info.name
    for info in pkgutil.walk_packages(playground.__path__, "playground.", onerror=lambda name: None)
    if not info.name.startswith(trains) and info.name != "playground.__main__"
]
for name in names:
    importlib.import_module(name)
from playground.commands.list import CATALOGUES, describe
listed = {name: len(describe(name)) for name in CATALOGUES if find_spec("playground." + name)}
heavy = "torch captum shap lime optuna ray kornia torchmetrics onnx onnxscript onnxruntime".split()
print(json.dumps({"modules": names, "listed": listed, "heavy": [name for name in heavy if name in sys.modules]}))
"""


def run_python(code: str) -> dict[str, Any]:
    """Run code in a fresh interpreter and read the JSON it prints."""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False, timeout=100
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def test_nothing_outside_training_loads_torch() -> None:
    answer = run_python(WITHOUT_TORCH)
    assert answer["heavy"] == []
    assert {"playground.core.network", "playground.ui.workbench", "playground.live.routes"} <= set(answer["modules"])  # type: ignore[call-overload]


def test_the_name_playground_alone_loads_neither_torch_nor_streamlit_nor_pydantic() -> None:
    answer = run_python(
        "import json, sys, playground\n"
        "print(json.dumps({name: name in sys.modules for name in ('torch', 'streamlit', 'pydantic', 'numpy')}))"
    )
    assert not any(answer.values()), answer


def test_public_names_exist() -> None:
    import playground

    missing = [name for name in playground.__all__ if not hasattr(playground, name)]
    assert missing == []
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = playground.nonsense
