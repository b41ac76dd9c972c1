"""The sheet in Chromium: opening, a key, a paste, scrolling, memory; each beside its budget.

On a busy machine the clock tells of the others too: `open_cpu_ms` is what the page's own process
worked, and every part ends after some seconds, with as many repeats as were had by then.
"""

import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from bench import wide
from tests.browser.house import ARGUMENTS, DESK, House, Visitor, chromium
from tests.installed import ANYBODY, COMMUNITIES, pack_only

ROWS, COLUMNS = 1_000, 50
MANY_ROWS, FEW_COLUMNS = 10_000, 12
PASTED_ROWS = 103
KEYS = 60
STEPS = 120
MOST_SECONDS = 5.0
"""How long opening, keys and scrolling may each be repeated."""
BUDGET = {
    "open_ms": 500,
    "key_painted_ms": 16,
    "paste_checked_ms": 1_000,
    "blank_frames": 0,
    "memory_mb": 150,
}
READY = """
new Promise(done => { const look = () => document.querySelector('.sheet-holder.is-live .sheet-cell')
    ? painted.port2.postMessage(0) : requestAnimationFrame(look)
    const painted = new MessageChannel(); painted.port1.onmessage = () => done(performance.now()); look() })
"""
WATCH_KEYS = """() => {
    window.times = []
    const painted = new MessageChannel()
    let work = 0, begun = 0
    painted.port1.onmessage = () => window.times.push([work, performance.now() - begun])
    window.addEventListener('keydown', event => { begun = event.timeStamp
        queueMicrotask(() => undefined)
        setTimeout(() => undefined)
        requestAnimationFrame(() => painted.port2.postMessage(0)) }, true)
    window.addEventListener('keydown', () => { document.body.offsetHeight; work = performance.now() - begun })
    document.querySelector('.sheet-editor').addEventListener('keydown', () => {
        document.body.offsetHeight; work = performance.now() - begun })
}"""
PASTE = """text => new Promise(done => {
    const data = new DataTransfer(); data.setData('text/plain', text)
    const begun = performance.now()
    document.activeElement.dispatchEvent(
        new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true}))
    const put = performance.now() - begun
    const look = () => document.querySelector('.check-line')
        ? done([put, performance.now() - begun]) : requestAnimationFrame(look)
    look() })"""
SCROLL = """([steps, most]) => new Promise(done => {
    const view = document.querySelector('.sheet'), body = document.querySelector('.sheet-body')
    const height = parseFloat(getComputedStyle(view.querySelector('.sheet-row')).height)
    let step = 0, blanks = 0, slowest = 0, last = performance.now()
    const end_at = last + most * 1000
    const check = () => {
        const now = performance.now(); if (step) slowest = Math.max(slowest, now - last); last = now
        const head = view.querySelector('.sheet-head').offsetHeight
        const drawn = new Set([...body.querySelectorAll('.sheet-row:not([hidden])')].map(
            row => Math.round(new DOMMatrix(getComputedStyle(row).transform).f / height)))
        const first = Math.floor(view.scrollTop / height)
        const end = Math.floor((view.scrollTop + view.clientHeight - head - 1) / height)
        for (let row = first; row <= end; row += 1) if (!drawn.has(row)) { blanks += 1; break }
        if (step++ >= steps || now > end_at) return done([blanks, slowest, step])
        view.scrollTop += (step % 10 === 0 ? 40 : 3) * height
        requestAnimationFrame(() => requestAnimationFrame(check)) }
    check() })"""


def measure(say: Callable[[str], object], *, rounds: int = 5) -> dict[str, Any]:
    """Everything, on an installation of its own."""
    with tempfile.TemporaryDirectory(prefix="yibiao-bench-") as folder, sync_playwright() as player:
        browser = player.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        house = House(pack_only(), Path(folder))
        try:
            return _measured(browser, house, say, rounds)
        finally:
            house.close()
            browser.close()


def _measured(
    browser: Browser, house: House, say: Callable[[str], object], rounds: int
) -> dict[str, Any]:
    say(f"{ROWS} × {COLUMNS}, {MANY_ROWS} × {FEW_COLUMNS}")
    tasks = {}
    for rows, columns, period in ((ROWS, COLUMNS, "2026-10"), (MANY_ROWS, FEW_COLUMNS, "2026-11")):
        house.system.write(ANYBODY, lambda work, n=columns: wide.published(work, n))  # type: ignore[misc]  # bound early on purpose
        tasks[columns] = house.system.write(
            ANYBODY,
            lambda work, r=rows, n=columns, p=period: wide.sent(work, COMMUNITIES[0], p, r, n),  # type: ignore[misc]  # as above
        )
    context = browser.new_context(viewport=DESK, locale="zh-CN")  # type: ignore[arg-type]  # width and height
    visitor = Visitor(context.new_page(), house)
    visitor.log_in("huian", "/account")
    say("open")
    found = _opening(visitor, f"/tasks/{tasks[COLUMNS]}", rounds)
    say("keys")
    found |= _keys(visitor.page)
    say("paste")
    found |= _paste(visitor.page)
    say("scroll")
    found |= _scroll(visitor, f"/tasks/{tasks[FEW_COLUMNS]}")
    return {"budget": BUDGET, **found, "within": _within(found)}


def _opening(visitor: Visitor, path: str, rounds: int) -> dict[str, float]:
    """From the press to the sheet painted; the first two visits fetch and compile scripts and are not counted."""
    whole, server, worked = [], [], []
    process = _Process(visitor.page)
    end = time.monotonic() + MOST_SECONDS
    for turn in range(rounds + 2):
        before = process.seconds()
        visitor.go(path)
        ready = visitor.page.evaluate(READY)
        answered = visitor.page.evaluate(
            "performance.getEntriesByType('navigation')[0].responseStart"
        )
        if turn > 1:
            whole.append(ready)
            server.append(answered)
            worked.append(1000 * (process.seconds() - before))
        if turn > 2 and time.monotonic() > end:
            break
    return {
        "open_ms": round(median(whole)),
        "open_server_ms": round(median(server)),
        "open_page_ms": round(median(w - s for w, s in zip(whole, server, strict=True))),
        "open_cpu_ms": round(median(worked)),
    }


class _Process:
    """The process that draws a page: what it has worked, what it holds."""

    def __init__(self, page: Page) -> None:
        browser = page.context.browser
        assert browser is not None
        self._session = browser.new_browser_cdp_session()

    def _drawing(self) -> dict[str, Any]:
        every = self._session.send("SystemInfo.getProcessInfo")["processInfo"]
        return max(
            (one for one in every if one["type"] == "renderer"), key=lambda one: one["cpuTime"]
        )

    def seconds(self) -> float:
        return float(self._drawing()["cpuTime"])

    def private_mb(self) -> float:
        """Memory of its own, without the pages that it shares with the browser's other processes."""
        told = Path(f"/proc/{self._drawing()['id']}/smaps_rollup").read_text(encoding="ascii")
        return sum(int(line.split()[1]) for line in told.splitlines() if line.startswith("Private_")) / 1024  # fmt: skip


def _keys(page: Page) -> dict[str, float]:
    """Arrows, typing over a cell, Enter: until the handlers and the layout are done, and until painted."""
    page.locator('.sheet-cell[data-at="3,4"]').click()
    page.evaluate(WATCH_KEYS)
    end = time.monotonic() + MOST_SECONDS
    for turn in range(KEYS // 6):
        if time.monotonic() > end:
            break
        for key in ("ArrowDown", "ArrowRight", str(turn % 9 + 1), "5", "Enter", "ArrowLeft"):
            page.keyboard.press(key)
            page.wait_for_timeout(30)
    times = page.evaluate("window.times")
    work = [one[0] for one in times if one[0] > 0]
    painted = [one[1] for one in times]
    return {
        "key_ms": round(median(work), 1),
        "key_p95_ms": round(quantiles(work, n=20)[-1], 1),
        "key_painted_ms": round(median(painted), 1),
        "key_painted_p95_ms": round(quantiles(painted, n=20)[-1], 1),
    }


def _paste(page: Page) -> dict[str, float]:
    """Five thousand cells over rows that are there and beyond; told when the first check is shown."""
    page.reload()
    page.evaluate(READY)
    page.locator('.sheet-cell[data-at="0,0"]').click()
    page.keyboard.press("Control+ArrowDown")
    for _ in range(3):
        page.keyboard.press("ArrowUp")
    line = ["新户", "甲类", "2026-11-05", "900", *["7"] * (COLUMNS - 5)]
    block = "\n".join("\t".join(line) for _ in range(PASTED_ROWS))
    put, checked = page.evaluate(PASTE, block)
    return {
        "pasted_cells": PASTED_ROWS * len(line),
        "paste_ms": round(put),
        "paste_checked_ms": round(checked),
    }


def _scroll(visitor: Visitor, path: str) -> dict[str, float]:
    """Ten thousand rows, three at a frame and now and then a screen and a half; heap after collecting."""
    visitor.go(path)
    page = visitor.page
    page.evaluate(READY)
    blanks, slowest, steps = page.evaluate(SCROLL, [STEPS, MOST_SECONDS])
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    heap = session.send("Runtime.getHeapUsage")["usedSize"]
    return {
        "blank_frames": blanks,
        "scrolled_steps": steps,
        "slowest_step_ms": round(slowest),
        "heap_mb": round(heap / 2**20, 1),
        "memory_mb": round(_Process(page).private_mb(), 1),
    }


def _within(found: Mapping[str, float]) -> dict[str, bool]:
    return {name: found[name] <= limit for name, limit in BUDGET.items()}
