"""A table wider than a page: turned round where it has few rows, else cut into groups of columns."""

from dataclasses import replace

from renderers import contract


def cut(found: contract.Table, wide: int, across: int) -> list[contract.Table]:
    """A table cut to fit a page: rows side by side where they are at most `wide`, else `across` columns
    at a time with all rows below each other.
    """
    if len(found.columns) - 1 <= across:
        return [replace(found, note="")]
    if len(found.rows) <= wide:
        return [_turned(found)]
    tables = []
    for start in range(1, len(found.columns), across):
        part = slice(start, start + across)
        tables.append(
            contract.Table(
                (found.columns[0], *found.columns[part]),
                tuple(_part(row, part) for row in found.rows),
                tuple(_part(row, part) for row in found.totals),
                title=found.title if start == 1 else "",
            )
        )
    return tables


def _part(row: contract.Row, part: slice) -> contract.Row:
    return contract.Row((row.cells[0], *row.cells[part]), emphasis=row.emphasis)


def _turned(found: contract.Table) -> contract.Table:
    """Columns down, the totals and the rows across."""
    lines = [*found.totals, *found.rows]
    columns = [contract.Column((found.title,))]
    columns += [contract.Column((line.cells[0].text,), align="right") for line in lines]
    rows, group = [], ""
    for number, column in enumerate(found.columns[1:], 1):
        if column.align == "left" and not any(line.cells[number].text for line in lines):
            continue  # a remark that nobody made
        if len(column.path) > 1 and column.path[0] != group:
            group = column.path[0]
            empty = tuple(contract.Cell() for _ in lines)
            rows.append(contract.Row((contract.Cell(group), *empty), emphasis=True))
        label = column.path[-1] + (f"（{column.unit}）" if column.unit else "")
        cells = (contract.Cell(label), *(line.cells[number] for line in lines))
        rows.append(contract.Row(cells, indent=1 if len(column.path) > 1 else 0))
    return contract.Table(tuple(columns), tuple(rows), title=found.title)
