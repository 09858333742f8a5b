"""The frame of every page: title, navigation, the one style block."""

import streamlit as st

from playground._paths import assets_dir, pages_dir
from playground.live.session import is_operator

# In the order of the navigation: title and icon. A page is shown once its file exists.
PAGES = {
    "build": ("Build & train", "account_tree"),
    "explain": ("Explain", "troubleshoot"),
    "runs": ("Runs", "history"),
}
if is_operator():
    PAGES["operator"] = ("Operator", "tune")

# A file, because the icon of a `:material/…:` name would be fetched from the internet.
st.set_page_config(page_title="Playground", page_icon=str(assets_dir() / "logo.svg"), layout="wide")
st.html(assets_dir() / "studio.css")

icons = {name: f":material/{icon}:" for name, (_, icon) in PAGES.items()}
pages = {
    name: st.Page(path, title=title, url_path=None if name == "build" else name, default=name == "build")
    for name, (title, _) in PAGES.items()
    if (path := pages_dir() / f"{name}.py").is_file()
}
page = st.navigation(list(pages.values()), position="top")
page.run()

if len(pages) > 1:
    # The same navigation for a phone; the style block shows one or the other.
    with st.container(
        key="tabs", horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap=None
    ):
        for name, target in pages.items():
            st.page_link(target, icon=icons[name])
