"""The two that take turns in `bench flow` do the same three steps, to the end."""

from pathlib import Path

from bench import core, spiff


def test_both_carry_a_case_through_three_steps(tmp_path: Path) -> None:
    """And what is kept says so: done, completed, four events."""
    ours, theirs = core.Cases(tmp_path / "core.db"), spiff.Cases(tmp_path / "spiff.db")
    for cases in (ours, theirs):
        connection = cases.connect()
        cases.start(connection, 1)
        through, close = cases.client()
        through(1)
        close()
        connection.close()
    connection = ours.connect()
    assert ours.status(connection, 1) == "done"
    assert connection.execute("SELECT count(*) FROM events").fetchone() == (4,)
    connection.close()
    connection = theirs.connect()
    assert theirs.finished(connection, 1)
    connection.close()
    ours.close()
