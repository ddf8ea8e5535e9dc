"""Running jobs of the person, in the status bar: progress, rate, time left, Cancel."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QProgressBar, QWidget

from shared.client.client import new_operation_id
from shared.i18n import formats
from shared.i18n.texts import Text, tr
from shared.ui.theme import Tone
from shared.ui.widgets import button, label, line
from shared.ui.workplace import Workplace
from shared.wire.changes import Changes
from shared.wire.errors import AppError
from shared.wire.jobs import (
    CANCELLED,
    DONE,
    DONE_WITH_ERRORS,
    FAILED,
    PLANNED,
    RUNNING,
    CancelRun,
    MyRuns,
    Run,
)

BUSY_MS: Final = 1000
CALM_MS: Final = 10_000
CANCEL = tr("Отменить", "Cancel")
CANCELLING = tr("отменяется…", "cancelling…")
WAITS = tr("ждёт начала", "waiting to start")
RATE = tr("{n}/с", "{n}/s")
LEFT_S = tr("осталось {n} с", "{n} s left")
LEFT_MIN = tr("осталось {n} мин", "{n} min left")
OTHERS = tr("и ещё {n}", "and {n} more")
ENDED: Final[dict[int, tuple[Text, Tone]]] = {
    DONE: (tr("Задание «{name}» выполнено", 'Job "{name}" is done'), Tone.GOOD),
    DONE_WITH_ERRORS: (
        tr(
            "Задание «{name}» выполнено, с ошибками строк: {failed}",
            'Job "{name}" is done, rows with errors: {failed}',
        ),
        Tone.WARN,
    ),
    FAILED: (
        tr("Задание «{name}» не выполнено: {why}", 'Job "{name}" failed: {why}'),
        Tone.BAD,
    ),
    CANCELLED: (tr("Задание «{name}» отменено", 'Job "{name}" was cancelled'), Tone.WARN),
}
MINUTE: Final = 60


def progress(run: Run, now: datetime) -> str:
    """How far a run is: share, rate, time left."""
    if run.cancel_asked:
        return str(CANCELLING)
    if run.state == PLANNED or run.started_at is None:
        return str(WAITS)
    passed = (now - run.started_at).total_seconds()
    rate = run.processed / passed if passed > 0 else 0.0
    parts = []
    if run.total:
        parts.append(f"{min(run.processed * 100 // run.total, 100)} %")
    else:
        parts.append(formats.number(run.processed))
    if rate >= 1:
        parts.append(RATE.of(n=formats.number(round(rate))))
    if run.total and rate > 0:
        left = max(run.total - run.processed, 0) / rate
        many = left > 2 * MINUTE
        parts.append((LEFT_MIN if many else LEFT_S).of(n=round(left / MINUTE if many else left)))
    return " · ".join(parts)


class JobBar(QWidget):
    """The latest running job; its end is told as a message."""

    ended = Signal(object)

    def __init__(self, workplace: Workplace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workplace = workplace
        self._running: dict[int, Run] = {}
        self._run: Run | None = None
        self._known = False
        self.text = label("", None, self)
        self.bar = QProgressBar(self)
        self.bar.setFixedSize(120, 8)
        self.bar.setTextVisible(False)
        self.cancel = button(CANCEL, self._cancel, "link", self)
        self.setLayout(line(self.text, self.bar, self.cancel))
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self.look)
        workplace.live.changed.connect(self._news)
        self.hide()

    def look(self) -> None:
        """Ask how far they are."""
        self._workplace.start(self, self._ask(), lane="look", refused=self._lost)

    def _news(self, changes: Changes) -> None:
        if any(change.table.startswith("job") for change in changes.changes):
            self.look()

    def _lost(self, _: AppError) -> None:
        self._later.start(CALM_MS)

    async def _ask(self) -> None:
        found = await self._workplace.ask(MyRuns())
        running = {run.run_id: run for run in found.runs if run.state in (PLANNED, RUNNING)}
        for run in found.runs:
            if run.run_id in self._running and run.run_id not in running:
                self._tell_end(run)
        self._running = running
        self._show()
        self._later.start(BUSY_MS if running else CALM_MS)

    def _show(self) -> None:
        runs = list(self._running.values())
        self._run = runs[0] if runs else None
        self.setVisible(self._run is not None)
        if self._run is None:
            return
        run = self._run
        text = f"{run.name}: {progress(run, self._workplace.clock())}"
        if len(runs) > 1:
            text += "  " + OTHERS.of(n=len(runs) - 1)
        self.text.setText(text)
        self.bar.setRange(0, run.total or 0)
        self.bar.setValue(run.processed)
        self.cancel.setEnabled(not run.cancel_asked)

    def _tell_end(self, run: Run) -> None:
        told = ENDED.get(run.state)
        if told is not None:
            text = told[0].of(name=run.name, failed=run.failed, why=run.message or "")
            self._workplace.say(text, told[1])
        self.ended.emit(run)

    def _cancel(self) -> None:
        if self._run is not None:
            self._workplace.start(self, self._stop(self._run.run_id))

    async def _stop(self, run_id: int) -> None:
        await self._workplace.ask(CancelRun(operation_id=new_operation_id(), run_id=run_id))
        self.look()
