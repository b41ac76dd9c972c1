"""What kind of value belongs in a cell: from formats, validations, samples, units and the words above."""

import re
from collections import Counter
from collections.abc import Sequence

from forms.importers.excel.files import formats
from forms.importers.excel.files.grid import Cell, Grid
from forms.importers.excel.labels import words

_COUNTED = "人 户 个 家 所 处 座 栋 幢 间 套 台 辆 艘 只 头 羽 匹 株 棵 根 张 份 件 项 次 本 册 篇 条 场 批 宗 例 起 名 床 眼 人次"
_COUNT_UNITS = frozenset(_COUNTED.split(" "))
_DATE_WORDS = re.compile(r"(?:日期|出生年月|时间|年月日?)$")
_TEXT_WORDS = re.compile(
    r"(?:名称|姓名|地址|住址|备注|说明|情况|意见|证号|号码|电话|手机|传真|编码|代码|编号|邮箱|邮编|原因|内容|负责人|联系人|类型|类别|性质|民族|性别|签名|签字|签章|单位|部门)(?:[（(].*[)）])?$"
)
_REMARK = re.compile(r"(?:备注|说明|情况|意见|原因|名称|日期|时间|负责人|联系人|电话|附注)")
_NAMED = re.compile(
    r"(?:型号|规格|地点|地址|住址|位置|责任人|经办人|联系人|姓名|手机|号码|编号|证号|措施|内容|时限|期限|要求|依据|结果|对象|方式|变更[前后](?:信息|内容|事项)?|[原现](?:登记|许可)?(?:信息|内容|事项))(?:[（(].*[)）])?$"
)
_NUMBER_WORDS = re.compile(
    r"(?:金额|数量|人数|户数|个数|面积|产量|产值|收入|支出|总额|总数|合计|小计|总计|单产|价格|年龄|次数|余额|比例|比重|增速|增减|率|数|量|额)(?:[（(].*[)）])?$"
)


def type_of(
    grid: Grid, cells: Sequence[Cell], label: str, unit: str | None, *, counted: bool = False
) -> tuple[str, str | None, tuple[str, ...]]:
    """JSON type, format and choices; `counted` cells belong to a table of figures."""
    ruled = _by_rule(grid, cells)
    if ruled is not None:
        return ruled
    choices = next((c for cell in cells if (c := _choices(cell))), ())
    if choices:
        return "string", None, choices
    sampled = _by_samples([cell for cell in cells if not cell.blank])
    if sampled is not None:
        return (*sampled, ())
    formatted = _by_format(cells)
    if formatted is not None:
        return (*formatted, ())
    kind, format_ = _by_words(label, unit)
    if counted and kind == "string" and counts(label):
        return "number", None, ()
    return kind, format_, ()


def counts(label: str) -> bool:
    """Whether a heading over figures may itself stand over figures; a name or a remark does not."""
    bare = words.unit_of(label)[0]
    return not (_REMARK.search(bare) or _NAMED.search(bare))


def _choices(cell: Cell) -> tuple[str, ...]:
    from forms.importers.excel.shapes.cards import choices_of

    return choices_of(cell.text)


def _by_rule(grid: Grid, cells: Sequence[Cell]) -> tuple[str, str | None, tuple[str, ...]] | None:
    for rule in grid.rules:
        if rule.type == "none":
            continue
        for cell in cells:
            if any(
                span.top <= cell.row <= span.bottom and span.left <= cell.col <= span.right
                for span in rule.spans
            ):
                if rule.type == "list" and rule.choices:
                    return "string", None, rule.choices
                known = {"whole": "integer", "decimal": "number", "date": "string"}
                if rule.type in known:
                    return known[rule.type], "date" if rule.type == "date" else None, ()
    return None


def _by_samples(cells: list[Cell]) -> tuple[str, str | None] | None:
    # a formula that no program has reckoned yet says nothing about its kind
    written = [c for c in cells if not words.is_closed(c.text) and c.kind not in ("error", "blank")]
    if not written:
        return None
    kinds = Counter(_kind(cell) for cell in written)
    kind, count = kinds.most_common(1)[0]
    if kinds.keys() <= {"integer", "number"}:
        return ("number", None) if kinds["number"] else ("integer", None)
    if count < 0.8 * len(written):
        numeric = kinds["integer"] + kinds["number"]
        return ("number", None) if numeric >= 0.8 * len(written) else ("string", None)
    if kind == "date":
        return "string", "date"
    return (kind, None) if kind != "text" else ("string", None)


def _kind(cell: Cell) -> str:
    if cell.kind == "date" or (
        cell.kind == "text"
        and re.fullmatch(r"\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?", cell.text.strip())
    ):
        return "date"
    if cell.kind == "bool":
        return "boolean"
    text = cell.text.strip().replace(",", "")
    if cell.kind == "number":
        return "integer" if isinstance(cell.value, int) else "number"
    if re.fullmatch(r"-?\d{1,14}", text) and not re.fullmatch(r"0\d+", text) and len(text) < 11:
        return "integer"
    if re.fullmatch(r"-?\d+\.\d+%?", text):
        return "number"
    return "text"


def _by_format(cells: Sequence[Cell]) -> tuple[str, str | None] | None:
    for cell in cells:
        code = cell.look.format
        if code in ("General", "@", ""):
            continue
        if formats.kind_of(code) == "date":
            return "string", "date"
        if re.search(r"0\.0|%", code):
            return "number", None
        if re.fullmatch(r"#?,?#?#?0+(?:_.*)?", code):
            return "integer", None
    return None


def _by_words(label: str, unit: str | None) -> tuple[str, str | None]:
    bare, own = words.unit_of(label)
    if unit or own:
        return ("integer", None) if (unit or own) in _COUNT_UNITS else ("number", None)
    if _DATE_WORDS.search(bare):
        return "string", "date"
    if _TEXT_WORDS.search(bare):
        return "string", None
    if _NUMBER_WORDS.search(bare) or words.is_total(bare):
        return "number", None
    return "string", None
