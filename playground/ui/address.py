"""The project in the address bar. Streamlit drops it when the page changes; every page writes it back."""

from __future__ import annotations

import streamlit as st

PROJECT = "p"
"""Name of the project in the address: `…/?p=7k2m`."""


def wanted_project() -> str | None:
    """The project of the address, else the one this page last showed."""
    return st.query_params.get(PROJECT) or st.session_state.get(PROJECT)


def show_project(project: str) -> None:
    """Put a project into the address."""
    st.session_state[PROJECT] = project
    if project and st.query_params.get(PROJECT) != project:
        st.query_params[PROJECT] = project


def forget_project() -> None:
    """Leave the address without a project."""
    st.session_state.pop(PROJECT, None)
    st.query_params.pop(PROJECT, None)
