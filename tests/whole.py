"""For `make test`: a run that did not come to every test ends otherwise than one in which a test failed.

`admin/setup/test.sh` tries a few failures again on their own. That says nothing where a process died, a file
could not be read or the run was stopped early: then there are tests that nobody ran at all.
"""

import pytest

ENDED = "whole/ended"
"""Kept where the failures are: a process that a test ends says by its code whatever that test likes."""


class _Whole:
    """What was not run, noted by the process that began the others."""

    def __init__(self) -> None:
        self._missing = False

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A file that could not be read has tests that nobody sees."""
        self._missing |= report.failed

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, error: object) -> None:
        """One of the processes side by side has ended; there is an error when it died."""
        self._missing |= error is not None

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Said by the code of the end."""
        if self._missing or session.shouldfail or session.shouldstop:
            session.exitstatus = pytest.ExitCode.INTERRUPTED
        assert session.config.cache
        session.config.cache.set(ENDED, True)


def pytest_configure(config: pytest.Config) -> None:
    """Not in the processes that are begun side by side: the one that began them tells."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Whole())
