"""The vocabulary of the tables: one MetaData, the types of domain 0.1, the standard columns.

Physical names: table `crm_` + name, constraints `pk_/uq_/fk_/ck_/ix_` + table + columns. Foreign
keys never cascade. A filtered unique index stands where "unique" means "among live rows" or where
a column may be NULL, because MS SQL takes two NULLs as equal.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    TypeDecorator,
    Unicode,
    UnicodeText,
    false,
    text,
    true,
)
from sqlalchemy.dialects import mssql, postgresql
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import CreateColumn
from sqlalchemy.sql.compiler import DDLCompiler
from sqlalchemy.types import TypeEngine

NAMING: Final = {
    "pk": "pk_%(table_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
}
metadata = MetaData(naming_convention=NAMING)
"""The one MetaData of the product."""

PREFIX: Final = "crm_"
MILLISECOND: Final = 1000
MSSQL_BINARY: Final = "Latin1_General_100_BIN2"


def to_milliseconds(moment: datetime) -> datetime:
    """The moment rounded half up to milliseconds, as every stored moment is."""
    rest = moment.microsecond % MILLISECOND
    if rest == 0:
        return moment
    floor = moment - timedelta(microseconds=rest)
    return floor if rest * 2 < MILLISECOND else floor + timedelta(milliseconds=1)


class Moment(TypeDecorator[datetime]):
    """An aware UTC moment in Python; DATETIME2(3), TIMESTAMP(3), or ISO text on SQLite."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The column type of each database."""
        if dialect.name == "mssql":
            return dialect.type_descriptor(mssql.DATETIME2(precision=3))  # type: ignore[no-untyped-call]
        if dialect.name == "postgresql":
            return postgresql.TIMESTAMP(precision=3)  # a type_descriptor would lose the precision
        return dialect.type_descriptor(String(23))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Aware moments only; rounded to milliseconds."""
        if value is None:
            return None
        if value.tzinfo is not UTC:
            if value.tzinfo is None:
                message = f"a stored moment needs a time zone: {value!r}"
                raise ValueError(message)
            value = value.astimezone(UTC)
        value = to_milliseconds(value)
        if dialect.name == "sqlite":
            return value.isoformat(" ", "milliseconds")[:23]
        return value.replace(tzinfo=None)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Back to an aware moment."""
        if value is None:
            return None
        if dialect.name == "sqlite":
            return datetime.fromisoformat(value).replace(tzinfo=UTC)
        moment: datetime = value.replace(tzinfo=UTC)
        return moment


class KeyText(TypeDecorator[str]):
    """Text that is compared letter by letter, whatever the collation of the database is.

    Keys of callers, codes and outside ids: on a server with a case-blind collation `A1` and `a1`
    would otherwise be one key.
    """

    impl = Unicode
    cache_ok = True

    def __init__(self, length: int) -> None:
        super().__init__(length)
        self.length = length

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The column type of each database; SQLite compares bytes by itself."""
        length = self.length
        if dialect.name == "mssql":
            return dialect.type_descriptor(Unicode(length, collation=MSSQL_BINARY))
        if dialect.name == "postgresql":
            return dialect.type_descriptor(Unicode(length, collation="C"))
        return dialect.type_descriptor(Unicode(length))


ID64 = BigInteger().with_variant(Integer(), "sqlite")
LONG_TEXT = UnicodeText().with_variant(Text(), "sqlite")
BYTES = LargeBinary()


@compiles(CreateColumn, "mssql")
def _name_default(element: CreateColumn, compiler: DDLCompiler, **options: Any) -> str:
    """MS SQL makes up a name for a default without one, and then no migration can drop it."""
    words_of_column: str = compiler.visit_create_column(element, **options)  # type: ignore[no-untyped-call]
    column = element.element
    if column.server_default is None or column.table is None:
        return words_of_column
    constraint = compiler.preparer.quote(f"df_{column.table.name}_{column.name}")
    return words_of_column.replace(" DEFAULT ", f" CONSTRAINT {constraint} DEFAULT ", 1)


def crm_table(name: str, *items: Any) -> Table:
    """A table of the product; `name` is the one of domain.md."""
    return Table(PREFIX + name, metadata, *items)


def keyed_table(name: str, *items: Any) -> Table:
    """A table that lies in the order of its composite key, so that the key is no second tree.

    MS SQL does so by itself; on SQLite it is WITHOUT ROWID. For short rows only.
    """
    return Table(PREFIX + name, metadata, *items, sqlite_with_rowid=False)


def _reference(target: str | None, *, late: bool = False) -> list[ForeignKey]:
    return [ForeignKey(PREFIX + target, use_alter=late)] if target else []


def _column(name: str, kind: Any, to: str | None, **options: Any) -> Column[Any]:
    late = options.pop("late", False)
    default = options.pop("default", None)
    pk = options.pop("pk", False)
    if default is not None:
        options["server_default"] = text(str(default))
    null = options.pop("null", False)
    return Column(
        name,
        kind,
        *_reference(to, late=late),
        primary_key=pk,
        nullable=null and not pk,
        autoincrement=False,
        **options,
    )


def id64(name: str, to: str | None = None, **options: Any) -> Column[Any]:
    """A prefixed id."""
    return _column(name, ID64, to, **options)


def id32(name: str, to: str | None = None, **options: Any) -> Column[Any]:
    """A dictionary id."""
    return _column(name, Integer(), to, **options)


def amt(name: str, **options: Any) -> Column[Any]:
    """An amount of minor units."""
    return _column(name, ID64, None, **options)


def number(name: str, **options: Any) -> Column[Any]:
    """A 32-bit number: counts, basis points, masks."""
    return _column(name, Integer(), None, **options)


def big(name: str, to: str | None = None, **options: Any) -> Column[Any]:
    """A 64-bit number that is no id: card codes, counters."""
    return _column(name, ID64, to, **options)


def small(name: str, **options: Any) -> Column[Any]:
    """An enum, a minute of the day, an offset in minutes."""
    return _column(name, SmallInteger(), None, **options)


def flag(name: str, default: int = 0) -> Column[Any]:
    """A required yes or no."""
    return Column(name, Boolean(), nullable=False, server_default=true() if default else false())


def words(name: str, length: int, **options: Any) -> Column[Any]:
    """Unicode text of at most `length` characters."""
    return _column(name, Unicode(length), None, **options)


def key_text(name: str, length: int, **options: Any) -> Column[Any]:
    """A code or key of at most `length` characters, equal only letter by letter."""
    return _column(name, KeyText(length), None, **options)


def long_text(name: str, **options: Any) -> Column[Any]:
    """Text or JSON without a limit."""
    return _column(name, LONG_TEXT, None, **options)


def moment(name: str, **options: Any) -> Column[Any]:
    """A moment."""
    return _column(name, Moment(), None, **options)


def day(name: str, **options: Any) -> Column[Any]:
    """A business or calendar date."""
    return _column(name, Date(), None, **options)


def raw(name: str, length: int | None = None, **options: Any) -> Column[Any]:
    """Bytes; a hash, a photo, a compressed document."""
    kind = LargeBinary(length) if length else BYTES
    return _column(name, kind, None, **options)


def std(*, deletable: bool = True) -> list[Column[Any]]:
    """The standard columns of an editable table (domain 0.1)."""
    columns = [
        moment("created_at"),
        id32("created_by", null=True),
        moment("updated_at"),
        id32("updated_by", null=True),
        number("version", default=1),
    ]
    return [*columns, moment("deleted_at", null=True)] if deletable else columns


def dict_columns(name_length: int = 60) -> list[Column[Any]]:
    """The columns of a dictionary, besides its key."""
    return [words("name", name_length), number("sort_no", default=0), flag("is_active", 1), *std()]


def _filtered(name: str, columns: tuple[str, ...], condition: str | None, *, unique: bool) -> Index:
    """An index over the rows that meet a condition, the same on every database."""
    if condition is None:
        return Index(name, *columns, unique=unique)
    clause = text(condition)
    return Index(
        name,
        *columns,
        unique=unique,
        sqlite_where=clause,
        postgresql_where=clause,
        mssql_where=clause,
    )


def unique_where(table: str, *columns: str, where: str) -> Index:
    """Unique among the rows that meet a condition."""
    return _filtered(f"uq_{PREFIX}{table}_{'_'.join(columns)}", columns, where, unique=True)


def live_unique(table: str, *columns: str, null: str | None = None, live: bool = True) -> Index:
    """Unique among rows that are not deleted and, with `null`, where that column is filled."""
    terms = (["deleted_at IS NULL"] if live else []) + ([f"{null} IS NOT NULL"] if null else [])
    return unique_where(table, *columns, where=" AND ".join(terms))


def unique_per_parent(table: str, parent: str, column: str) -> list[Index]:
    """Unique under each parent, and among the rows without one (two NULLs are not equal)."""
    return [
        unique_where(table, parent, column, where=f"{parent} IS NOT NULL"),
        unique_where(table, column, where=f"{parent} IS NULL"),
    ]


def index(table: str, *columns: str, where: str | None = None) -> Index:
    """An index, filtered by `where` on every database that is ours."""
    return _filtered(f"ix_{PREFIX}{table}_{'_'.join(columns)}", columns, where, unique=False)
