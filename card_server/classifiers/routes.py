"""Requests about software classifiers and the matrix, and what answers them."""

from __future__ import annotations

from typing import Final

from card_server.classifiers import matrix, service
from card_server.http.routes import Route, edit, question
from shared.wire import classifiers as wire

ROUTES: Final[tuple[Route, ...]] = (
    *service.CLASSIFIERS.routes(
        wire.ListClassifiers,
        wire.GetClassifier,
        wire.AddClassifier,
        wire.EditClassifier,
        wire.DeleteClassifier,
    ),
    question(wire.MakeCode, service.make_code),
    question(wire.GetMatrix, matrix.get_matrix),
    edit(wire.EditMatrix, matrix.edit_matrix, present=matrix.get_matrix, changes_rules=True),
)
