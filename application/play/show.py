"""Shows the play to the operator: live on a terminal, else a line now and then; at the end a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta

from rich.box import SIMPLE
from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from application.operator_words import _
from application.play.director import Director
from application.play.morning.scenario import Scenario
from application.play.offer_reasons import channel_name
from application.play.report import Report, Row
from application.play.stage import Stage
from application.play.tally import Count, Tally
from application.play.watch import Figures
from competences.channels import Channel


class View:
    """Renders the state of the play each time it is drawn."""

    def __init__(self, stage: Stage, scenario: Scenario, director: Director, figures: Callable[[], Figures]) -> None:
        self._stage = stage
        self._scenario = scenario
        self._director = director
        self._figures = figures
        self._progress = Progress(
            TextColumn("{task.description}"), BarColumn(bar_width=None), TextColumn("{task.fields[text]}")
        )
        self._task = self._progress.add_task("", total=scenario.seconds, text="")

    def __rich__(self) -> RenderableType:
        figures = self._figures()
        self._progress.update(
            self._task,
            completed=min(self._stage.pace.now, self._scenario.seconds),
            description=self.time_of_day,
            text=_("{count} contacts arrived").format(count=self._director.arrived),
        )
        grid = Table.grid(expand=True, padding=(0, 2))
        grid.add_row(self._queues(figures), self._people(figures), self._offers(figures))
        news = Text("\n".join(self._stage.tally.news) or "…", overflow="ellipsis", no_wrap=True)
        return Group(self._progress, grid, Panel(news, title=_("Why whom"), title_align="left"))

    @property
    def time_of_day(self) -> str:
        """The morning's time, as a clock shows it."""
        at = datetime.combine(date.min, self._scenario.opens)
        return f"{at + timedelta(seconds=min(self._stage.pace.now, self._scenario.seconds)):%H:%M}"

    def line(self) -> str:
        """The state of the play in one line, for those without a terminal."""
        figures, tally = self._figures(), self._stage.tally
        return _(
            "{time}  {arrived} arrived, {waiting} waiting, {active} with an agent, {follow_ups} follow-ups, "
            "{accepted} accepted, service level {level}, {errors} errors"
        ).format(
            time=self.time_of_day,
            arrived=self._director.arrived,
            waiting=sum(figures.waiting.values()),
            active=figures.open.get("active", 0),
            follow_ups=figures.open.get("follow_up", 0),
            accepted=tally[Count.OFFERS_ACCEPTED],
            level=percent(figures.service_level),
            errors=len(tally.errors),
        )

    def _queues(self, figures: Figures) -> Table:
        table = Table(title=_("Waiting"), title_justify="left", show_header=False)
        for channel in Channel:
            table.add_row(channel_name(channel), str(figures.waiting.get(channel, 0)))
        return table

    def _people(self, figures: Figures) -> Table:
        table = Table(title=_("Agents"), title_justify="left", show_header=False)
        names = {"available": _("available"), "busy": _("busy"), "break": _("at lunch"), "offline": _("not there")}
        activities = Counter(agent.activity for agent in self._director.agents)
        for activity, name in names.items():
            table.add_row(name, str(activities[activity]))
        table.add_row(_("contacts in hand"), str(figures.open.get("active", 0) + figures.open.get("wrap_up", 0)))
        return table

    def _offers(self, figures: Figures) -> Table:
        tally = self._stage.tally
        table = Table(title=_("So far"), title_justify="left", show_header=False)
        table.add_row(_("service level"), percent(figures.service_level))
        table.add_row(_("open follow-ups"), str(figures.open.get("follow_up", 0)))
        table.add_row(_("offers accepted"), str(tally[Count.OFFERS_ACCEPTED]))
        table.add_row(_("declined / expired"), f"{tally[Count.OFFERS_DECLINED]} / {tally[Count.OFFERS_EXPIRED]}")
        table.add_row(_("errors"), str(len(tally.errors)))
        return table


def percent(share: float | None) -> str:
    """A share as a percentage; a dash if there is none."""
    return "—" if share is None else f"{share * 100:.1f} %"


def final(console: Console, made: Report, tally: Tally) -> None:
    """Print the tables at the end, and every error."""
    console.print(_channels(made))
    console.print(_facts(made, tally))
    for problem in [*tally.errors, *made.missing]:
        console.print(problem.strip(), style="red", markup=False, highlight=False)


def _channels(made: Report) -> Table:
    table = Table(_("Channel"), box=SIMPLE, padding=0, title=_("What came of it"), title_justify="left")
    headings = (
        _("sent"),
        _("received"),
        _("answered"),
        _("followed up"),
        _("gave up"),
        _("filed"),
        _("open"),
        _("on time"),
    )
    for heading in headings:
        table.add_column(heading, justify="right", no_wrap=True)
    total = Row()
    for channel, row in made.rows.items():
        table.add_row(channel_name(channel), *_cells(row))
        for name, value in vars(row).items():
            setattr(total, name, getattr(total, name) + value)
    table.add_section()
    table.add_row(_("all"), *_cells(total))
    return table


def _cells(row: Row) -> list[str]:
    counts = (row.sent, row.acknowledged, row.answered, row.followed_up, row.abandoned, row.other, row.open)
    share = percent(row.within_target / row.accepted if row.accepted else None)
    return [*map(str, counts), share]


def _facts(made: Report, tally: Tally) -> Table:
    table = Table(show_header=False, box=SIMPLE)
    facts = {
        _("service level (15 minutes, as the town hall counts it)"): percent(made.service_level),
        _("offers accepted"): tally[Count.OFFERS_ACCEPTED],
        _("offers declined"): tally[Count.OFFERS_DECLINED],
        _("offers expired"): tally[Count.OFFERS_EXPIRED],
        _("offers that had moved on"): tally[Count.OFFERS_TOO_LATE],
        _("agents' phones not answered"): tally[Count.PHONES_NOT_ANSWERED],
        _("passed on to somebody else"): tally[Count.TRANSFERRED],
        _("handed to the back office by an agent"): tally[Count.HANDED_OVER],
        _("events sent twice, of which recognised"): (f"{tally[Count.DUPLICATES_SENT]} / {made.duplicates_recognised}"),
        _("acknowledged and not found again"): len(made.missing),
        _("errors"): len(tally.errors),
    }
    for name, value in facts.items():
        table.add_row(name, str(value))
    return table
