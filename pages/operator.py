"""Operator: how the server is, and one word to everyone who trains on it. Listed only for who has the key."""

import streamlit as st

from playground.live.operator import order, state
from playground.live.session import is_operator
from playground.ui.address import show_project, wanted_project
from playground.ui.operator_view import operator_view

# A page change drops the project from the address; whoever comes back should find it there.
if project := wanted_project():
    show_project(project)

REFRESH_SECONDS = 2.0


def show() -> None:
    """How it is, and what the buttons do."""
    wish = operator_view(state())
    # The key may have been taken back since the page was opened.
    if wish is not None and is_operator():
        if problem := order(wish):
            st.toast(problem)
        st.rerun(scope="fragment")


st.fragment(show, run_every=REFRESH_SECONDS)()
