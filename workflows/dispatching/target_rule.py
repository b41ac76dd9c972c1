"""Which organisations a rule means: `population >= 3000`, over what the registers know of them today."""

from collections.abc import Sequence

from sqlalchemy import select

from engine.dictionary.store import Dictionary, dictionary
from engine.formula.document import Document
from engine.formula.evaluate import evaluate
from engine.formula.parse import parse
from engine.formula.tree import Expr, Name, walk
from engine.json_text import Json
from engine.registers import query as registers
from engine.registers import store
from engine.registers.schema import table
from engine.work import Work


def holding(work: Work, rule: str, codes: Sequence[str]) -> set[str]:
    """Those of the organisations for which the rule holds. Raises what formulas raise.

    Where it only asks what is kept, the database answers; what is counted in other registers is
    counted for all of them at once.
    """
    known, tree = dictionary(work.connection), parse(rule)
    names = sorted({node.path for node in walk(tree) if isinstance(node, Name)})
    counted = {
        name: str(field.compute) for name in names if (field := known.field(f"org.{name}")).compute
    }
    if not counted:
        condition = registers.members(registers.scope(work, known, ""), f"org where {rule}")
        register = table(known, "org")
        found = work.connection.execute(select(register.c.id).where(condition)).scalars()
        return set(found) & set(codes)
    values = _values(work, known, names, counted, codes)
    return {code for code in codes if _holds(tree, values[code], work)}


def _values(
    work: Work,
    known: Dictionary,
    names: Sequence[str],
    counted: dict[str, str],
    codes: Sequence[str],
) -> dict[str, dict[str, Json]]:
    kept = [known.field(f"org.{name}") for name in names if name not in counted]
    rows = store.fetch(work, known, "org", codes, kept)
    numbers = registers.grouped(work, known, counted, codes)
    return {
        code: {
            **{field.partition(".")[2]: one.value for field, one in rows.get(code, {}).items()},
            **numbers.get(code, {}),
        }
        for code in codes
    }


def _holds(tree: Expr, values: dict[str, Json], work: Work) -> bool:
    return evaluate(tree, Document(values, today=work.today)) is True
