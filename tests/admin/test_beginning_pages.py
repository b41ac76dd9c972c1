"""The first hour of a county's own installation: every empty page says what comes next."""

from collections.abc import Callable, Iterator

import pytest
from litestar.testing import TestClient

from admin import beginning, migrate, packs
from admin.app import create_app
from engine.settings import Settings
from engine.work import System
from tests.admin.conftest import Caller

LIST = "370686,栖霞市\n370686001,翠屏街道\n370686001001,霞光路社区居委会\n"
Come = Callable[[str], Caller]


@pytest.fixture(scope="module")
def come(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Come]:
    """One of the four administrators, logged in."""
    folder = tmp_path_factory.mktemp("county")
    beginning.write(LIST.encode(), folder / "pack")
    settings = Settings(data_dir=str(folder / "var"))
    system = System(settings)
    migrate.upgrade(system.database)
    passwords = packs.load(system, folder / "pack").passwords
    with TestClient(create_app(settings, system)) as client:
        yield lambda login: Caller(client, login, passwords[login])
    system.close()


def test_every_administrator_begins_at_a_page_of_their_own(come: Come) -> None:
    """Not at a form for another password."""
    homes = {
        "designer": "/forms",
        "anquan": "/accounts",
        "shenji": "/audit",
        "xitong": "/organisations",
    }
    for login, home in homes.items():
        caller = come(login)
        assert caller.get("/").headers["location"] == home
        assert caller.get(home).status_code == 200


def test_empty_lists_say_what_comes_next(come: Come) -> None:
    """Before the first form there is a way to one; before the first office, whom to ask for it."""
    designer = come("designer")
    assert "还没有表单" in designer.get("/forms").text
    assert "没有符合条件的内容" in designer.get("/forms?q=nothing").text
    assert "请安全管理员先在“账户”里" in designer.get("/forms/upload").text
    auditor = come("shenji")
    assert "还没有报出的表" in auditor.get("/records").text
    assert "没有您能看的台账" in auditor.get("/ledgers").text


def test_an_account_is_never_given_a_position_by_oversight(come: Come) -> None:
    """None is chosen beforehand; the first one made opens the upload to the designer."""
    security = come("anquan")
    fields = {"name": "王民", "login": "wangmin", "organisation": "栖霞市民政局"}
    assert '<option value="">请选择岗位</option>' in security.get("/accounts/new").text
    assert security.press("/accounts/new", **fields, role="").status_code >= 400
    assert security.press("/accounts/new", **fields, role="department").status_code == 200
    assert "请安全管理员先在“账户”里" not in come("designer").get("/forms/upload").text
