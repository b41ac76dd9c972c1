"""A drawn sheet and its truth: while a cell is put down it is noted what it is."""

from dataclasses import dataclass, field, replace

from forms.importers.excel.files.grid import Cell, Grid, Look, make_grid

BORDER = Look(bordered=True)
Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Node:
    """A label of a header and the labels below it."""

    text: str
    below: tuple["Node", ...] = ()

    @property
    def width(self) -> int:
        """How many leaf columns it heads."""
        return sum(one.width for one in self.below) or 1

    @property
    def height(self) -> int:
        """How many levels it has."""
        return 1 + max((one.height for one in self.below), default=0)


@dataclass
class Drawn:
    """A drawn sheet and its truth."""

    seed: int
    cells: list[Cell] = field(default_factory=list)
    labels: set[Place] = field(default_factory=set)  # label of a column, a row, or an answer
    values: set[Place] = field(default_factory=set)  # written cells that are no labels
    paths: dict[Place, tuple[str, ...]] = field(default_factory=dict)  # by the leaf of a column
    rows: dict[Place, str | None] = field(default_factory=dict)  # printed rows with their codes
    pairs: dict[Place, str] = field(default_factory=dict)  # answer cells of cards, with the label
    blocks: dict[Place, str] = field(default_factory=dict)  # labels around the table: their role
    traits: set[str] = field(default_factory=set)
    right: int = 1
    bottom: int = 0
    title: str = ""

    def put(self, place: Place, text: object, *, rows: int = 1, cols: int = 1, look: Look = BORDER) -> Place:  # fmt: skip
        """Write a cell; figures are figures."""
        written = str(text)
        value = text if isinstance(text, int) else written or None
        kind = "number" if isinstance(text, int) else "text" if written.strip() else "blank"
        row, col = place
        self.cells.append(Cell(row, col, written, value, kind, rows, cols, look=look))
        self.right = max(self.right, col + cols - 1)
        self.bottom = max(self.bottom, row + rows - 1)
        return place

    def label(self, place: Place, text: str, *, rows: int = 1, cols: int = 1) -> Place:
        """Write a label."""
        self.labels.add(place)
        return self.put(place, text, rows=rows, cols=cols)

    def value(self, place: Place, text: object) -> Place:
        """Write a value, or leave its room empty."""
        if str(text).strip():
            self.values.add(place)
        return self.put(place, text)

    def block(self, place: Place, role: str, text: str, cols: int = 1) -> Place:
        """Write a label beside the table, without a frame."""
        self.blocks[place] = role
        return self.put(place, text, cols=cols, look=Look())

    def grid(self) -> Grid:
        """The sheet as the readers would give it."""
        return make_grid("Sheet1", self.cells, sheets=("Sheet1",))

    def take(self, other: "Drawn", rows: int, cols: int = 0) -> None:
        """Take over another drawing, moved down and to the right."""

        def moved(place: Place) -> Place:
            return place[0] + rows, place[1] + cols

        self.cells += [replace(c, row=c.row + rows, col=c.col + cols) for c in other.cells]
        self.labels |= {moved(one) for one in other.labels}
        self.values |= {moved(one) for one in other.values}
        self.paths |= {moved(one): path for one, path in other.paths.items()}
        self.rows |= {moved(one): code for one, code in other.rows.items()}
        self.pairs |= {moved(one): text for one, text in other.pairs.items()}
        self.blocks |= {moved(one): role for one, role in other.blocks.items()}
        self.traits |= other.traits
        self.title = self.title or other.title
        self.right = max(self.right, other.right + cols)
        self.bottom = max(self.bottom, other.bottom + rows)
