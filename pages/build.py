"""Build & train: the whole page is one component."""

import streamlit as st

from playground._paths import pages_dir
from playground.live.pages import open_link, take_seat
from playground.live.service import NotReady
from playground.studio.documents import Refused
from playground.ui.address import (
    carried_link,
    forget_project,
    made_from,
    remember_link,
    show_project,
    wanted_project,
)
from playground.ui.notices import NO_PROJECT, NOT_READY, notice
from playground.ui.workbench import workbench

link = carried_link()
try:
    known = made_from(link) if link else wanted_project()
    seat = open_link(link) if link and not known else take_seat(known)
except Refused as refusal:
    if notice(str(refusal), "Open my own", quoted=True):
        forget_project()
        st.rerun()
    st.stop()
except NotReady as problem:
    notice(str(problem) or NOT_READY)
    st.stop()

if seat.missing:
    if notice(NO_PROJECT, "Open my own"):
        forget_project()
        st.rerun()
    st.stop()

if link:
    remember_link(link, seat.project)
show_project(seat.project)
if run := workbench(seat.project, seat.token, on_other_project=show_project):
    st.switch_page(pages_dir() / "explain.py", query_params={"p": seat.project, "run": run})
