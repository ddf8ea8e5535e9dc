"""Export of a list page: where to, and writing it in the background."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog

from shared.i18n import formats
from shared.i18n.texts import tr
from shared.ui.courier import away, until
from shared.ui.exporting import write
from shared.ui.theme import Tone

if TYPE_CHECKING:
    from shared.ui.list_page import ListPage

WHERE = tr("Куда сохранить", "Where to save")
SAVED = tr("Сохранено строк: {n}, файл {file}", "{n} rows were saved to {file}")
FAULT = tr("Файл {file} не записан: {why}", "The file {file} was not written: {why}")


async def ask_export(page: ListPage) -> None:
    """Ask for a file and write it."""
    dialog = QFileDialog(page, str(WHERE))
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setNameFilters(["XLSX (*.xlsx)", "CSV (*.csv)"])
    dialog.setDefaultSuffix("xlsx")
    dialog.selectFile(f"{page.title} {page.workplace.today.isoformat()}")
    dialog.filterSelected.connect(
        lambda name: dialog.setDefaultSuffix("csv" if "csv" in name else "xlsx")
    )
    dialog.open()
    accepted = await until(dialog.finished)
    files = dialog.selectedFiles()
    dialog.deleteLater()
    if accepted and files:
        await export_to(page, Path(files[0]))


async def export_to(page: ListPage, path: Path) -> None:
    """Write the list as it is shown; the name of the file says in which form."""
    place, columns = page.workplace, page.shown_columns()
    for column in columns:
        if column.dictionary is not None:
            await place.names.load(column.dictionary)
    try:
        count = await away(write, path, columns, page.all_records(), place.names)
    except OSError as error:
        why = error.strerror or type(error).__name__
        place.say(FAULT.of(file=path, why=why), Tone.BAD)
        return
    place.say(SAVED.of(n=formats.number(count), file=path))
