"""The frame of every page: title, navigation, the one style block."""

import streamlit as st

from playground._paths import assets_dir, pages_dir

# In the order of the navigation. A page is shown once its file exists.
PAGES = {"build": "Build & train", "explain": "Explain", "runs": "Runs"}

# A file, because the icon of a `:material/…:` name would be fetched from the internet.
st.set_page_config(page_title="Playground", page_icon=str(assets_dir() / "logo.svg"), layout="wide")
st.html(assets_dir() / "studio.css")

page = st.navigation(
    [
        st.Page(path, title=title, url_path=None if name == "build" else name, default=name == "build")
        for name, title in PAGES.items()
        if (path := pages_dir() / f"{name}.py").is_file()
    ],
    position="top",
)
page.run()
