"""Explain: pick a run and a test case, see what the answer rests on and whether that can be trusted."""

import streamlit as st

from playground._paths import pages_dir
from playground.live.pages import open_my_run, take_token
from playground.live.service import NotReady
from playground.ui.address import show_project, wanted_project
from playground.ui.explain_view import explain_view
from playground.ui.notices import NOT_READY

# A page change drops the project from the address; whoever comes back should find it there.
if project := wanted_project():
    show_project(project)

if run := explain_view(take_token(), st.query_params.get("run")):
    try:
        opened = open_my_run(run)
    except NotReady:
        st.toast(NOT_READY)
        st.stop()
    if opened is not None:
        show_project(opened)
        st.switch_page(pages_dir() / "build.py", query_params={"p": opened})
    st.toast("There is no such run. It may have been deleted in another window.")
