"""The project in the address bar. Streamlit drops it when the page changes; every page writes it back."""

from __future__ import annotations

import streamlit as st

PROJECT = "p"
"""Name of the project in the address: `…/?p=7k2m`."""


LINK = "x"
"""Name of a whole project in the address: `…/?x=eNq…`, as `playground.core.files.write_link` makes it."""
MADE = "made"
LESSON = "lesson"
"""Name of a lesson in the address, `…/?lesson=first`: the page begins it once, in a project of its own."""


def carried_link() -> str | None:
    """The link in the address that holds a whole project."""
    return st.query_params.get(LINK)


def made_from(link: str) -> str | None:
    """The project this page has made from a link already: a script that runs twice makes one."""
    return st.session_state.get(MADE) if st.session_state.get(LINK) == link else None


def remember_link(link: str, project: str) -> None:
    """This project was made from this link."""
    st.session_state[LINK], st.session_state[MADE] = link, project


def wanted_project() -> str | None:
    """The project of the address, else the one this page last showed."""
    return st.query_params.get(PROJECT) or st.session_state.get(PROJECT)


def show_project(project: str) -> None:
    """Put a project into the address."""
    if st.session_state.get(PROJECT) not in (None, project):
        st.query_params.pop(LESSON, None)
    st.session_state[PROJECT] = project
    st.query_params.pop(LINK, None)
    if project and st.query_params.get(PROJECT) != project:
        st.query_params[PROJECT] = project


def forget_project() -> None:
    """Leave the address without a project."""
    st.session_state.pop(PROJECT, None)
    st.query_params.pop(PROJECT, None)
    st.query_params.pop(LINK, None)
