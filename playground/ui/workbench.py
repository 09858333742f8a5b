"""Mounts the workbench: strip, palette, canvas, live column and timeline, one React component."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from playground._paths import component_dir
from playground.ui.notices import NOT_BUILT, notice

KEY = "workbench"


def workbench(project: str, token: str, *, on_other_project: Callable[[str], None], view: str = "build") -> str | None:
    """Show the workbench on a project, or say what is missing. `on_other_project` is told where the person goes.
    The answer is the run that the person wants to ask why, if there is one.

    The data are the same from rerun to rerun: only a change of them calls the front end again.
    """
    if not any(component_dir(KEY).glob("index-*.js")):
        notice(NOT_BUILT)
        return None

    def go() -> None:
        chosen = st.session_state[KEY].get("project")
        if isinstance(chosen, str) and chosen:
            on_other_project(chosen)

    mount = st.components.v2.component("playground.workbench", js="index-*.js", css="style-*.css")
    data = {"token": token, "project": project, "view": view, "navigate": True}
    asked = mount(data=data, key=KEY, on_project_change=go, on_explain_change=lambda: None).explain
    return asked if isinstance(asked, str) and asked else None
