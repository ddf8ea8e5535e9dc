"""Requests about imports and what answers them."""

from __future__ import annotations

from typing import Final

from card_server.exchange import batch_reading, posting_work, service, undoing_work, works
from card_server.http.routes import Route, edit, question
from card_server.jobs.running import Work
from shared.wire import imports as wire

ROUTES: Final[tuple[Route, ...]] = (
    question(wire.ListImports, batch_reading.list_imports),
    question(wire.GetImport, batch_reading.get_import),
    question(wire.ListImportRows, batch_reading.list_rows_of),
    question(wire.ListImportFields, batch_reading.list_fields),
    question(wire.GetErrorFile, batch_reading.get_error_file),
    edit(wire.BeginImport, service.begin),
    edit(wire.SendImportPiece, service.send_piece),
    edit(wire.FinishImport, service.finish),
    edit(wire.ReadImport, service.read_again, present=batch_reading.present),
    edit(wire.SetImportMapping, service.set_mapping, present=batch_reading.present),
    edit(wire.SetControlTotals, service.set_totals, present=batch_reading.present),
    edit(wire.DiscardImport, service.discard, present=batch_reading.present),
    edit(wire.CheckImport, service.check, present=batch_reading.present),
    edit(wire.PostImport, service.post, present=batch_reading.present),
    edit(wire.UndoImport, service.undo, present=batch_reading.present),
)
WORKS: Final[dict[str, Work]] = {
    works.READ: works.read_file,
    works.CHECK: works.check_rows,
    works.DISCARD: works.discard_rows,
    posting_work.POST: posting_work.post_rows,
    undoing_work.UNDO: undoing_work.undo_rows,
}
