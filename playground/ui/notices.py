"""Sentences in place of a page that cannot be shown: what happened, and one thing to do."""

from __future__ import annotations

import streamlit as st

NOT_BUILT = "The front end of this copy is not built. Run `make setup`, or `pip install -e .`, then restart."
NO_PROJECT = "There is no project at this link. It may have been deleted, or the link is not complete."
NOT_READY = "The part that trains does not answer yet. Reload in a moment."


def notice(text: str, button: str | None = None, *, quoted: bool = False) -> bool:
    """Show a sentence; whether its button was pressed. `quoted`: it repeats words of somebody else, which stay text."""
    with st.container(key="notice", horizontal_alignment="center"):
        (st.text if quoted else st.markdown)(text)
        return button is not None and st.button(button)
