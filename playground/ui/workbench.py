"""Mounts the workbench: strip, palette, canvas, live column and timeline, one React component."""

from typing import Any

import streamlit as st

from playground._paths import component_dir


def workbench(data: dict[str, Any] | None = None) -> None:
    """Show the workbench, or say what is missing.

    `data` must be plain JSON and the same from rerun to rerun: only a change of it calls the front end again.
    """
    if not any(component_dir("workbench").glob("index-*.js")):
        st.error("The front end of this copy is not built. Run `make setup`, or `pip install -e .`, then restart.")
        return
    mount = st.components.v2.component("playground.workbench", js="index-*.js", css="style-*.css")
    mount(data=data or {"view": "build"}, key="workbench")
