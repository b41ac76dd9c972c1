"""What a replay finds: counts, and for each finding a few places to look at, without their values."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from engine.json_text import Json

SHOWN = 20
"""So many places are named for each finding; the counts are of all."""
KINDS = ("fails", "lost", "unbound", "prefilled")


@dataclass(frozen=True, slots=True)
class Place:
    """Where something was found: the organisation and the cell, never what stands there.

    The document is named to whoever may look into it.
    """

    document: str
    organisation: str
    path: str
    label: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that the new version does, in how many documents and cells, and where for example."""

    kind: str
    path: str
    text: str
    code: str = ""
    severity: str = ""
    documents: int = 0
    cells: int = 0
    differ: int = 0
    """Of the cells that would fill themselves: where something else was submitted."""
    places: tuple[Place, ...] = ()

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes two findings of different documents the same."""
        return self.kind, self.code, self.path

    def plus(self, more: "Finding") -> "Finding":
        """The same finding in further documents."""
        return replace(
            self,
            documents=self.documents + more.documents,
            cells=self.cells + more.cells,
            differ=self.differ + more.differ,
            places=(*self.places, *more.places)[:SHOWN],
        )

    def to_json(self) -> dict[str, Json]:
        """For the wire."""
        return {
            "kind": self.kind,
            "code": self.code,
            "path": self.path,
            "text": self.text,
            "severity": self.severity,
            "documents": self.documents,
            "cells": self.cells,
            "differ": self.differ,
            "places": [
                {
                    "document": one.document,
                    "organisation": one.organisation,
                    "path": one.path,
                    "label": one.label,
                }
                for one in self.places
            ],
        }


@dataclass(frozen=True, slots=True)
class Part:
    """What came of some of the documents; `after` is where the next part begins, None at the end."""

    form: str
    period: str
    version: int
    total: int
    looked_at: int
    passing: int
    """Documents in which nothing fails anew."""
    findings: tuple[Finding, ...]
    after: str | None = None

    def plus(self, more: "Part") -> "Part":
        """Both parts together."""
        return replace(
            self,
            looked_at=self.looked_at + more.looked_at,
            passing=self.passing + more.passing,
            findings=added(self.findings, more.findings),
            after=more.after,
        )

    def to_json(self) -> dict[str, Json]:
        """For the wire, the worst first."""
        return {
            "form": self.form,
            "period": self.period,
            "version": self.version,
            "total": self.total,
            "looked_at": self.looked_at,
            "passing": self.passing,
            "after": self.after,
            "findings": [one.to_json() for one in ordered(self.findings)],
        }


def ordered(findings: Iterable[Finding]) -> list[Finding]:
    """What fails first, then what is lost; among equals what concerns most documents."""
    return sorted(findings, key=lambda one: (KINDS.index(one.kind), -one.documents, one.path))


def added(one: Sequence[Finding], more: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings together, those of the same thing as one."""
    found = {finding.key: finding for finding in one}
    for finding in more:
        before = found.get(finding.key)
        found[finding.key] = before.plus(finding) if before else finding
    return tuple(found.values())
