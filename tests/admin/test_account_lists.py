"""Accounts from a list: shown line by line, made at once or not at all, given twice without harm."""

import html
import io
import re
import time
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.styles import Border, Side

from admin.web.html import text
from engine.errors import Problem
from engine.identity import account_lists
from engine.identity.account_lists import COLUMNS
from engine.work import System
from tests import installed
from tests.admin.conftest import Caller

HEAD = "姓名\t登录名（可不填）\t单位\t岗位\t截止日期\n"
LIST = (
    HEAD + "张建国\t\t惠安社区居民委员会\t填报人\t\n"
    "李秀英\t\t世回尧街道办事处\t审核人\t2099年6月30日\n"
    "李秀英\t\t世回尧街道办事处\t负责人\t\n"
    "张建国\t\t370602011002\t填报人\t\n"
)


def _shown(keeper: Caller, lines: str) -> str:
    answer = keeper.press("/accounts/list", lines=lines)
    assert answer.status_code in {200, 201}, answer.text
    return answer.text


def _kept(page: str) -> str:
    found = re.search(r'name="lines" value="([^"]*)"', page)
    assert found is not None
    return html.unescape(found[1])


def _made(keeper: Caller, page: str) -> str:
    answer = keeper.press("/accounts/list/made", lines=_kept(page))
    assert answer.status_code in {200, 201}, answer.text
    return answer.text


def _nobody(system: System, *logins: str) -> bool:
    for login in logins:
        try:
            installed.person(system, login)
        except Problem:
            continue
        return False
    return True


def test_everybody_of_a_list_can_log_in_with_what_the_slip_says(
    log_in: Any, visitor: Any, system: System
) -> None:
    """One account for several positions at one place; namesakes elsewhere are somebody else."""
    keeper = log_in("anquan")
    page = _shown(keeper, LIST)
    assert _nobody(system, "zhangjianguo", "lixiuying")
    made = _made(keeper, page)
    slips = dict(re.findall(r"<code>([a-z0-9]+)</code>.*?<code>([^<]+)</code>", made))
    assert set(slips) == {"zhangjianguo", "zhangjianguo2", "lixiuying"}
    person = Caller(visitor, "lixiuying", slips["lixiuying"])
    assert person.get("/").headers["location"] == "/account/password"
    roles = {post.role for post in installed.person(system, "lixiuying").posts}
    assert roles == {"verifier", "leader"}
    assert slips["lixiuying"] not in keeper.get("/accounts?q=lixiuying").text


def test_a_list_given_again_changes_nothing(log_in: Any, system: System) -> None:
    """Neither by mistake nor because somebody was added to it since."""
    keeper = log_in("anquan")
    _made(keeper, _shown(keeper, LIST))
    again = _shown(keeper, LIST)
    assert 'action="/accounts/list/made"' in again
    assert "没有新的" in again
    more = _shown(keeper, LIST + "王小明\t\t惠安社区居民委员会\t填报人\t\n")
    assert len(re.findall("<code>", _made(keeper, more))) == 2  # a log-in and a password
    assert _nobody(system, "zhangjianguo3", "lixiuying2")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("王五\t\t没有的单位\t填报人\t", "全称或代码"),
        ("王五\t\t社区\t填报人\t", "相近的"),
        ("王五\t\t惠安社区居民委员会\t司令\t", "没有这个岗位"),
        ("\t\t惠安社区居民委员会\t填报人\t", "登录名要以小写字母开头"),
        ("王五\t王五\t惠安社区居民委员会\t填报人\t", "登录名要以小写字母开头"),
        ("王五\thuian\t惠安社区居民委员会\t填报人\t", "已有人用"),
        ("王五\t\t惠安社区居民委员会\t填报人\t下个月", "2026-12-31"),
        ("王五\t\t惠安社区居民委员会\t填报人\t2001-01-01", "早于今天"),
        ("王五\twangwu\t370602\t系统管理员\t\n王五\twangwu\t370602\t审计员\t", "兼任"),
        ("<b>王五</b>\t\t<script>\t填报人\t", "全称或代码"),
    ],
)
def test_one_wrong_line_is_told_and_none_is_written(
    log_in: Any, system: System, line: str, told: str
) -> None:
    """Beside the line; the whole list can be mended on the page."""
    keeper = log_in("anquan")
    page = _shown(keeper, LIST + line + "\n")
    assert told in page
    assert "<script>" not in page
    assert "就这样建" not in page
    anyway = keeper.press("/accounts/list/made", lines=_kept(page))
    assert told in anyway.text
    assert _nobody(system, "zhangjianguo", "lixiuying", "wangwu")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_headings_that_the_page_shows_are_those_it_reads(language: str) -> None:
    """Who copies them from the example, or mends the list on the page, is understood."""
    heads = {n: text(language, f"accounts.list.{name}") for n, name in enumerate(COLUMNS)}
    told = dict(enumerate(COLUMNS))
    (line,) = account_lists.read([(1, heads), (2, told)])
    assert [getattr(line, name) for name in COLUMNS] == list(COLUMNS)


def test_a_workbook_is_a_list_too(log_in: Any, system: System) -> None:
    """With a title above the headings, days as days, in any order of columns."""
    book = Workbook()
    sheet = book.active
    sheet.append(["世回尧街道人员名单"])
    sheet.append(["序号", "单 位", "岗位", "姓名", "到期日期"])
    sheet.append([1, "惠安社区居民委员会", "填报人", "张建国", "2099/1/2"])
    content = io.BytesIO()
    book.save(content)
    keeper = log_in("anquan")
    sheet_file = {"sheet": ("名单.xlsx", content.getvalue())}
    answer = keeper.send("POST", "/accounts/list", data={"csrf": keeper.token}, files=sheet_file)
    assert "2099-01-02" in answer.text, answer.text
    _made(keeper, answer.text)
    assert installed.person(system, "zhangjianguo").posts


@pytest.mark.parametrize(
    "lines", ["", "  \n", "张建国", "姓名\t单位\n张建国\t惠安社区居民委员会\n", "\x00\x00"]
)
def test_what_is_no_list_is_refused(log_in: Any, lines: str) -> None:
    """With what a list looks like."""
    answer = log_in("anquan").press("/accounts/list", lines=lines)
    assert 400 <= answer.status_code < 500


def test_a_list_has_an_end(log_in: Any) -> None:
    """More than is hashed while somebody waits is refused, with what to do."""
    lines = HEAD + "".join(f"张三\tzhang{n}\t370602\t填报人\t\n" for n in range(501))
    answer = log_in("anquan").press("/accounts/list", lines=lines)
    assert answer.status_code == 422
    assert "500" in answer.text


@pytest.mark.parametrize("kind", ["text", "workbook"])
def test_what_is_too_long_is_not_read_to_its_end(log_in: Any, kind: str) -> None:
    """Sixty thousand lines are refused after the first thousand: in a blink, not in the seconds they take."""
    many = 60_000
    if kind == "text":
        content = (HEAD + "张三\tzhang\t370602\t填报人\t\n" * many).encode()
    else:
        book = Workbook(write_only=True)
        sheet = book.create_sheet()
        sheet.append(HEAD.split())
        for _ in range(many):
            sheet.append(("张三", "zhang", "370602", "填报人", ""))
        out = io.BytesIO()
        book.save(out)
        content = out.getvalue()
    keeper = log_in("anquan")
    spent = []
    for _ in range(3):  # the least counts: the first one also loads what reads lists
        begun = time.process_time()
        answer = keeper.send(
            "POST",
            "/accounts/list",
            data={"csrf": keeper.token},
            files={"sheet": ("名单", content)},
        )
        spent.append(time.process_time() - begun)
    assert min(spent) < 0.6
    assert answer.status_code == 422
    assert "最多 500 行" in answer.text


def test_blank_lines_are_no_lines(log_in: Any) -> None:
    """A short list with two thousand ruled blank lines below is a short list."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for values in (HEAD.split(), ("张建国", "zhangjg", "370602", "填报人")):
        sheet.append(values)
    for number in range(3, 2_003):
        sheet.cell(number, 1).border = Border(left=Side("thin"))
    out = io.BytesIO()
    book.save(out)
    keeper = log_in("anquan")
    answer = keeper.send(
        "POST",
        "/accounts/list",
        data={"csrf": keeper.token},
        files={"sheet": ("名单.xlsx", out.getvalue())},
    )
    assert answer.status_code == 200
    assert "zhangjg" in answer.text


def test_nobody_gives_themselves_a_position_by_a_list(log_in: Any, system: System) -> None:
    """No more than on the page of an account."""
    keeper = log_in("anquan")
    name = installed.person(system, "anquan").name
    page = _shown(keeper, HEAD + f"{name}\tanquan\t370602\t填报人\t\n")
    assert "自己" in page
    assert "就这样建" not in page
