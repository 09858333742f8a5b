"""The list of runs in a browser."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.e2e.bench import FIND, node, open_bench, wait_for_step


def test_a_run_is_listed_opened_again_and_deleted(page: Page, server_url: str) -> None:
    page.add_init_script(FIND)
    address = open_bench(page, server_url)
    page.keyboard.press("Space")
    wait_for_step(page, 60)
    page.get_by_test_id("train").click()
    expect(page.get_by_test_id("advice")).to_contain_text("Paused at step")

    page.get_by_test_id("stTopNavLink").filter(has_text="Runs").click()
    row = page.get_by_test_id("run")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("Circle")
    expect(row).to_contain_text("Paused")
    expect(row).to_contain_text("13 weights")
    page.get_by_test_id("run-search").fill("spiral")
    expect(row).to_have_count(0)
    page.get_by_test_id("run-search").fill("circle paused")
    expect(row).to_have_count(1)

    page.get_by_test_id("run-open").click()
    expect(node(page, "hidden")).to_be_visible()
    page.wait_for_url(address)
    expect(page.get_by_test_id("advice")).to_contain_text("Paused at step")

    page.get_by_test_id("stTopNavLink").filter(has_text="Runs").click()
    page.get_by_test_id("run-delete").click()
    expect(row).to_contain_text("Delete it with its weights?")
    page.get_by_role("button", name="Keep").click()
    expect(page.get_by_test_id("run-open")).to_be_visible()
    page.get_by_test_id("run-delete").click()
    page.get_by_test_id("run-delete-yes").click()
    expect(page.get_by_test_id("runs-empty")).to_be_visible()


def test_a_person_without_runs_sees_a_sample_and_the_way_to_the_first(page: Page, server_url: str) -> None:
    page.goto(f"{server_url}/runs")
    expect(page.get_by_test_id("runs-empty")).to_contain_text("Sample")
    page.get_by_test_id("runs-start").click()
    expect(node(page, "hidden")).to_be_visible(timeout=60_000)
    page.wait_for_url(re.compile(r"[?&]p="))
