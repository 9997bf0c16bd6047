"""Small tools that every part uses: seeded chance, exact money, CSV in and out.

Money is an integer of fen (分) everywhere in the generator, so that sums are exact.
"""

import csv
import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

SEED = "haicang-2020"


def chance(part: str) -> random.Random:
    """A random source of its own for each part: a change in one leaves the others' data alone."""
    return random.Random(f"{SEED}:{part}")


def fen(yuan: str) -> int:
    """`12,345.67` 元 as fen."""
    whole, _, cents = yuan.replace(",", "").partition(".")
    return int(whole) * 100 + int((cents + "00")[:2])


def yuan(amount: int) -> str:
    """Fen as 元 with two decimals, as the files have it."""
    return f"{'-' if amount < 0 else ''}{abs(amount) // 100}.{abs(amount) % 100:02d}"


def points(hundredths: int) -> str:
    """A weight or score kept in hundredths, without useless zeros: 2250 → 22.5."""
    text = f"{hundredths // 100}.{hundredths % 100:02d}".rstrip("0")
    return text.rstrip(".")


def split(total: int, weights: list[int], grain: int = 1) -> list[int]:
    """Cuts `total` in proportion to `weights`, in multiples of `grain`; the largest part takes the rest."""
    whole = sum(weights)
    parts = [total * w // whole // grain * grain for w in weights]
    parts[weights.index(max(weights))] += total - sum(parts)
    return parts


def size(rng: random.Random) -> int:
    """A project's relative size: bell-shaped on a logarithmic ladder, integers only."""
    step = sum(rng.randint(0, 16) for _ in range(3))
    return 1000 * 109**step // 100**step


def weekday(day: date) -> date:
    """The day itself, or the Friday before a weekend (holidays are not modelled)."""
    return day - timedelta(days=max(0, day.weekday() - 4))


@dataclass(eq=False)
class Unit:
    """A row of units.csv (单位). `kind` is 主管部门, 本级, 所属预算单位, 局属事业单位 or 街道办事处."""

    code: str
    name: str
    kind: str
    area: str
    division: str

    @property
    def department(self) -> str:
        """Code of the department or street that it belongs to."""
        return self.code[:3]


@dataclass(eq=False)
class Project:
    """A row of projects.csv (项目) and what the other parts need to know of it."""

    code: str
    name: str
    unit: Unit
    account: str
    local_type: str
    category: str
    nature: str
    setup_year: int
    archetype: str
    size: int
    years: tuple[int, ...]
    policy: str = ""
    initial: dict[int, int] = field(default_factory=dict)
    changes: dict[int, list[tuple[date, int]]] = field(default_factory=dict)

    def budget(self, year: int, day: date | None = None) -> int:
        """Budget of `year` in fen as it stood on `day`, or at the year's end (调整后预算数)."""
        changes = self.changes.get(year, [])
        return self.initial[year] + sum(a for d, a in changes if day is None or d <= day)


class World:
    """Everything generated so far, and the files that will be written."""

    def __init__(self) -> None:
        self.units: list[Unit] = []
        self.projects: list[Project] = []
        self.objectives: dict[tuple[int, str], dict] = {}
        self.paid: dict[tuple[int, str], list[tuple[date, int]]] = {}
        self.low_departments: set[str] = set()
        self.key_projects: list[tuple[str, Project]] = []
        self.tables: dict[str, tuple[list[str], list[list]]] = {}

    def of_year(self, year: int, account: str | None = None) -> list[Project]:
        """Projects with a budget in `year`, in code order."""
        return [p for p in self.projects if year in p.initial and account in (None, p.account)]

    def named(self, name: str) -> Project:
        """The one project of this name."""
        (found,) = [p for p in self.projects if p.name == name]
        return found

    def unit(self, code: str) -> Unit:
        """The unit of this code."""
        (found,) = [u for u in self.units if u.code == code]
        return found

    def executed(self, year: int, code: str, day: date | None = None) -> int:
        """Payments of a project up to `day` in fen (执行数)."""
        return sum(a for d, a in self.paid.get((year, code), []) if day is None or d <= day)

    def table(self, name: str, header: str, rows: list[list]) -> None:
        """Registers a CSV file; `header` is its column names, separated by blanks."""
        self.tables[name] = (header.split(), rows)

    def write(self, folder: Path) -> None:
        """Writes all registered files as UTF-8 CSV."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, (header, rows) in self.tables.items():
            with (folder / name).open("w", encoding="utf-8", newline="") as out:
                writer = csv.writer(out, lineterminator="\n")
                writer.writerow(header)
                for row in rows:
                    if len(row) != len(header):
                        raise ValueError(f"{name}: {len(row)} values for {len(header)} columns")
                    writer.writerow(row)


def read(folder: Path, name: str) -> list[dict[str, str]]:
    """A CSV file's rows by column name."""
    with (folder / name).open(encoding="utf-8", newline="") as source:
        return list(csv.DictReader(source))
