"""From a label on somebody's sheet to a field of the dictionary, with a confidence and the reasons.

What counts: the label and its synonyms, the path of headers above it, pinyin initials, the unit, the
options, what the sample values prove to be, what people chose for this label before, and which kind
of subject the other labels of the same sheet are about.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from engine.dictionary import units
from engine.dictionary.field import Field
from engine.dictionary.samples import format_of_samples

EXACT, SYNONYM, LEARNED = 0.95, 0.92, 0.99
_CUT = 0.8
_BRACKET = re.compile(r"[（(【\[\]】)）]")
SURE = 0.8
_KEEP = 5
_FUZZY_FROM = 62
_FUZZY_TOP = 0.82
_DOUBTFUL = 0.65
"""With all that its neighbours add it is offered, and not taken."""
_NOISE = re.compile(
    r"[（(【\[][^（()）】\]]*[)）】\]]|[*＊:：?？。,，]|^(?:\d{1,2}|[一二三四五六七八九十]+)\s*[、.．]\s*|^[（(][一二三四五六七八九十\d]+[)）]|^[①-⑳]|^其中[:：]?"
)
_SPACE = re.compile(r"\s+")
_OF_ANYTHING = frozenset(
    ("数量", "数值", "数额", "数目", "金额", "合计", "小计", "总计", "总数", "累计", "本年", "本期", "本月", "本季", "上年", "上期", "同期", "其他", "其它")
)  # fmt: skip
"""Headings that stand over whatever is counted: alone they are like nothing in particular."""
Offer = Callable[[Field, float, str], None]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a sheet asks for: its header path, and what else stands there."""

    path: tuple[str, ...]
    unit: str | None = None
    type: str = "string"
    choices: tuple[str, ...] = ()
    samples: tuple[str, ...] = ()
    units: str = ""
    """What the sheet says of all its figures: 单位：万元、人."""


@dataclass(frozen=True, slots=True)
class Match:
    """A field it may be."""

    field: str
    confidence: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Name:
    text: str
    field: Field
    synonym: bool
    cut: bool
    """What stood in brackets is left out: 常住人口 of 常住人口（男）."""


def plain(label: str) -> str:
    """A label without padding, numbering, remarks in brackets and punctuation."""
    flat = _SPACE.sub("", unicodedata.normalize("NFKC", label))
    bare = _NOISE.sub("", flat)
    return (bare or flat).lower()


def initials(label: str) -> str:
    """First letters of the pinyin: 姓名 is `xm`."""
    from pypinyin import Style, lazy_pinyin  # its tables take a second to load: only where asked

    letters = "".join(lazy_pinyin(plain(label), style=Style.FIRST_LETTER, errors="default"))
    return re.sub(r"[^a-z0-9]", "", letters.lower())


def pinyin(label: str) -> str:
    """The whole pinyin in one word: 姓名 is `xingming`."""
    from pypinyin import lazy_pinyin  # its tables take a second to load: only where asked

    return re.sub(r"[^a-z0-9]", "", "".join(lazy_pinyin(plain(label))).lower())


def path_key(path: Sequence[str]) -> str:
    """The key under which a person's correction is remembered."""
    return "/".join(plain(part) for part in path)


class Matcher:
    """The dictionary prepared for matching; build once, ask for every sheet."""

    def __init__(self, fields: Sequence[Field], learned: Mapping[str, str] | None = None) -> None:
        self._fields = {one.code: one for one in fields if one.status != "retired"}
        self._learned = dict(learned or {})
        self._exact: dict[str, list[_Name]] = defaultdict(list)
        self._initials: dict[str, list[Field]] = defaultdict(list)
        for one in self._fields.values():
            for text, synonym, cut in _names(one):
                self._exact[text].append(_Name(text, one, synonym, cut))
            self._initials[initials(one.label())].append(one)
        self._texts = list(self._exact)

    def match(self, asked: Sequence[Asked]) -> list[tuple[Match, ...]]:
        """Candidates for each label of one sheet, best first, each label seen beside the others."""
        alone = [self._scores(one) for one in asked]
        sheet = _favoured(alone, self._fields)
        sections: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for n, one in enumerate(asked):
            sections[tuple(one.path[:-1])].append(n)
        found: list[tuple[Match, ...]] = [()] * len(asked)
        for members in sections.values():
            near = _favoured([alone[n] for n in members], self._fields)
            favour = {
                subject: 0.4 * sheet.get(subject, 0.0) + 0.6 * near.get(subject, 0.0)
                for subject in {*sheet, *near}
            }
            for n in members:
                found[n] = _ranked(self._beside_others(alone[n], favour))
        return found

    def _beside_others(
        self, scores: Mapping[str, tuple[float, list[str]]], favour: Mapping[str, float]
    ) -> dict[str, tuple[float, list[str]]]:
        found = {}
        for code, (score, reasons) in scores.items():
            lift = favour.get(self._fields[code].subject, 0.0)
            why = [*reasons, "neighbours"] if lift > 0.03 else reasons
            found[code] = (score + lift, why)
        return found

    def _scores(self, asked: Asked) -> dict[str, tuple[float, list[str]]]:
        found: dict[str, tuple[float, list[str]]] = {}

        def offer(field: Field, score: float, reason: str) -> None:
            if field.code not in found or found[field.code][0] < score:
                found[field.code] = (score, [reason])

        remembered = self._learned.get(path_key(asked.path))
        if remembered in self._fields:
            offer(self._fields[remembered], LEARNED, "learned")
        for text, weight, reason in _readings(asked.path):
            for name in self._exact.get(text, ()):
                base = _CUT if name.cut else SYNONYM if name.synonym else EXACT
                offer(name.field, base * weight, "synonym" if name.synonym else reason)
            for other, score in self._fuzzy(text):
                for name in self._exact[other]:
                    offer(name.field, min(score, _CUT if name.cut else score) * weight, "similar")
        leaf = plain(asked.path[-1]) if asked.path else ""
        if re.fullmatch(r"[a-z0-9_]{2,12}", leaf):
            for one in self._initials.get(leaf.replace("_", ""), ()):
                offer(one, 0.7, "initials")
        self._by_samples(asked, offer)
        return {
            code: _adjusted(self._fields[code], asked, score, reasons)
            for code, (score, reasons) in found.items()
        }

    def _fuzzy(self, text: str) -> Iterable[tuple[str, float]]:
        if len(text) < 2 or text in _OF_ANYTHING:
            return
        for other, score, _ in process.extract(
            text, self._texts, scorer=fuzz.ratio, score_cutoff=_FUZZY_FROM, limit=6
        ):
            if other != text:
                yield other, _narrower(text, other, _FUZZY_TOP * score / 100)
        for other, score, _ in process.extract(
            text, self._texts, scorer=fuzz.partial_ratio, score_cutoff=95, limit=6
        ):
            share = min(len(text), len(other)) / max(len(text), len(other))
            if other != text and share >= 0.4 and min(len(text), len(other)) >= 2:
                yield other, _narrower(text, other, (0.45 + 0.35 * share) * score / 100)

    def _by_samples(self, asked: Asked, offer: Offer) -> None:
        """Values that pass a checksum say what the column is, whatever it is called."""
        proved = format_of_samples(asked.samples)
        if proved in ("resident-id", "uscc"):
            for one in self._fields.values():
                if one.schema.get("format") == proved:
                    offer(one, 0.72, "samples")


def _narrower(text: str, name: str, score: float) -> float:
    """外来从业人员数 is not 从业人员数: words before a name make it another fact."""
    return min(score, _DOUBTFUL) if text.endswith(name) else score


def _names(field: Field) -> Iterable[tuple[str, bool, bool]]:
    for called, synonym in (
        *((label, False) for label in field.labels.values()),
        *((one, True) for one in field.synonyms),
    ):
        bare, whole = plain(called), plain(_opened(called))
        yield whole, synonym, False
        if bare != whole:
            yield bare, synonym, True


def _opened(label: str) -> str:
    """The words in brackets beside the others: 常住人口（男） is 常住人口男."""
    return _BRACKET.sub("", label)


def _readings(path: Sequence[str]) -> Iterable[tuple[str, float, str]]:
    """The leaf alone, and the leaf with what stands above it; the whole path says more than its end."""
    if not path:
        return
    leaf, whole = plain(path[-1]), plain(_opened(path[-1]))
    once = 1.0 if len(path) == 1 else 0.97
    if whole != leaf:
        yield whole, once, "label"
        once = 0.97
    yield leaf, once, "label"
    for above in reversed(path[:-1]):
        yield plain(above) + leaf, 1.0, "path"
        yield leaf + plain(above), 0.95, "path"


def _adjusted(
    field: Field, asked: Asked, score: float, reasons: list[str]
) -> tuple[float, list[str]]:
    why = list(reasons)
    unit = asked.unit or (field.unit and units.of_its_kind(asked.units, field.unit))
    apart = bool(unit and field.unit and not units.alike(plain(unit), plain(field.unit)))
    if unit and field.unit:
        score += -0.15 if apart else 0.03
        if not apart:
            why.append("unit")
    kind = field.schema.get("type")
    if asked.type in ("integer", "number") and kind not in ("integer", "number", None):
        score -= 0.25 if asked.unit or asked.samples else 0.1
    if asked.type == "string" and kind in ("integer", "number") and asked.samples:
        score -= 0.3
    if asked.choices and field.codelist:
        score += 0.04
        why.append("options")
    proved = format_of_samples(asked.samples)
    wanted = field.schema.get("format")
    if proved and wanted:
        score += 0.06 if proved == wanted else -0.35
        if proved == wanted:
            why.append("samples")
    elif proved and proved != "date":
        score -= 0.2
    if apart and "learned" not in why:  # 耕地 in 公顷 is no 耕地 in 亩: somebody must say so
        score = min(score, _DOUBTFUL)
    return score, why


def _favoured(
    alone: Sequence[Mapping[str, tuple[float, list[str]]]], fields: Mapping[str, Field]
) -> dict[str, float]:
    """Subjects that the sure labels of the sheet are about; each gets a little, the first most."""
    votes: dict[str, float] = defaultdict(float)
    for scores in alone:
        best = max((score for score, _ in scores.values()), default=0.0)
        if best < SURE:
            continue
        subjects = {fields[c].subject for c, (score, _) in scores.items() if score >= best - 0.02}
        for subject in subjects:
            votes[subject] += 1.0 / len(subjects)
    total = sum(votes.values())
    if total == 0:
        return {}
    return {subject: 0.06 * count / total for subject, count in votes.items()}


def _ranked(scores: Mapping[str, tuple[float, list[str]]]) -> tuple[Match, ...]:
    best = sorted(scores.items(), key=lambda one: (-one[1][0], one[0]))[:_KEEP]
    return tuple(
        Match(code, round(min(max(score, 0.0), 1.0), 3), tuple(why))
        for code, (score, why) in best
        if score > 0.3
    )
