"""The server: Streamlit's pages and, on the same port, the routes of `playground.live`.

`streamlit run` imports this file as the top-level module `server`, with this folder first on the path: nothing but
this file and home.py may live here, and nothing may import it as `playground.app.server`.
"""

from pathlib import Path

import streamlit as st

from playground.live.routes import lifespan, middleware, routes

# Streamlit does not put the base path in front of routes that are ours.
_path = (st.get_option("server.baseUrlPath") or "").strip("/")
_base = f"/{_path}" if _path else ""

app = st.App(
    Path(__file__).with_name("home.py"),
    lifespan=lifespan,
    routes=routes(_base),
    middleware=middleware(_base),
)
