"""Finds a Chromium for the browser tests; as a script it installs one if there is none."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Playwright, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = (
    "The browser tests need Chromium and found none. Install it with your system's packages "
    "(Debian, Ubuntu: apt-get install chromium) or with: .venv/bin/playwright install chromium"
)


def find_browser(playwright: Playwright) -> str | None:
    """Path of a Chromium: one of the system's, else the one Playwright downloaded."""
    for name in NAMES:
        if found := shutil.which(name):
            return found
    downloaded = playwright.chromium.executable_path
    return downloaded if Path(downloaded).exists() else None


def has_browser() -> bool:
    """Whether there is a Chromium the tests could use."""
    with sync_playwright() as playwright:
        return find_browser(playwright) is not None


def install() -> None:
    """Try what can be tried here: the system's packages as root, else Playwright's download."""
    if shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-qq"], env=quiet, stdin=subprocess.DEVNULL, check=False)
        command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"]
        subprocess.run(command, env=quiet, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False)
    if not has_browser():
        command = [sys.executable, "-m", "playwright", "install", "chromium"]
        subprocess.run(command, stdin=subprocess.DEVNULL, check=False)


if __name__ == "__main__":
    if not has_browser():
        print("No Chromium found, installing one.", file=sys.stderr)
        install()
    if not has_browser():
        sys.exit(MISSING)
