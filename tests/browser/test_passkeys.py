"""Passkeys in a browser, by its virtual authenticator: made, asked for after the password, and alone."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.house import DESK, House, Visitor
from tests.installed import pack_only


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house that people reach as localhost, where browsers keep passkeys."""
    found = House(pack_only(), tmp_path_factory.mktemp("keys"))
    found.url = found.url.replace("127.0.0.1", "localhost")
    object.__setattr__(found.system.settings, "base_url", found.url)
    yield found
    found.close()


class Device:
    """A browser with a key of its own."""

    def __init__(self, chrome: Browser, house: House, *, verifies: bool = True) -> None:
        self.context = chrome.new_context(viewport=DESK, locale="zh-CN")  # type: ignore[arg-type]  # width and height
        self.page: Page = self.context.new_page()
        self.visitor = Visitor(self.page, house)
        self.devtools = self.context.new_cdp_session(self.page)
        self.devtools.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
            "hasUserVerification": True, "isUserVerified": verifies,
            "automaticPresenceSimulation": True,
        }  # fmt: skip
        made = self.devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        self.id = made["authenticatorId"]

    def keys(self) -> list[dict[str, Any]]:
        """What the device keeps."""
        found = self.devtools.send("WebAuthn.getCredentials", {"authenticatorId": self.id})
        return list(found["credentials"])


def enrol(device: Device, login: str) -> list[str]:
    """A passkey for somebody; gives the recovery codes."""
    device.visitor.log_in(login, "/account/factors")
    page = device.page
    page.fill("#passkey-password", device.visitor.house.passwords[login])
    page.locator("form[action$='passkey/begin'] button").click()
    page.fill("#name", "办公电脑")
    page.get_by_role("button", name="添加", exact=True).click()
    expect(page.get_by_text("已生效")).to_be_visible()
    expect(page.locator("strong", has_text="办公电脑")).to_be_visible()
    return page.locator(".codes code").all_inner_texts()


def test_a_passkey_is_made_asked_for_and_logs_in_alone(chrome: Browser, house: House) -> None:
    """After the password it is the second factor; alone it is both; another's opens nothing."""
    device = Device(chrome, house)
    page = device.page
    codes = enrol(device, "huian")
    assert (len(codes), len(device.keys())) == (10, 1)
    device.visitor.go("/account")
    page.context.clear_cookies()
    device.visitor.go("/login?next=/account")
    page.fill("#login", "huian")
    page.fill("#password", house.passwords["huian"])
    page.get_by_role("button", name="登录", exact=True).click()
    page.wait_for_url("**/login/factor**")
    page.get_by_role("button", name="用通行密钥登录").click()
    page.get_by_role("button", name="继续").click()
    page.wait_for_url(f"{house.url}/account")
    assert device.keys()[0]["signCount"] > 1
    page.context.clear_cookies()
    device.visitor.go("/login?next=/account")
    page.get_by_role("button", name="用通行密钥登录").click()
    page.get_by_role("button", name="继续").click()
    page.wait_for_url(f"{house.url}/account")
    expect(page.locator("dd").filter(has_text="huian")).to_be_visible()
    assert device.visitor.wrong == []
    device.context.close()


def test_a_device_without_a_key_is_told_so_and_other_ways_stay(
    chrome: Browser, house: House
) -> None:
    """The page says what may have happened, and leads back."""
    device = Device(chrome, house)
    page = device.page
    device.visitor.go("/login")
    page.get_by_role("button", name="用通行密钥登录").click()
    page.get_by_role("button", name="继续").click()
    expect(page.locator("#passkey-failed")).to_be_visible()
    page.get_by_role("link", name="返回").click()
    page.wait_for_url(f"{house.url}/login")
    device.context.close()


def test_a_copied_device_is_found_out(chrome: Browser, house: House) -> None:
    """A key whose count of uses falls back is a copy, and is refused."""
    device = Device(chrome, house)
    page = device.page
    enrol(device, "shangyao")
    (key,) = device.keys()
    device.devtools.send("WebAuthn.clearCredentials", {"authenticatorId": device.id})
    page.context.clear_cookies()
    for count, lets_in in ((50, True), (3, False)):
        copy = {**key, "signCount": count}
        device.devtools.send(
            "WebAuthn.addCredential", {"authenticatorId": device.id, "credential": copy}
        )
        device.visitor.go("/login?next=/account")
        page.get_by_role("button", name="用通行密钥登录").click()
        device.visitor.expected.add(401)
        page.get_by_role("button", name="继续").click()
        if lets_in:
            page.wait_for_url(f"{house.url}/account")
        else:
            expect(page.get_by_text("没有通过")).to_be_visible()
        page.context.clear_cookies()
        device.devtools.send("WebAuthn.clearCredentials", {"authenticatorId": device.id})
    device.context.close()
