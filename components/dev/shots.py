"""Screenshots of the workbench on the mock server, for looking at. `python dev/shots.py circle-light-1440 …`"""
import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

SIZES = {"1440": (1440, 900), "1024": (1024, 768), "390": (390, 844)}
OUT = Path(__file__).with_name("shots")
ARGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]


def main() -> None:
    OUT.mkdir(exist_ok=True)
    names = sys.argv[1:] or ["circle-light-1440", "circle-dark-1440", "trouble-light-1440", "circle-light-1024", "circle-light-390"]
    with sync_playwright() as p:
        browser = p.chromium.launch(executable_path=shutil.which("chromium"), args=ARGS)
        for name in names:
            project, theme, size = name.rsplit("-", 2)
            width, height = SIZES[size]
            page = browser.new_page(viewport={"width": width, "height": height})
            page.on("console", lambda m: m.type in ("error", "warning") and print(name, m.type, m.text[:300]))
            page.on("pageerror", lambda e: print(name, "ERROR", str(e)[:600]))
            page.goto(f"http://localhost:5199/?project={project}&theme={theme}", timeout=60000)
            page.wait_for_selector(".pg-node", timeout=30000)
            page.wait_for_timeout(900)
            page.screenshot(path=OUT / f"{name}.png")
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
