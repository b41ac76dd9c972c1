"""The difference of two versions of a form, in words."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from forms.diff import Change, diff
from tests.forms import samples

OLD = samples.compiled()


def changes(spoil: Callable[[dict[str, Any]], object]) -> list[Change]:
    document = samples.form()
    spoil(document)
    return diff(OLD, samples.compiled(document))


def test_a_form_does_not_differ_from_itself() -> None:
    """Compiled twice is the same."""
    assert diff(OLD, samples.compiled()) == []


@pytest.mark.parametrize(
    ("spoil", "kind", "path", "chinese"),
    [
        (lambda f: f["properties"].update(age={"type": "integer", "title": "年龄"}), "item.added", "/age", "新增「年龄」。"),
        (lambda f: f["properties"].pop("note"), "item.removed", "/note", "删去「备注」。"),
        (lambda f: f["properties"]["note"].update(title="说明"), "item.relabelled", "/note", "「备注」改名为「说明」。"),
        (lambda f: f["properties"].update(remark=f["properties"].pop("note")), "item.renamed", "/remark",
         "「备注」的内部名称改动（原为 /note），已填内容需要随之迁移。"),
        (lambda f: f["properties"]["note"].update(maxLength=5), "item.limit", "/note", "「备注」的最多字数由 20 改为 5。"),
        (lambda f: f["properties"]["male"].update(type="number"), "item.retyped", "/male", "「男」的类型由整数改为数字。"),
        (lambda f: f["required"].append("note"), "item.required", "/note", "「备注」改为必填。"),
        (lambda f: f["required"].remove("population"), "item.optional", "/population", "「户籍人口」改为选填。"),
        (lambda f: f["properties"]["kind"]["oneOf"].pop(), "item.options", "/kind", "「类型」的可选内容有变：去掉 b，增加 —。"),
        (lambda f: f["properties"]["note"].update(carry=True), "item.carry", "/note", "「备注」以后带出上期数。"),
        (lambda f: f["properties"]["crops"]["properties"].pop("r02") and f["form"]["checks"].pop(3), "row.removed", "/crops/r02",
         "表格「农作物」删去一行「其中：小麦」。"),
        (lambda f: f["form"].update(period="quarter"), "form.period", "", "报告期由「月报」改为「季报」。"),
        (lambda f: f["form"]["checks"].pop(0), "check.removed", "/form/checks/c1", "删去审核关系「合计等于男女之和」。"),
        (lambda f: f["form"]["checks"][0].update(severity="explain"), "check.severity", "/form/checks/c1",
         "审核关系「合计等于男女之和」由「强制」改为「核实」。"),
        (lambda f: f["form"]["checks"][0].update(formula="total >= male"), "check.formula", "/form/checks/c1",
         "审核关系「合计等于男女之和」的公式由「total = male + female」改为「total >= male」。"),
    ],
)  # fmt: skip
def test_a_difference_is_told_in_a_sentence(
    spoil: Callable[[dict[str, Any]], object], kind: str, path: str, chinese: str
) -> None:
    """What happened, where, from what to what."""
    found = [one for one in changes(spoil) if one.kind == kind]
    assert [(one.path, one.text("zh")) for one in found] == [(path, chinese)]
    assert not found[0].text("en").startswith("form.")
    assert "{" not in found[0].text("en")


def test_binding_rebinding_and_unbinding_are_told_apart() -> None:
    """What fills itself from now on, from another fact, or no longer."""
    bound = changes(lambda f: f["properties"].update(note={"$ref": "field:household.address"}))
    assert "item.bound" in [one.kind for one in bound]
    rebound = changes(
        lambda f: f["properties"]["phone"].update({"$ref": "field:household.address"})
    )
    assert "「值班电话」由数据项「联系电话」改绑「住址」。" in [one.text() for one in rebound]
    unbound = changes(
        lambda f: f["properties"].update(phone={"type": "string", "title": "值班电话"})
    )
    assert "item.unbound" in [one.kind for one in unbound]


def test_a_new_version_of_a_field_is_a_difference() -> None:
    """Even though the form's own text did not change."""
    field = replace(samples.FIELDS["person.name"], version=2)
    newer = samples.compiled(fields={**samples.FIELDS, "person.name": field})
    (change,) = diff(OLD, newer)
    assert change.text() == "「姓名」所用数据项「姓名」由第 1 版更新到第 2 版。"


def test_what_old_documents_may_not_survive_is_marked() -> None:
    """Removing breaks; adding something optional does not."""
    assert next(one.breaking for one in changes(lambda f: f["properties"].pop("note")))
    added = changes(lambda f: f["properties"].update(x={"type": "string", "title": "新"}))
    assert not any(one.breaking for one in added)


def test_what_is_added_is_no_change_of_the_order() -> None:
    """A new item is told as new; only what both versions have can be parted or ordered anew."""
    more = samples.form()
    more["properties"]["extra"] = {"type": "string", "title": "补充"}
    more["form"]["sections"][0]["items"].append("extra")
    kinds = [one.kind for one in diff(samples.compiled(), samples.compiled(more))]
    assert kinds == ["item.added"]
    turned = samples.form()
    turned["form"]["sections"][0]["items"].reverse()
    (change,) = diff(samples.compiled(), samples.compiled(turned))
    assert (change.kind, change.label["zh"]) == ("sections", samples.compiled().title("zh"))
