"""Mounts the operator's page, one React component."""

from __future__ import annotations

from typing import Any

import streamlit as st

from playground._paths import component_dir
from playground.ui.notices import NOT_BUILT, notice

KEY = "operator"


def operator_view(state: dict[str, Any] | None) -> str | None:
    """Show how the server is; the order that was given, if any: `pause`, `hold` or `go_on`."""
    if not any(component_dir(KEY).glob("index-*.js")):
        notice(NOT_BUILT)
        return None
    mount = st.components.v2.component("playground.operator", js="index-*.js", css="style-*.css")
    pressed = mount(data={"state": state}, key=KEY, on_order_change=lambda: None).order
    return pressed if isinstance(pressed, str) else None
