"""Progress where a person waits: one moving line on a terminal, nothing where a program reads."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def steps(*, quiet: bool = False) -> Iterator[Callable[[str], None]]:
    """A line that shows the step under way; it is gone when all are done."""
    if quiet:
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("…", total=None)
        yield lambda text: progress.update(task, description=text)
