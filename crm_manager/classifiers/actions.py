"""What is done with programs beside editing them: rights by a sample."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from crm_manager.classifiers.rights import PRESETS as NAMES
from shared.i18n.texts import tr
from shared.ui.dialogs import ask_form
from shared.ui.fields import ChoiceField
from shared.ui.form import Section
from shared.ui.page import Deed, Page
from shared.wire.classifiers import PRESETS, ClassifierFields, ClassifierRow, EditClassifier

TITLE = tr("Права по образцу", "Rights by a sample")
TEXT = tr(
    "Права программы «{name}» станут такими, как у образца; остальные будут сняты.",
    'The rights of "{name}" become those of the sample; all others are taken away.',
)
SAMPLE = tr("Образец", "Sample")
DONE = tr("Права заменены", "Rights were replaced")
SECTIONS: Final = (
    Section(
        None,
        (ChoiceField(name="sample", label=SAMPLE, choices=NAMES, default="pos", needed=True),),
    ),
)


async def give_sample(page: Page, chosen: Sequence[ClassifierRow]) -> None:
    """Replace the rights of a program by those of a preset."""
    program = chosen[0]

    async def submit(values: dict[str, Any], operation_id: str) -> None:
        await page.workplace.ask(
            EditClassifier(
                operation_id=operation_id,
                key=program.classifier_id,
                version=program.version,
                fields=ClassifierFields(),
                rights=list(PRESETS[values["sample"]]),
            )
        )
        page.workplace.say(DONE)

    text = TEXT.of(name=program.name)
    await ask_form(page.workplace, page, TITLE, SECTIONS, submit, text=text)


DEEDS: Final = (
    Deed(
        code="sample",
        text=tr("Права по образцу…", "Rights by a sample…"),
        run=give_sample,
        needs="one",
        right="classifier.edit",
    ),
)
