"""Programs: added with a generated code and the rights of a till, changed, given a sample."""

from __future__ import annotations

from typing import Any

from crm_manager.classifiers.rights import PRESETS as PRESET_NAMES
from crm_manager.classifiers.rights import RIGHTS
from shared.wire.classifiers import (
    API_RIGHTS,
    PRESETS,
    Classifier,
    GetClassifier,
    ListClassifiers,
)
from tests.helpers.office import Office
from tests.helpers.windows import Window, type_text


def program(office: Office, name: str) -> Classifier:
    rows = office.ask(ListClassifiers()).rows
    key = next(row.classifier_id for row in rows if row.name == name)
    return office.ask(GetClassifier(key=key))


def code_of(dialog: Any) -> Any:
    return dialog.editor.form._cells["code"].shown


def test_every_right_and_preset_has_its_words_once() -> None:
    assert sorted(one.key for group in RIGHTS for one in group.choices) == sorted(API_RIGHTS)
    assert PRESET_NAMES.keys() == PRESETS.keys()


def test_a_program_is_added_with_a_code_of_each_kind(window: Window) -> None:
    page = window.list_page("classifiers")
    window.picture("classifiers")
    window.press(page, "add")
    dialog = window.dialog()
    window.settle()
    dialog.editor.form.fill({"name": "Сайт", "client_type": "WEB"})
    assert "code" in dialog.editor.form.faults()
    seen = []
    for kind, allowed in ((1, "0123456789"), (2, "0123456789ABCDEF"), (3, None)):
        code_of(dialog).make(kind)
        window.settle()
        code, got = dialog.editor.form.value("code")
        assert (len(code), got) == (20, kind)
        assert allowed is None or set(code) <= set(allowed)
        seen.append(code)
    window.picture("classifier_new", dialog)
    dialog.editor.save()
    window.expect("Сохранено")
    made = program(window.office, "Сайт")
    assert (made.code, made.code_kind, sorted(made.rights)) == (seen[-1], 3, sorted(PRESETS["pos"]))
    assert len(set(seen)) == 3


def test_a_code_that_is_typed_is_of_the_typed_kind(window: Window) -> None:
    page = window.list_page("classifiers")
    name = window.texts(page, "name")[0]
    window.choose(page, 0)
    window.press(page, "change")
    dialog = window.dialog()
    window.settle()
    shown = code_of(dialog)
    shown.line.clear()
    type_text(shown.line, "MY CODE")
    assert "code" in dialog.editor.form.faults()
    shown.line.clear()
    type_text(shown.line, "MYCODE")
    assert dialog.editor.form.changes() == {"code": ("MYCODE", 9)}
    dialog.editor.save()
    window.expect("Сохранено")
    assert (program(window.office, name).code, program(window.office, name).code_kind) == (
        "MYCODE",
        9,
    )


def test_rights_of_a_sample_replace_those_of_a_program(window: Window) -> None:
    page = window.list_page("classifiers")
    name = window.texts(page, "name")[0]
    window.choose(page, 0)
    window.press(page, "sample")
    window.save(sample="export")
    window.expect("Права заменены")
    assert sorted(program(window.office, name).rights) == sorted(PRESETS["export"])


def test_a_program_uses_a_scheme_of_its_own_for_a_level(window: Window) -> None:
    page = window.list_page("classifiers")
    name = window.texts(page, "name")[0]
    window.choose(page, 0)
    window.press(page, "change")
    dialog = window.dialog()
    window.settle()
    before = program(window.office, name)
    shown = dialog.editor.form._cells["level_schemes"].shown
    shown.add()
    window.settle()
    window.save(level_id=2, scheme_id=1)
    dialog.editor.form.widget("level_schemes").window().resize(640, 1400)
    window.settle()
    assert window.texts(shown, "level_id") == ["Дисконтный: 2. Серебро"]
    window.picture("level_schemes", shown.widget)
    dialog.editor.save()
    window.expect("Сохранено")
    after = program(window.office, name)
    assert after.level_schemes == {**before.level_schemes, 2: 1}
    assert (after.code, after.rights) == (before.code, before.rights)
