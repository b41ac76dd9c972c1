"""The text of a notice, pasted as it was published, is the plan that the program ships for the year."""

import pytest

from engine.workdays.calendar import PlanInvalid, national
from engine.workdays.notice import NoticeUnread, read_notice

NOTICE_2026 = """国务院办公厅关于2026年部分节假日安排的通知

各省、自治区、直辖市人民政府，国务院各部委、各直属机构：
经国务院批准，现将2026年元旦、春节、清明节、劳动节、端午节、中秋节和国庆节放假调休日期的具体安排通知如下。
一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。
二、春节：2月15日（农历腊月二十八、周日）至23日（农历正月初七、周一）放假调休，共9天。2月14日（周六）、2月28日（周六）上班。
三、清明节：4月4日（周六）至6日（周一）放假，共3天。
四、劳动节：5月1日（周五）至5日（周二）放假调休，共5天。5月9日（周六）上班。
五、端午节：6月19日（周五）至21日（周日）放假，共3天。
六、中秋节：9月25日（周五）至27日（周日）放假，共3天。
七、国庆节：10月1日（周四）至7日（周三）放假调休，共7天。9月20日（周日）、10月10日（周六）上班。
鼓励单位和个人结合落实带薪年休假等制度，实际形成较长假期，推动错峰出行。
国务院办公厅
2025年11月4日"""
NOTICE_2017 = """现将2017年元旦、春节放假调休日期的具体安排通知如下。
一、元旦:1月1日放假,1月2日(星期一)补休。
二、春节:1月27日至2月2日放假调休,共7天。1月22日(星期日)、2月4日(星期六)上班。"""
NOTICE_2023 = """国务院办公厅关于2023年部分节假日安排的通知
一、元旦：2022年12月31日至2023年1月2日放假调休，共3天。"""


def test_the_notice_of_2026_gives_the_plan_of_2026() -> None:
    """Every day off and every day worked, none more."""
    shipped = next(plan for plan in national() if plan.year == 2026)
    read = read_notice(NOTICE_2026)
    assert read.breaks == shipped.breaks
    assert read.worked == shipped.worked


def test_older_wording_is_read_too() -> None:
    """Half-width marks, 补休, breaks over the end of a month or of a year."""
    plan = read_notice(NOTICE_2017)
    told = [(one.name, one.first.isoformat(), one.last.isoformat()) for one in plan.breaks]
    assert told == [
        ("元旦", "2017-01-01", "2017-01-01"),
        ("元旦", "2017-01-02", "2017-01-02"),
        ("春节", "2017-01-27", "2017-02-02"),
    ]
    assert [day.isoformat() for day in plan.worked] == ["2017-01-22", "2017-02-04"]
    assert read_notice(NOTICE_2023).breaks[0].first.isoformat() == "2022-12-31"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "放假",
        "2027年元旦放假",
        "现将2027年元旦安排如下。一、元旦：13月1日放假。",
        "年" * 30_000,
    ],
)
def test_what_is_no_notice_is_refused(text: str) -> None:
    """Nothing is guessed."""
    with pytest.raises((NoticeUnread, PlanInvalid)):
        read_notice(text)
