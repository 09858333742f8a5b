"""Mounts the list of runs, one React component."""

from __future__ import annotations

from typing import Any, NamedTuple

import streamlit as st

from playground._paths import component_dir
from playground.ui.notices import NOT_BUILT, notice

KEY = "runs"


class Wish(NamedTuple):
    """What was pressed: `open`, `go_on`, `delete` a run, or `start` the first one."""

    act: str
    run: str


def run_list(entries: list[dict[str, Any]], sample: dict[str, Any]) -> Wish | None:
    """Show the list, or the sample while it is empty; what was pressed, if anything."""
    if not any(component_dir(KEY).glob("index-*.js")):
        notice(NOT_BUILT)
        return None
    mount = st.components.v2.component("playground.runs", js="index-*.js", css="style-*.css")
    pressed = mount(data={"runs": entries, "sample": sample}, key=KEY, on_act_change=lambda: None).act
    if not isinstance(pressed, dict):
        return None
    return Wish(str(pressed.get("act", "")), str(pressed.get("run", "")))
