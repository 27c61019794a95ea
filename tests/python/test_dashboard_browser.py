"""The dashboard in a real browser: charts are drawn, nothing hostile runs, the export needs no network.

Needs Chromium and its driver (`make browser`). Where there is none these tests are skipped and say so; what
the HTML says is tested without a browser in test_dashboard.py.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from published_support import HOSTILE_NAME, HOSTILE_PATH, NOW, Page

from clickstream.settings import Home
from serve.dashboard.server import export

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
SWITCHES = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1280,900",
)

pytestmark = pytest.mark.skipif(
    not (CHROMIUM and DRIVER),
    reason="no Chromium with chromedriver on this machine: `make browser` installs it",
)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    """A headless browser that starts with nothing."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM or ""
    for switch in (*SWITCHES, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(switch)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    yield driver
    driver.quit()


def opened(browser: Chrome, url: str) -> Page:
    """The page as the browser has it, once the charts are drawn and without an error on the console."""
    from selenium.webdriver.support.ui import WebDriverWait

    console(browser)
    browser.get(url)
    WebDriverWait(browser, 30).until(
        lambda driver: driver.execute_script("return document.documentElement.dataset.charts")
    )
    assert browser.execute_script("return document.documentElement.dataset.charts") == "drawn"
    assert console(browser) == []
    assert browser.execute_script("return window.hurt") is None
    return Page(browser.page_source)


def console(browser: Chrome) -> list[str]:
    """What the browser has logged since it was last asked: errors, warnings, refused requests."""
    return [entry["message"] for entry in browser.get_log("browser")]  # type: ignore[no-untyped-call]


def drawn_marks(browser: Chrome) -> dict[str, int]:
    """Number of drawn shapes by chart."""
    found: dict[str, int] = browser.execute_script(
        """return Object.fromEntries([...document.querySelectorAll(".chart")].map(
            (chart) => [chart.id, chart.querySelectorAll("svg .role-mark path").length]))"""
    )
    return found


def test_the_export_opens_from_disk_without_a_network_and_shows_what_is_served(
    browser: Chrome, published: Home, address: str, tmp_path: Path
) -> None:
    file = export(published, tmp_path / "site", {}, now=NOW)
    text = file.read_text()
    assert not re.search(r"""(?:src|href)=["'](?!data:)""", text.split("<script")[0])
    assert not re.search(r"<script[^>]*\bsrc=", text)

    page = opened(browser, address)
    browser.execute_cdp_cmd("Network.enable", {})
    browser.execute_cdp_cmd(
        "Network.emulateNetworkConditions",
        {"offline": True, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0},
    )
    try:
        exported = opened(browser, file.as_uri())
        marks = drawn_marks(browser)
    finally:
        browser.execute_cdp_cmd("Network.disable", {})
    assert len(page.values) > 15
    assert exported.values == page.values
    assert exported.tables == page.tables
    assert len(marks) == 8
    assert min(marks.values()) > 0


def test_hostile_texts_stand_in_the_page_and_do_nothing(browser: Chrome, address: str) -> None:
    opened(browser, address)
    shown = browser.execute_script("return document.querySelector('main').textContent")
    assert HOSTILE_PATH in shown
    assert HOSTILE_NAME in shown
    assert browser.execute_script("return document.querySelectorAll('main img').length") == 0


def test_a_person_chooses_a_channel_and_a_category(browser: Chrome, address: str) -> None:
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.ui import Select, WebDriverWait

    before = opened(browser, address)
    Select(browser.find_element(By.NAME, "channel")).select_by_visible_text("Email")
    Select(browser.find_element(By.NAME, "category")).select_by_visible_text("Living")
    browser.find_element(By.CSS_SELECTOR, "form button").click()
    WebDriverWait(browser, 30).until(lambda driver: "channel=Email" in driver.current_url)
    after = opened(browser, browser.current_url)
    assert after.column("channels", 0) == ["Email"]
    assert 0 < (after.values["period-sessions"] or 0) < (before.values["period-sessions"] or 0)
    selected = browser.find_element(By.NAME, "category").get_attribute("value")
    assert selected == "1"


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_is_wider_than_the_screen(browser: Chrome, address: str, width: int) -> None:
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 844, "deviceScaleFactor": 1, "mobile": width < 600},
    )
    try:
        opened(browser, address)
        scrolled, seen = browser.execute_script(
            "return [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
        )
        assert scrolled <= seen <= width
        wide = browser.execute_script(
            """return [...document.querySelectorAll(".chart svg")].filter(
                (svg) => svg.getBoundingClientRect().right > innerWidth).length"""
        )
        assert wide == 0
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_every_chart_and_field_has_a_name_for_those_who_do_not_see_it(browser: Chrome, address: str) -> None:
    opened(browser, address)
    unnamed = browser.execute_script(
        """return [
            ...[...document.querySelectorAll(".chart")].filter((chart) => !chart.getAttribute("aria-label")),
            ...[...document.querySelectorAll("input, select")].filter((field) => !field.labels.length),
            ...[...document.querySelectorAll("main section")].filter(
                (section) => !document.getElementById(section.getAttribute("aria-labelledby"))),
        ].length"""
    )
    assert unnamed == 0
    assert browser.execute_script("return document.querySelectorAll('h1').length") == 1
