"""A hundred thousand documents of forty items, as a ratio to the bare validator on the same schema."""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import jsonschema_rs

from engine.json_text import Json
from forms import compile as compiler
from forms import validate
from forms.compiled import CompiledForm
from forms.designing import design

ITEMS = 40
BATCH = 5_000
WRONG = 20
"""One document in so many has a mistake."""


@dataclass(frozen=True)
class Report:
    """Documents a second: the verdict alone, and with every mistake told in words."""

    documents: int
    ours: float
    told: float
    bare: float

    def to_json(self) -> dict[str, Json]:
        """For programs."""
        return {
            "documents": self.documents,
            "items": ITEMS,
            "verdict_per_second": round(self.ours),
            "with_problems_told_per_second": round(self.told),
            "bare_validator_per_second": round(self.bare),
            "ratio": round(self.ours / self.bare, 3),
            "ratio_with_problems_told": round(self.told / self.bare, 3),
        }


def measure(documents: int, say: Callable[[str], None] = lambda _: None) -> Report:
    """Validate in batches, ours and the bare validator in turns."""
    form = compiler.compile_form(_form(), {}, {})
    bare = jsonschema_rs.Draft202012Validator(dict(form.bundle))
    chance = random.Random(20261123)
    seconds = {"ours": 0.0, "told": 0.0, "bare": 0.0}
    for done in range(0, documents, BATCH):
        say(f"{done}/{documents}")
        batch = [_document(chance) for _ in range(min(BATCH, documents - done))]
        verdicts = {}
        for name, judge in _judges(form, bare).items():
            began = time.perf_counter()
            verdicts[name] = [judge(one) for one in batch]
            seconds[name] += time.perf_counter() - began
        if not verdicts["ours"] == verdicts["told"] == verdicts["bare"]:
            raise AssertionError("the verdicts differ")
    rates = {name: documents / taken for name, taken in seconds.items()}
    return Report(documents, rates["ours"], rates["told"], rates["bare"])


def _judges(form: CompiledForm, bare: Any) -> dict[str, Callable[[dict[str, Json]], bool]]:
    return {
        "ours": lambda one: validate.is_valid(form, one),
        "told": lambda one: not validate.problems(form, one),
        "bare": bare.is_valid,
    }


def _form() -> dict[str, Json]:
    """Names, choices, dates, whole numbers and amounts."""
    kinds: Sequence[dict[str, Json]] = (
        {"type": "integer", "minimum": 0, "maximum": 100_000},
        {"type": "number", "minimum": 0, "multipleOf": Decimal("0.01")},
        {"type": "string", "minLength": 1, "maxLength": 60},
        {"type": "string", "enum": ["1", "2", "9"]},
        {"type": "string", "pattern": "^[0-9]{6}$"},
    )
    properties = {
        f"item_{number:02d}": {**kinds[number % len(kinds)], "title": f"项目{number}"}
        for number in range(ITEMS)
    }
    form = design.empty("bench.validate", "四十项")
    return {**form, "properties": properties, "required": list(properties)[:30]}


def _document(chance: random.Random) -> dict[str, Json]:
    values: list[Callable[[], Json]] = [
        lambda: chance.randrange(100_000),
        lambda: Decimal(chance.randrange(10_000_000)) / 100,
        lambda: "惠安社区居民委员会" * chance.randint(1, 5),
        lambda: chance.choice("129"),
        lambda: f"{chance.randrange(1_000_000):06d}",
    ]
    made = {f"item_{number:02d}": values[number % len(values)]() for number in range(ITEMS)}
    if chance.randrange(WRONG) == 0:
        made["item_00"] = -1
    return made
