"""Sheets drawn at random with nested merged headers come back with exactly the paths they were drawn from."""

from collections.abc import Iterator

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from forms.importers.excel.files.grid import Cell, Grid, make_grid
from forms.importers.excel.propose import propose

THINGS = "人口 户数 耕地 林地 水田 旱地 小麦 玉米 水稻 生猪 肉牛 山羊 家禽 蔬菜 水果 茶园 党员 学生 教师 老人 儿童 残疾人 低保户 脱贫户 企业 商户 车辆 房屋 道路 桥梁"
MEASURES = "数量 面积 产量 金额 人数 比例 合计 男 女 本月 累计 上年同期 增减 其中：女 新增 减少 期末数 备注"
LABELS = [thing + measure for thing in THINGS.split() for measure in ("数量", "情况", "金额")]
LEAVES = MEASURES.split() + LABELS

Tree = tuple[str, tuple["Tree", ...]]


@st.composite
def trees(draw: st.DrawFn, depth: int = 3) -> Tree:
    """A label with none, or two to four, labels below."""
    if depth == 1 or draw(st.booleans()):
        return (draw(st.sampled_from(LEAVES)), ())
    below = draw(st.lists(trees(depth=depth - 1), min_size=2, max_size=4))
    return (draw(st.sampled_from(LABELS)), tuple(below))


def width(tree: Tree) -> int:
    return sum(width(one) for one in tree[1]) or 1


def height(tree: Tree) -> int:
    return 1 + max((height(one) for one in tree[1]), default=0)


def paths(tree: Tree, above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    label, below = tree
    if not below:
        yield (*above, label)
    for one in below:
        yield from paths(one, (*above, label))


def laid(tree: Tree, row: int, col: int, bottom: int) -> Iterator[Cell]:
    """The cells of a header: parents as wide as their children, leaves down to the bottom."""
    label, below = tree
    last = row if below else bottom
    yield Cell(row, col, label, label, "text", last - row + 1, width(tree))
    for one in below:
        yield from laid(one, row + 1, col, bottom)
        col += width(one)


def body(top: int, rows: int, cols: int, filled: bool) -> Iterator[Cell]:
    for row in range(top, top + rows):
        for col in range(1, cols + 1):
            if col == 1 and filled:
                yield Cell(row, col, f"第{row}村", f"第{row}村", "text")
            elif filled:
                yield Cell(row, col, str(row * col), row * col, "number")
            else:
                yield Cell(row, col)


def drawn(header: list[Tree], *, title: str, rows: int, filled: bool) -> Grid:
    depth = max(height(tree) for tree in header)
    cols = sum(width(tree) for tree in header)
    top = 2 if title else 1
    cells = [Cell(1, 1, title, title, "text", 1, cols)] if title else []
    col = 1
    for tree in header:
        cells.extend(laid(tree, top, col, top + depth - 1))
        col += width(tree)
    cells.extend(body(top + depth, rows, cols, filled))
    return make_grid("Sheet1", cells)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    first=st.sampled_from(["村别", "项目", "指标名称", "地区", "姓名"]),
    rest=st.lists(trees(), min_size=2, max_size=5),
    title=st.sampled_from(["", "农村基本情况统计表"]),
    rows=st.integers(min_value=2, max_value=8),
    filled=st.booleans(),
)
def test_nested_merged_headers_come_back_with_their_paths(
    first: str, rest: list[Tree], title: str, rows: int, filled: bool
) -> None:
    """Whatever the nesting, every column has the path it was drawn with, in its place."""
    header = [(first, ()), *rest]
    assume(
        any(leaves or word not in ("男", "女") for word, leaves in rest)
    )  # a person, and no heading
    found = propose(drawn(header, title=title, rows=rows, filled=filled))
    wanted = [path for tree in header for path in paths(tree)]
    assert [item.path for item in found.columns()] == wanted
    top = 2 if title else 1
    assert found.header.rows == (top, top + max(height(tree) for tree in header) - 1)
