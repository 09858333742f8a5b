"""Runs: everything this person trained, and the way back to each."""

import streamlit as st

from playground._paths import pages_dir
from playground.live.pages import delete_my_run, my_runs, open_my_run
from playground.live.service import NotReady
from playground.studio.history import sample
from playground.ui.address import show_project, wanted_project
from playground.ui.notices import NOT_READY
from playground.ui.run_list import run_list

# A page change drops the project from the address; whoever comes back should find it there.
if project := wanted_project():
    show_project(project)

REFRESH_SECONDS = 2.5


def show() -> None:
    """The list, and what its buttons do."""
    wish = run_list(my_runs(), sample())
    if wish is None:
        return
    if wish.act == "delete":
        problem = delete_my_run(wish.run)
        if problem:
            st.toast(problem)
        st.rerun()
    if wish.act == "start":
        st.switch_page(pages_dir() / "build.py")
    if wish.act in ("open", "go_on"):
        try:
            opened = open_my_run(wish.run, go_on=wish.act == "go_on")
        except NotReady:
            st.toast(NOT_READY)
            return
        if opened is None:
            st.toast("There is no such run. It may have been deleted in another window.")
            return
        show_project(opened)
        st.switch_page(pages_dir() / "build.py", query_params={"p": opened})


# What a run did last reaches the history within a second or two; nobody should have to reload for it.
st.fragment(show, run_every=REFRESH_SECONDS)()
