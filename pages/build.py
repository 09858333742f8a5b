"""Build & train: the whole page is one component."""

import streamlit as st

from playground.live.pages import take_seat
from playground.live.service import NotReady
from playground.ui.address import forget_project, show_project, wanted_project
from playground.ui.notices import NO_PROJECT, NOT_READY, notice
from playground.ui.workbench import workbench

try:
    seat = take_seat(wanted_project())
except NotReady:
    notice(NOT_READY)
    st.stop()

if seat.missing:
    if notice(NO_PROJECT, "Open my own"):
        forget_project()
        st.rerun()
    st.stop()

show_project(seat.project)
workbench(seat.project, seat.token, on_other_project=show_project)
