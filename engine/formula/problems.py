"""What can be wrong with a formula. `position` counts characters from 1; `part` is the piece meant."""

from engine.errors import Problem


class FormulaTooLong(Problem):
    """Longer than any formula a person could still read."""

    code, status = "formula.too-long", 422
    limit: int
    length: int


class FormulaTooDeep(Problem):
    """Brackets within brackets beyond what we follow."""

    code, status = "formula.too-deep", 422
    limit: int


class FormulaSyntax(Problem):
    """Something else should stand at the position; `found` is what does."""

    code, status = "formula.syntax", 422
    position: int
    found: str
    expected: str


class FormulaUnknownFunction(Problem):
    """No function has that name; `suggestion` is the nearest that exists."""

    code, status = "formula.unknown-function", 422
    position: int
    part: str
    suggestion: str


class FormulaArguments(Problem):
    """A function was given too few or too many arguments."""

    code, status = "formula.arguments", 422
    position: int
    part: str
    expected: str


class FormulaCondition(Problem):
    """A `where`, or an aggregate over rows, that is not put together as it must be."""

    code, status = "formula.condition", 422
    position: int
    part: str
    reason: str


class FormulaUnknownName(Problem):
    """The name is neither an item, a table, a column nor a register here."""

    code, status = "formula.unknown-name", 422
    position: int
    part: str


class FormulaWrongType(Problem):
    """A part is of one type where another is needed."""

    code, status = "formula.wrong-type", 422
    position: int
    part: str
    found: str
    expected: str


class FormulaUnitMismatch(Problem):
    """Two quantities in different units are added or compared."""

    code, status = "formula.unit-mismatch", 422
    position: int
    part: str
    left: str
    right: str


class FormulaCycle(Problem):
    """Computed items that need each other; `path` names the circle."""

    code, status = "formula.cycle", 422
    path: str


class FormulaNotInDatabase(Problem):
    """The part cannot be asked of a register; it can be computed in a document only."""

    code, status = "formula.not-in-database", 422
    position: int
    part: str


class FormulaTreeInvalid(Problem):
    """The JSON is not the tree of a formula."""

    code, status = "formula.tree-invalid", 422
    reason: str
