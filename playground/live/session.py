"""The one file that asks Streamlit who is looking. Everything here fails softly where no server runs, as in tests."""

from __future__ import annotations

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from playground.live import operator
from playground.live.owner import COOKIE, owner_of
from playground.settings import home


def current_owner() -> str | None:
    """Owner of the browser that the running script answers; None before its first page brought the cookie."""
    return owner_of(st.context.cookies.get(COOKIE))


def current_session() -> str | None:
    """Streamlit's name for the page that the running script answers."""
    context = get_script_run_ctx(suppress_warning=True)
    return context.session_id if context is not None else None


def is_operator() -> bool:
    """Whether the browser that the running script answers holds the operator's cookie."""
    return operator.is_sign(st.context.cookies.get(operator.COOKIE), home())


def is_alive(session: str) -> bool:
    """Whether that page is still open and connected."""
    return runtime.exists() and runtime.get_instance().is_active_session(session)
