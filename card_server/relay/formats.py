"""Values on the wire, both ways (crm-xml.md 6.1)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final

from shared.wire.errors import AppError, ErrorCode

NO_DATE: Final = "1899-12-30"
NO_END: Final = "2099-12-31"
EPOCH: Final = date(1899, 12, 30)
LARGEST: Final = 99_999_999_999_999
YES: Final = frozenset({"yes", "true", "1"})
NO: Final = frozenset({"no", "false", "0"})
BLANKS: Final = {ord(" "): None, 0xA0: None, 0x202F: None, ord("\t"): None}


def money(amount: int) -> str:
    """Units with two decimals and a point."""
    sign = "-" if amount < 0 else ""
    whole, rest = divmod(abs(amount), 100)
    return f"{sign}{whole}.{rest:02d}"


def percent(rate_bp: int) -> str:
    """Basis points as a percentage with two decimals."""
    return money(rate_bp)


def factor(k_bp: int) -> str:
    """A coefficient with two decimals."""
    return money(k_bp // 100)


def yes_no(value: object) -> str:
    """`Yes` or `No`."""
    return "Yes" if value else "No"


def day(value: date | None, empty: str = NO_DATE) -> str:
    """A date, or the stand-in for "not set"."""
    return value.isoformat() if value is not None else empty


def moment(value: datetime, offset: int) -> str:
    """`2024-03-05 18:40:11.25 +03:00`."""
    local = value.astimezone(timezone(timedelta(minutes=offset)))
    sign = "-" if offset < 0 else "+"
    hours, minutes = divmod(abs(offset), 60)
    hundredths = local.microsecond // 10_000
    return f"{local:%Y-%m-%d %H:%M:%S}.{hundredths:02d} {sign}{hours:02d}:{minutes:02d}"


def read_amount(text: str) -> int:
    """Money as minor units; BAD_AMOUNT for everything else."""
    value = text.strip().translate(BLANKS).replace(",", ".")
    sign = -1 if value.startswith("-") else 1
    digits = value[1:] if value[:1] in ("-", "+") else value
    whole, point, rest = digits.partition(".")
    good = (
        digits.isascii()
        and (whole.isdigit() or (whole == "" and rest != ""))
        and (not point or rest == "" or rest.isdigit())
        and not rest[2:].strip("0")
        and len(whole) <= 12  # noqa: PLR2004 - 999999999999.99 is the largest
    )
    if not good:
        raise AppError(ErrorCode.BAD_AMOUNT, value=text)
    amount = int(whole or "0") * 100 + int((rest[:2] + "00")[:2])
    if amount > LARGEST:
        raise AppError(ErrorCode.BAD_AMOUNT, value=text)
    return sign * amount


def read_number(text: str, field: str) -> int:
    """Decimal digits; leading zeros and blanks are dropped."""
    value = text.strip().translate(BLANKS)
    if not value.isascii() or not value.lstrip("-").isdigit() or len(value) > 19:  # noqa: PLR2004 - 64 bits
        raise AppError(ErrorCode.FIELD_BAD, field=field, value=text)
    return int(value)


def maybe_number(text: str) -> int | None:
    """A number, or None for anything else."""
    if not text:
        return None
    if text.isascii() and text.isdigit() and len(text) <= 19:  # noqa: PLR2004 - 64 bits
        return int(text)
    value = text.strip().translate(BLANKS)
    if value.isascii() and value.isdigit() and len(value) <= 19:  # noqa: PLR2004 - the same
        return int(value)
    return None


def read_flag(text: str) -> bool | None:
    """Yes, No, True, False, 1, 0 in any case; anything else is not given."""
    value = text.strip().lower()
    if value in YES:
        return True
    return False if value in NO else None


def read_date(text: str) -> date | None:
    """A date in any of the accepted forms; None for "not set"; ValueError for rubbish."""
    value = text.strip()
    if not value or value.startswith((NO_DATE, "0000-00-00")):
        return None
    if value[2:3] == "." and len(value) >= 10:  # noqa: PLR2004 - dd.mm.yyyy
        return date(int(value[6:10]), int(value[3:5]), int(value[:2]))
    if len(value) == 8 and value.isdigit():  # noqa: PLR2004 - yyyymmdd
        return date(int(value[:4]), int(value[4:6]), int(value[6:]))
    return date.fromisoformat(value[:10])


def read_moment(text: str, zone_offset: int) -> tuple[datetime, int]:
    """A moment in UTC and its offset in minutes; without a zone `zone_offset` counts."""
    value = text.strip().replace(" ", "T", 1) if "T" not in text else text.strip()
    body, offset = _split_zone(value, zone_offset)
    main, _, fraction = body.strip().partition(".")
    try:
        naive = datetime.fromisoformat(main)
    except ValueError as error:
        raise AppError(ErrorCode.BAD_TIME, value=text) from error
    if fraction and not (fraction.isascii() and fraction.isdigit()):
        raise AppError(ErrorCode.BAD_TIME, value=text)
    micros = int((fraction[:3] + "000")[:3]) * 1000 if fraction else 0
    try:
        local = naive.replace(microsecond=micros, tzinfo=timezone(timedelta(minutes=offset)))
        return local.astimezone(UTC), offset
    except (ValueError, OverflowError) as error:
        raise AppError(ErrorCode.BAD_TIME, value=text) from error


def _split_zone(value: str, default: int) -> tuple[str, int]:
    if value.endswith(("Z", "z")):
        return value[:-1], 0
    for sign in ("+", "-"):
        place = value.rfind(sign)
        if place > 10:  # noqa: PLR2004 - behind the date
            digits = value[place + 1 :].replace(":", "")
            if digits.isascii() and digits.isdigit() and len(digits) in (2, 4):
                minutes = int(digits[:2]) * 60 + int(digits[2:] or "0")
                return value[:place], minutes if sign == "+" else -minutes
    return value, default


def day_number(text: str) -> date | None:
    """RKDate: a date with hyphens or colons in its time, dd.mm.yyyy, or a day number."""
    value = text.strip()
    if not value:
        return None
    try:
        if value.isdigit() and len(value) < 8:  # noqa: PLR2004 - days since 1899-12-30
            return EPOCH + timedelta(days=int(value))
        return read_date(value)
    except (ValueError, OverflowError) as error:
        raise AppError(ErrorCode.FIELD_BAD, field="RKDate", value=text) from error
