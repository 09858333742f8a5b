"""Explain: pick a run and a test case, see what the answer rests on and whether that can be trusted."""

import streamlit as st

from playground.live.pages import take_token
from playground.ui.address import show_project, wanted_project
from playground.ui.explain_view import explain_view

# A page change drops the project from the address; whoever comes back should find it there.
if project := wanted_project():
    show_project(project)

explain_view(take_token(), st.query_params.get("run"))
