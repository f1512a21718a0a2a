"""The table that `make bench` prints and the file that it writes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

FILE = Path("var") / "bench.json"


@dataclass(frozen=True)
class Result:
    """One measured figure and its aim: the value should be at most `aim`, or at least `aim` if `at_least`."""

    name: str
    what: str
    value: float
    aim: float
    detail: str
    at_least: bool = False
    unit: str = " x"
    digits: int = 2

    @property
    def met(self) -> bool:
        """Whether the aim is reached."""
        return self.value >= self.aim if self.at_least else self.value <= self.aim

    @property
    def shown_value(self) -> str:
        return f"{self.value:.{self.digits}f}{self.unit}"

    @property
    def shown_aim(self) -> str:
        return f"{'>=' if self.at_least else '<='} {self.aim:g}"


def show(results: Sequence[Result], console: Console) -> None:
    """Print the table."""
    table = Table(title="bench", show_lines=False)
    table.add_column("name", no_wrap=True)
    table.add_column("what")
    table.add_column("value", justify="right", no_wrap=True)
    table.add_column("aim", justify="right", no_wrap=True)
    table.add_column("met", justify="center")
    table.add_column("detail")
    for result in results:
        met = "[green]yes[/]" if result.met else "[red]no[/]"
        table.add_row(result.name, result.what, result.shown_value, result.shown_aim, met, result.detail)
    console.print(table)


def write(results: Sequence[Result], file: Path = FILE) -> None:
    """Add the results to the file; the results of other measurements stay."""
    kept = json.loads(file.read_text("utf-8")) if file.exists() else {}
    for result in results:
        kept[result.name] = {
            "value": round(result.value, 4),
            "aim": result.aim,
            "met": result.met,
            "detail": result.detail,
        }
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(kept, indent=2, ensure_ascii=False) + "\n", "utf-8")
