"""Two presses at once, a line that breaks in the middle: on a real server, since only there it happens."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from forms import store as forms
from forms.filing import Edit
from tests import installed
from tests.admin import reports
from tests.admin.test_bad_input import nothing_written, rows
from tests.browser.house import House
from workflows import commands, store


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """The pack without people, served."""
    found = House(installed.pack_only(), tmp_path / "data")
    yield found
    found.close()


def logged_in(house: House, login: str) -> httpx.Client:
    """Somebody with a session and its token."""
    client = httpx.Client(base_url=house.url, timeout=30)
    answer = client.post("/api/session", json={"login": login, "password": house.passwords[login]})
    client.headers["x-csrf-token"] = answer.json()["csrf"]
    return client


def ready(house: House) -> str:
    """A task of `huian` in which nothing is missing."""
    reports.sent(house.system, installed.COMMUNITIES[:1])
    task = house.does("huian", lambda work: store.tasks_of(work)[0].id)
    record = house.does("huian", lambda work: commands.open_task(work, task)).record
    with house.system.read(installed.ANYBODY) as work:
        items = forms.published(work.connection, reports.FORM, 1).items
    asked = {item.path: 0 for item in items if item.required and not item.table}
    house.does(
        "huian",
        lambda work: commands.save_cells(
            work, record.id, Edit(record.revision, asked), language="zh"
        ),
    )
    return str(task)


def test_submitting_twice_at_once_is_submitted_once(house: House) -> None:
    """Four presses in the same moment: one hands in, the others are told that it is done, on the list."""
    task = ready(house)
    client = logged_in(house, "huian")
    before = rows(house.system)

    def press(_: int) -> int:
        return client.post(f"/tasks/{task}", data={"action": "submit"}).status_code

    with ThreadPoolExecutor(4) as pool:
        statuses = sorted(pool.map(press, range(4)))
    assert statuses == [303, 303, 303, 303]
    after = rows(house.system)
    assert after["task"] - before["task"] == 1
    once = client.post(f"/tasks/{task}", data={"action": "submit"})
    assert (once.status_code, once.headers["location"]) == (303, "/")
    assert "您已经办好了" in client.get("/").text
    assert rows(house.system) == after


@pytest.mark.parametrize("sent", [0, 100, 5000])
def test_an_upload_cut_in_the_middle_leaves_nothing(house: House, sent: int) -> None:
    """The line breaks before all bytes came: no draft, no file, and the server goes on."""
    client = logged_in(house, "designer")
    host, port = house.url.removeprefix("http://").split(":")
    body = (
        b'--x\r\ncontent-disposition: form-data; name="csrf"\r\n\r\n'
        + client.headers["x-csrf-token"].encode()
        + b'\r\n--x\r\ncontent-disposition: form-data; name="owner"\r\n\r\n370602-mzj\r\n'
        b'--x\r\ncontent-disposition: form-data; name="file"; filename="a.xlsx"\r\n\r\n'
        + b"PK\x03\x04"
        * 5000
    )
    cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    head = (
        f"POST /forms/upload HTTP/1.1\r\nhost: {host}\r\ncookie: {cookies}\r\n"
        f"content-type: multipart/form-data; boundary=x\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    with nothing_written(house.system):
        with socket.create_connection((host, int(port)), timeout=5) as line:
            line.sendall(head.encode() + body[:sent])
            line.shutdown(socket.SHUT_WR)
            line.settimeout(5)
            assert b" 200 " not in line.recv(100)
        assert client.get("/forms").status_code == 200


def test_a_save_cut_in_the_middle_saves_nothing(house: House) -> None:
    """Half of a JSON body is not saved as half of the cells."""
    ready(house)
    client = logged_in(house, "huian")
    with house.system.read(installed.person(house.system, "huian")) as work:
        document = store.tasks_of(work)[0].document_id
    host, port = house.url.removeprefix("http://").split(":")
    cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    body = b'{"revision": 99, "changes": {"/births": 5}}'
    head = (
        f"PATCH /api/documents/{document}/cells HTTP/1.1\r\nhost: {host}\r\ncookie: {cookies}\r\n"
        f"x-csrf-token: {client.headers['x-csrf-token']}\r\ncontent-type: application/json\r\n"
        f"content-length: {len(body) + 500}\r\n\r\n"
    )
    with nothing_written(house.system):
        with socket.create_connection((host, int(port)), timeout=5) as line:
            line.sendall(head.encode() + body)
            line.shutdown(socket.SHUT_WR)
            line.settimeout(5)
            line.recv(100)
        assert client.get(f"/api/documents/{document}").json()["values"]["births"] == 0
