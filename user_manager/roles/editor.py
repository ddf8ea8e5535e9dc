"""The form of a role: limits and the tree of rights."""

from __future__ import annotations

from typing import Any, Final

from shared.i18n.texts import tr
from shared.ui.editor import EditorSpec
from shared.ui.fields import ChecksField, FlagField, MoneyField, NumberField, TextField
from shared.ui.form import Section
from shared.wire.roles import AddRole, EditRole, GetRole, Role, RoleFields
from user_manager.roles.rights import RIGHTS

LARGEST_ORDER: Final = 32_000
MOST_UNMASKED: Final = 1_000_000
SECTIONS: Final = (
    Section(
        None,
        (
            TextField(name="name", label=tr("Название", "Name"), needed=True, longest=100),
            FlagField(name="is_active", label=tr("Действует", "Active"), default=True),
            MoneyField(
                name="amount_limit",
                label=tr("Предел одной ручной операции", "Limit of one manual operation"),
                help=tr(
                    "Пусто: без предела. Выше предела нужна вторая подпись",
                    "Empty: no limit. Above it a second signature is needed",
                ),
            ),
            NumberField(
                name="unmask_per_day",
                label=tr("Показов контактов в день", "Contacts shown a day"),
                default=0,
                high=MOST_UNMASKED,
                help=tr(
                    "Сколько скрытых контактов можно открыть за день; каждый попадает в журнал",
                    "How many masked contacts may be opened a day; each one is journalled",
                ),
            ),
            NumberField(
                name="sort_no",
                label=tr("Порядок в списках", "Order in lists"),
                default=0,
                high=LARGEST_ORDER,
            ),
            ChecksField(
                name="rights", label=tr("Права", "Rights"), groups=RIGHTS, lines=14, wide=True
            ),
        ),
    ),
)


def _values(role: Role) -> dict[str, Any]:
    plain = {name: getattr(role, name) for name in RoleFields.__struct_fields__}
    return {**plain, "rights": tuple(sorted(role.rights))}


def _parts(values: dict[str, Any]) -> tuple[RoleFields, list[str] | None]:
    rights = values.pop("rights", None)
    return RoleFields(**values), None if rights is None else list(rights)


def _edit(key: int, version: int, operation_id: str, changes: dict[str, Any]) -> EditRole:
    fields, rights = _parts(dict(changes))
    return EditRole(
        operation_id=operation_id, role_id=key, version=version, fields=fields, rights=rights
    )


def _add(operation_id: str, values: dict[str, Any]) -> AddRole:
    fields, rights = _parts(dict(values))
    return AddRole(operation_id=operation_id, fields=fields, rights=rights or [])


SPEC: Final = EditorSpec(
    code="role",
    title=tr("Роль", "Role"),
    title_new=tr("Новая роль", "New role"),
    sections=SECTIONS,
    fields=RoleFields,
    own=frozenset({"rights"}),
    right="role.edit",
    get=lambda key: GetRole(role_id=key),
    values=_values,
    version=lambda role: int(role.version),
    edit=_edit,
    add=_add,
    tables=frozenset({"role"}),
    history="role",
)
