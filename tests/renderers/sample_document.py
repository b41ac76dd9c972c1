"""Documents as the application hands them to a renderer."""

from datetime import UTC, datetime
from decimal import Decimal

from renderers.contract import Cell, Column, Document, Item, Row, Section, SignOff, Table


def roster_table(rows: int = 12) -> Table:
    """A roster with a three-level header and a total."""
    columns = (
        Column(("序号",), align="center"),
        Column(("基本信息", "姓名")),
        Column(("基本信息", "证件", "身份证号")),
        Column(("基本信息", "证件", "性别"), align="center"),
        Column(("发放情况", "金额", "本月"), unit="元", align="right"),
        Column(("发放情况", "金额", "累计"), unit="元", align="right"),
        Column(("发放情况", "合计"), unit="元", align="right"),
    )
    lines = tuple(
        Row(
            (
                Cell(str(n), n),
                Cell(f"王秀{n}", f"王秀{n}", source="高龄老人月报 2026-10"),
                Cell(f"37060219410302{n:04d}"),
                Cell("女"),
                Cell("100.00", Decimal("100.00")),
                Cell("1100.00", Decimal(1100)),
                Cell("1200.00", Decimal(1200)),
            )
        )
        for n in range(1, rows + 1)
    )
    total = Row(
        (Cell("合计"), Cell(), Cell(), Cell(), Cell(f"{rows * 100}.00", Decimal(rows * 100)),
         Cell(f"{rows * 1100}.00", Decimal(rows * 1100)),
         Cell(f"{rows * 1200}.00", Decimal(rows * 1200)))
    )  # fmt: skip
    return Table(columns, lines, (total,), title="花名册", unit="元", note="注：含本月新增。")


def monthly(rows: int = 12) -> Document:
    """A monthly report, approved."""
    return Document(
        title="高龄老人情况月报表",
        titles={"en": "Monthly report on the very old"},
        organisation="惠安社区居民委员会",
        period="2026年11月",
        unit="人、元",
        sections=(
            Section(
                "一、人口",
                (
                    Item("户籍人口", Cell("5821", 5821, source="公安户籍 2026-11-01"), unit="人"),
                    Item("80周岁以上老人", Cell("213", 213), unit="人"),
                    Item("其中：独居", Cell("37", 37), unit="人"),
                    Item(
                        "备注", Cell("本月新增 3 人，均已入户核实；减少 1 人（迁出）。"), wide=True
                    ),
                ),
            ),
            Section("二、名册", tables=(roster_table(rows),)),
        ),
        sign_offs=(
            SignOff("填报", "李小红", datetime(2026, 11, 23, 1, 20, tzinfo=UTC)),
            SignOff("审核", "张建国", datetime(2026, 11, 23, 7, 5, tzinfo=UTC)),
            SignOff("审批", "刘主任", datetime(2026, 11, 24, 0, 30, tzinfo=UTC)),
        ),
        blocks={
            "legal_number": "烟民统1表",
            "legal_issuer": "烟台市民政局",
            "legal_approval": "烟统函〔2026〕12号",
            "legal_valid": "2027年12月",
            "leader": "刘主任",
            "preparer": "李小红",
            "phone": "0535-6000000",
            "date": "2026年11月24日",
            "notes": "1. 年龄按报告期末计算。\n2. 金额保留两位小数。",
        },
        form_code="civil.elderly_monthly",
        form_version=3,
        record_id="R-2026-11-370602011001-0007",
        record_version=2,
        verify_url="http://127.0.0.1:8000/v/R-2026-11-370602011001-0007/2",
        content_hash="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    )
