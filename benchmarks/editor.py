"""How quick the drawing is when it is large: from an edit to its diagnostic, panning a thousand layers, checking again.

Edits and panning are measured in a real browser against a real server; what a frame of panning costs is read from
Chromium's trace.
"""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from playwright.sync_api import Page

from benchmarks.browsers.figures import at_most, exactly
from benchmarks.browsers.screen import open_page
from benchmarks.browsers.server import own_server
from benchmarks.live import edits_seen, large_drawing
from playground.core import costs
from playground.core.files import write_link
from playground.core.shapes import check_experiment
from playground.layers import layers

NODES = 1_000
FRAME, TASK = 0.008, 0.050
MOVES, SWEEPS = 40, 4
WORK = frozenset(
    "EvaluateScript FunctionCall EventDispatch FireAnimationFrame TimerFire RunMicrotasks UpdateLayoutTree Layout "
    "PrePaint ResizeObserver.observe IntersectionObserverController::computeIntersections".split()
)
"""Scripting and layout, as the trace calls them."""
CATEGORIES = [
    "devtools.timeline",
    "devtools.timeline.frame",
    "disabled-by-default-devtools.timeline",
    "toplevel",
    "__metadata",
]


def measure(*, only: str) -> Iterator[dict[str, Any]]:
    """Everything whose name holds `only`."""
    names = (
        ("edit to its diagnostic, 100 nodes, in the browser", edits_seen),
        (f"panning {NODES:,} nodes", pans),
        (f"check of {NODES:,} nodes after one edit", checks),
    )
    for name, work in names:
        if only in name:
            yield from work()


# ---- panning --------------------------------------------------------------------------------------------------------


def pans() -> Iterator[dict[str, Any]]:
    """The drawing is dragged about, one movement a frame; all of it is shown, as small as it gets."""
    with own_server() as server, open_page() as page:
        page.goto(f"http://{server.host}/?x={quote(write_link(large_drawing(NODES)))}")
        page.locator(".react-flow__node").first.wait_for()
        page.locator(".pg-editor").focus()
        page.keyboard.press("f")
        page.wait_for_function(f"window.__all('.react-flow__node').length >= {NODES}")
        _drag(page, 1)  # what is made once is made
        events = _trace(page)
    main = _main_thread(events)
    tasks = [event["dur"] / 1e6 for event in main if event["name"] == "RunTask"]
    frames = _frames(main)
    name = f"panning {NODES:,} nodes"
    yield at_most(f"{name}: scripting and layout of a frame", frames, FRAME, frames=len(frames))
    longest = max(tasks, default=math.nan)
    goal = f"<= {TASK:g} s"
    yield {"name": f"{name}: longest task", "s": round(longest, 4), "goal": goal, "holds": longest <= TASK}


def _drag(page: Page, sweeps: int) -> None:
    """Back and forth over empty canvas; each movement waits for the frame that shows it."""
    box = page.get_by_test_id("canvas").bounding_box()
    assert box is not None
    left, top = box["x"] + 0.5 * box["width"], box["y"] + box["height"] - 30
    for sweep in range(sweeps):
        page.mouse.move(left, top)
        page.mouse.down()
        for move in range(MOVES):
            x = left + (1 if sweep % 2 else -1) * 8 * move
            page.mouse.move(x, top - 2 * move)
            page.evaluate("() => new Promise((done) => requestAnimationFrame(() => done()))")
        page.mouse.up()


def _trace(page: Page) -> list[dict[str, Any]]:
    session = page.context.new_cdp_session(page)
    events: list[dict[str, Any]] = []
    complete: list[bool] = []
    session.on("Tracing.dataCollected", lambda message: events.extend(message["value"]))
    session.on("Tracing.tracingComplete", lambda _: complete.append(True))
    session.send("Tracing.start", {"traceConfig": {"includedCategories": CATEGORIES}, "transferMode": "ReportEvents"})
    _drag(page, SWEEPS)
    session.send("Tracing.end")
    deadline = time.monotonic() + 60
    while not complete and time.monotonic() < deadline:
        page.wait_for_timeout(50)
    if not complete:
        raise RuntimeError("The trace did not end.")
    return events


def _main_thread(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the page's main thread did, in order: of several renderers, the one with most to do."""
    threads = {
        (event["pid"], event["tid"])
        for event in events
        if event["name"] == "thread_name" and event["args"].get("name") == "CrRendererMain"
    }
    done = {
        thread: [e for e in events if (e["pid"], e["tid"]) == thread and e.get("ph") in "XIi"] for thread in threads
    }
    busiest = max(done.values(), key=lambda own: sum(event.get("dur", 0) for event in own), default=[])
    return sorted((e for e in busiest if e["ph"] != "X" or "dur" in e), key=lambda event: event["ts"])


def _frames(main: list[dict[str, Any]]) -> list[float]:
    """Seconds of scripting and layout between the commit of one frame and of the next; what lies in each other counts
    once."""
    begins = [event["ts"] for event in main if event["name"] == "Commit"]
    work = [(event["ts"], event["ts"] + event["dur"]) for event in main if event["name"] in WORK and "dur" in event]
    costs_of = [0.0] * max(0, len(begins) - 1)
    covered, frame = -math.inf, 0
    for start, end in work:
        start = max(start, covered)
        if end <= start:
            continue
        covered = end
        while frame + 1 < len(begins) and begins[frame + 1] <= start:
            frame += 1
        if frame < len(costs_of) and begins and begins[frame] <= start:
            costs_of[frame] += (end - start) / 1e6
    return costs_of


# ---- checking -------------------------------------------------------------------------------------------------------


def checks() -> Iterator[dict[str, Any]]:
    """One layer in the middle gets another width: how many layers are asked again, and how long the check takes."""
    experiment = large_drawing(NODES).experiment
    bends = ("tanh", "relu", "sigmoid")
    for number, node in enumerate(experiment.network.nodes[1:-2]):
        units, bend = 2 + number % 400, {"kind": bends[number // 400]}
        layer = layers.read({"kind": "dense", "units": units, "activation": bend})
        experiment = experiment.with_network(experiment.network.set_layer(node.id, layer))
    check_experiment(experiment)
    times, asked = [], 0
    middle = experiment.network.nodes[NODES // 2].id
    for extra in range(20):
        layer = layers.read({"kind": "dense", "units": 1_000 + extra})
        edited = experiment.with_network(experiment.network.set_layer(middle, layer))
        before, began = costs.evaluated.cache_info().misses, time.perf_counter()
        check_experiment(edited)
        times.append(time.perf_counter() - began)
        asked = max(asked, costs.evaluated.cache_info().misses - before)
    name = f"check of {NODES:,} nodes after one edit"
    yield exactly(f"{name}: layers asked", asked, 2)
    yield at_most(f"{name}: time", times, None, median_s=round(statistics.median(times), 4))
