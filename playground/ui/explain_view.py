"""Mounts the Explain page, one React component: cases, the answer, one map with its stamp and its proof."""

from __future__ import annotations

import streamlit as st

from playground._paths import component_dir
from playground.ui.notices import NOT_BUILT, notice

KEY = "explain"


def explain_view(token: str, run: str | None) -> str | None:
    """Show the page, or say what is missing. `run` is the run of the address, if there is one. The answer is the run
    that the person wants to see under Build & train, if there is one."""
    if not any(component_dir(KEY).glob("index-*.js")):
        notice(NOT_BUILT)
        return None
    mount = st.components.v2.component("playground.explain", js="index-*.js", css="style-*.css")
    wished = mount(data={"token": token, "run": run, "view": "explain"}, key=KEY, on_build_change=lambda: None).build
    return wished if isinstance(wished, str) and wished else None
