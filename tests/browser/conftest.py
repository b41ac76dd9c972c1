"""Browsers at a running house: one Chromium for all, an installation of its own for each file."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, expect, sync_playwright

from tests.browser.house import ARGUMENTS, DESK, PHONE, House, Visitor, chromium
from tests.installed import with_people

Come = Callable[..., Visitor]
expect.set_options(timeout=10_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here drives Chromium."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A step of a story cannot be lived when an earlier one failed."""
    module = item.getparent(pytest.Module)
    failed = getattr(module, "failed_step", "")
    if failed and getattr(item.module, "STEPS", False):
        pytest.skip(f"{failed} failed before")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """A failed test leaves a picture of every page it had open."""
    report = yield
    if report.when == "call" and report.failed:
        setattr(item.getparent(pytest.Module), "failed_step", item.name)  # noqa: B010 - pytest's own object
        folder = item.config._tmp_path_factory.getbasetemp()
        for number, visitor in enumerate(getattr(item, "visitors", ())):
            picture = folder / f"{item.name}-{number}-{visitor.login}.png"
            try:
                visitor.page.screenshot(path=picture, full_page=True, timeout=5000)
            except Exception as gone:  # noqa: BLE001 - a page that is gone has no picture
                report.sections.append((f"page of {visitor.login}", str(gone)))
            else:
                report.sections.append(
                    (f"page of {visitor.login}", f"{visitor.page.url} {picture}")
                )
    return report


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Playwright, on the machine's own Chromium."""
    with sync_playwright() as found:
        yield found


@pytest.fixture(scope="session")
def chrome(playwright: Playwright) -> Iterator[Browser]:
    """One browser for the whole run."""
    browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The Yantai pack with its people, served."""
    found = House(with_people(), tmp_path_factory.mktemp("house"))
    yield found
    found.close()


@pytest.fixture
def come(request: pytest.FixtureRequest, chrome: Browser, house: House) -> Iterator[Come]:
    """Somebody comes with a browser of their own: `come("huian", phone=True)`; what went wrong is told."""
    visitors: list[Visitor] = []
    request.node.visitors = visitors

    def arrive(login: str = "", *, phone: bool = False, path: str = "/") -> Visitor:
        context = chrome.new_context(
            viewport=PHONE if phone else DESK,  # type: ignore[arg-type]  # width and height
            has_touch=phone,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            accept_downloads=True,
        )
        context.set_default_timeout(10_000)
        visitor = Visitor(context.new_page(), house)
        visitors.append(visitor)
        if login:
            visitor.log_in(login, path)
        return visitor

    yield arrive
    for visitor in visitors:
        visitor.page.context.close()
    for visitor in visitors:
        visitor.quiet()
