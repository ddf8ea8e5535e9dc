"""The one list of refusals: a code, the facts behind it, and the number a till sees.

A refusal is an `AppError`; anything else that is raised is a bug. The sentence is made where the
reader is (`shared/i18n/error_texts.py`). Codes and numbers: crm-xml.md section 5, domain.md
section 7. A number is never reused for another meaning.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class ErrorCode(StrEnum):
    """Stable name of a refusal; the value is stored in `operation.refusal_code`."""

    CLASSIFIER_UNKNOWN = "CLASSIFIER_UNKNOWN"
    HOLDER_NOT_FOUND = "HOLDER_NOT_FOUND"
    CONTACT_TAKEN = "CONTACT_TAKEN"
    EMPTY_REQUEST = "EMPTY_REQUEST"
    BAD_XML = "BAD_XML"
    XML_FORBIDDEN = "XML_FORBIDDEN"
    ACTION_MISSING = "ACTION_MISSING"
    UNKNOWN_ACTION = "UNKNOWN_ACTION"
    REQUEST_TOO_LARGE = "REQUEST_TOO_LARGE"
    REQUEST_TIMEOUT = "REQUEST_TIMEOUT"
    WRONG_ROOT = "WRONG_ROOT"
    FIELD_MISSING = "FIELD_MISSING"
    FIELD_BAD = "FIELD_BAD"
    TOO_MANY_ITEMS = "TOO_MANY_ITEMS"
    TOO_LONG = "TOO_LONG"
    NO_API_RIGHT = "NO_API_RIGHT"
    ADDRESS_FORBIDDEN = "ADDRESS_FORBIDDEN"
    RATE_LIMITED = "RATE_LIMITED"
    GLOBAL_TYPE_BAD = "GLOBAL_TYPE_BAD"
    ACTION_OFF = "ACTION_OFF"
    CLASSIFIER_HIDDEN = "CLASSIFIER_HIDDEN"
    CARD_NOT_FOUND = "CARD_NOT_FOUND"
    CARD_BLOCKED = "CARD_BLOCKED"
    CARD_EXPIRED = "CARD_EXPIRED"
    CARD_TAKEN = "CARD_TAKEN"
    CARD_UNBOUND = "CARD_UNBOUND"
    CARD_INACTIVE = "CARD_INACTIVE"
    WRONG_STATE = "WRONG_STATE"
    CARD_DELETED = "CARD_DELETED"
    CARD_NOT_YET = "CARD_NOT_YET"
    CARD_CLASSIFIER = "CARD_CLASSIFIER"
    PIN_WRONG = "PIN_WRONG"
    CARD_OUT_OF_RANGE = "CARD_OUT_OF_RANGE"
    HOLDERS_MANY = "HOLDERS_MANY"
    NAME_MISSING = "NAME_MISSING"
    CONTACT_NOT_FOUND = "CONTACT_NOT_FOUND"
    ADDRESS_NOT_FOUND = "ADDRESS_NOT_FOUND"
    DICT_VALUE_UNKNOWN = "DICT_VALUE_UNKNOWN"
    PHONE_BAD = "PHONE_BAD"
    EMAIL_BAD = "EMAIL_BAD"
    HOLDER_DELETED = "HOLDER_DELETED"
    HOLDER_BLACKLISTED = "HOLDER_BLACKLISTED"
    IMAGE_REFUSED = "IMAGE_REFUSED"
    ACCOUNT_NOT_FOUND = "ACCOUNT_NOT_FOUND"
    ACCOUNT_BLOCKED = "ACCOUNT_BLOCKED"
    DEBIT_FORBIDDEN = "DEBIT_FORBIDDEN"
    CREDIT_FORBIDDEN = "CREDIT_FORBIDDEN"
    INSUFFICIENT = "INSUFFICIENT"
    BAD_AMOUNT = "BAD_AMOUNT"
    BAD_TIME = "BAD_TIME"
    BAD_LIFE = "BAD_LIFE"
    KEY_TWICE = "KEY_TWICE"
    KEY_CONFLICT = "KEY_CONFLICT"
    FILTER_MISSING = "FILTER_MISSING"
    TXN_NOT_FOUND = "TXN_NOT_FOUND"
    REFUND_TOO_BIG = "REFUND_TOO_BIG"
    ACCOUNTS_MANY = "ACCOUNTS_MANY"
    NOTHING_TO_BOOK = "NOTHING_TO_BOOK"
    TIME_FORBIDDEN = "TIME_FORBIDDEN"
    PENDING_ONLY = "PENDING_ONLY"
    HELD_ELSEWHERE = "HELD_ELSEWHERE"
    CAP_EXCEEDED = "CAP_EXCEEDED"
    LIMIT_EXCEEDED = "LIMIT_EXCEEDED"
    ROLLED_BACK = "ROLLED_BACK"
    BACKDATE = "BACKDATE"
    BOOKS_CLOSED = "BOOKS_CLOSED"
    IN_FUTURE = "IN_FUTURE"
    HOLD_ENDED = "HOLD_ENDED"
    SALE_NOT_FOUND = "SALE_NOT_FOUND"
    COUPON_NOT_FOUND = "COUPON_NOT_FOUND"
    COUPON_INACTIVE = "COUPON_INACTIVE"
    COUPON_DATES = "COUPON_DATES"
    COUPON_USED = "COUPON_USED"
    COUPON_CLASSIFIER = "COUPON_CLASSIFIER"
    COUPON_TYPE = "COUPON_TYPE"
    COUPON_POOL_EMPTY = "COUPON_POOL_EMPTY"
    COUPON_NOT_NOW = "COUPON_NOT_NOW"
    COUPON_PERSONAL = "COUPON_PERSONAL"
    COUPON_NO_GOODS = "COUPON_NO_GOODS"
    COUPON_HOLDER_LIMIT = "COUPON_HOLDER_LIMIT"
    CERT_PIN = "CERT_PIN"
    CERT_USED = "CERT_USED"
    CERT_UNDERPAY = "CERT_UNDERPAY"
    SEARCH_LOST = "SEARCH_LOST"
    SEARCH_CONDITION = "SEARCH_CONDITION"
    SEARCH_TOO_MANY = "SEARCH_TOO_MANY"
    LOGIN_UNKNOWN = "LOGIN_UNKNOWN"
    LOGIN_WRONG = "LOGIN_WRONG"
    CODE_EXPIRED = "CODE_EXPIRED"
    TRIES_EXCEEDED = "TRIES_EXCEEDED"
    CODE_NOT_SENT = "CODE_NOT_SENT"
    ALREADY_REGISTERED = "ALREADY_REGISTERED"
    SESSION_LOST = "SESSION_LOST"
    CHMODE_UNKNOWN = "CHMODE_UNKNOWN"
    RELAY_NO_CLASSIFIER = "RELAY_NO_CLASSIFIER"
    KIND_UNKNOWN = "KIND_UNKNOWN"
    DB_UNREACHABLE = "DB_UNREACHABLE"
    BUSY = "BUSY"
    PROCESSING_TIMEOUT = "PROCESSING_TIMEOUT"
    STOPPING = "STOPPING"
    LICENCE_QUOTA = "LICENCE_QUOTA"
    LICENCE_END = "LICENCE_END"
    INTERNAL = "INTERNAL"
    HOLDER_MERGED = "HOLDER_MERGED"
    REFUND_SHORT = "REFUND_SHORT"
    REFUND_DEAD = "REFUND_DEAD"
    MODE_WARNING = "MODE_WARNING"
    SPENT_REQUIRED = "SPENT_REQUIRED"
    MATRIX_HALF = "MATRIX_HALF"
    LEVEL_ORDER = "LEVEL_ORDER"
    MASK_LENGTH = "MASK_LENGTH"
    STALE_EDIT = "STALE_EDIT"
    IN_USE = "IN_USE"
    NO_RIGHT = "NO_RIGHT"
    PASSWORD_WRONG = "PASSWORD_WRONG"  # noqa: S105 - the name of a refusal
    LOCKED = "LOCKED"
    PASSWORD_FIRST = "PASSWORD_FIRST"  # noqa: S105 - the name of a refusal
    REASON_NEEDED = "REASON_NEEDED"
    NO_CONSENT = "NO_CONSENT"
    TEST_MODE = "TEST_MODE"
    DB_VERSION = "DB_VERSION"
    DB_STRING = "DB_STRING"
    PORT_BUSY = "PORT_BUSY"
    PORT_DENIED = "PORT_DENIED"
    HOST_BAD = "HOST_BAD"
    FOLDER_DENIED = "FOLDER_DENIED"
    ALREADY_RUNNING = "ALREADY_RUNNING"
    SETTINGS_BROKEN = "SETTINGS_BROKEN"
    SETTING_BAD = "SETTING_BAD"
    SETTING_UNKNOWN = "SETTING_UNKNOWN"
    TLS_BAD = "TLS_BAD"
    IMPORT_ROW = "IMPORT_ROW"
    IMPORT_TOTALS = "IMPORT_TOTALS"
    VERIFY_BAD = "VERIFY_BAD"
    BAD_JSON = "BAD_JSON"
    ROW_NOT_FOUND = "ROW_NOT_FOUND"
    VALUE_TAKEN = "VALUE_TAKEN"
    DIVISION_FOREIGN = "DIVISION_FOREIGN"
    PASSWORD_WEAK = "PASSWORD_WEAK"  # noqa: S105 - the name of a refusal
    USER_BLOCKED = "USER_BLOCKED"
    CODE_NEEDED = "CODE_NEEDED"
    CODE_WRONG = "CODE_WRONG"
    LAST_ADMINISTRATOR = "LAST_ADMINISTRATOR"
    RIGHT_LACKED = "RIGHT_LACKED"
    AMOUNT_LIMIT = "AMOUNT_LIMIT"
    SECOND_SIGNATURE = "SECOND_SIGNATURE"
    SERVER_UNREACHABLE = "SERVER_UNREACHABLE"
    CODE_TAKEN = "CODE_TAKEN"
    CODE_LENGTH = "CODE_LENGTH"
    NAME_TAKEN = "NAME_TAKEN"
    NOT_EMPTY = "NOT_EMPTY"
    CARD_USED = "CARD_USED"
    BONUS_NEEDS_HOLDER = "BONUS_NEEDS_HOLDER"
    BONUS_TYPE = "BONUS_TYPE"
    RANGE_FULL = "RANGE_FULL"


WIRE_CODES: Final[dict[ErrorCode, str]] = {
    ErrorCode.CLASSIFIER_UNKNOWN: "SAC-0004",
    ErrorCode.HOLDER_NOT_FOUND: "SAC-0075",
    ErrorCode.CONTACT_TAKEN: "SAC-0122",
    ErrorCode.EMPTY_REQUEST: "SAC-9001",
    ErrorCode.BAD_XML: "SAC-9002",
    ErrorCode.XML_FORBIDDEN: "SAC-9003",
    ErrorCode.ACTION_MISSING: "SAC-9004",
    ErrorCode.UNKNOWN_ACTION: "SAC-9005",
    ErrorCode.REQUEST_TOO_LARGE: "SAC-9006",
    ErrorCode.REQUEST_TIMEOUT: "SAC-9007",
    ErrorCode.WRONG_ROOT: "SAC-9008",
    ErrorCode.FIELD_MISSING: "SAC-9009",
    ErrorCode.FIELD_BAD: "SAC-9010",
    ErrorCode.TOO_MANY_ITEMS: "SAC-9011",
    ErrorCode.TOO_LONG: "SAC-9012",
    ErrorCode.NO_API_RIGHT: "SAC-9101",
    ErrorCode.ADDRESS_FORBIDDEN: "SAC-9102",
    ErrorCode.RATE_LIMITED: "SAC-9103",
    ErrorCode.GLOBAL_TYPE_BAD: "SAC-9104",
    ErrorCode.ACTION_OFF: "SAC-9105",
    ErrorCode.CLASSIFIER_HIDDEN: "SAC-9106",
    ErrorCode.CARD_NOT_FOUND: "SAC-9201",
    ErrorCode.CARD_BLOCKED: "SAC-9202",
    ErrorCode.CARD_EXPIRED: "SAC-9203",
    ErrorCode.CARD_TAKEN: "SAC-9204",
    ErrorCode.CARD_UNBOUND: "SAC-9205",
    ErrorCode.CARD_INACTIVE: "SAC-9206",
    ErrorCode.WRONG_STATE: "SAC-9207",
    ErrorCode.CARD_DELETED: "SAC-9208",
    ErrorCode.CARD_NOT_YET: "SAC-9209",
    ErrorCode.CARD_CLASSIFIER: "SAC-9210",
    ErrorCode.PIN_WRONG: "SAC-9211",
    ErrorCode.CARD_OUT_OF_RANGE: "SAC-9212",
    ErrorCode.HOLDERS_MANY: "SAC-9301",
    ErrorCode.NAME_MISSING: "SAC-9302",
    ErrorCode.CONTACT_NOT_FOUND: "SAC-9303",
    ErrorCode.ADDRESS_NOT_FOUND: "SAC-9304",
    ErrorCode.DICT_VALUE_UNKNOWN: "SAC-9305",
    ErrorCode.PHONE_BAD: "SAC-9306",
    ErrorCode.EMAIL_BAD: "SAC-9306",
    ErrorCode.HOLDER_DELETED: "SAC-9307",
    ErrorCode.HOLDER_BLACKLISTED: "SAC-9308",
    ErrorCode.IMAGE_REFUSED: "SAC-9309",
    ErrorCode.ACCOUNT_NOT_FOUND: "SAC-9401",
    ErrorCode.ACCOUNT_BLOCKED: "SAC-9402",
    ErrorCode.DEBIT_FORBIDDEN: "SAC-9403",
    ErrorCode.CREDIT_FORBIDDEN: "SAC-9403",
    ErrorCode.INSUFFICIENT: "SAC-9404",
    ErrorCode.BAD_AMOUNT: "SAC-9405",
    ErrorCode.BAD_TIME: "SAC-9406",
    ErrorCode.BAD_LIFE: "SAC-9407",
    ErrorCode.KEY_TWICE: "SAC-9408",
    ErrorCode.KEY_CONFLICT: "SAC-9409",
    ErrorCode.FILTER_MISSING: "SAC-9410",
    ErrorCode.TXN_NOT_FOUND: "SAC-9411",
    ErrorCode.REFUND_TOO_BIG: "SAC-9412",
    ErrorCode.ACCOUNTS_MANY: "SAC-9413",
    ErrorCode.NOTHING_TO_BOOK: "SAC-9414",
    ErrorCode.TIME_FORBIDDEN: "SAC-9415",
    ErrorCode.PENDING_ONLY: "SAC-9416",
    ErrorCode.HELD_ELSEWHERE: "SAC-9417",
    ErrorCode.CAP_EXCEEDED: "SAC-9418",
    ErrorCode.LIMIT_EXCEEDED: "SAC-9419",
    ErrorCode.ROLLED_BACK: "SAC-9420",
    ErrorCode.BACKDATE: "SAC-9421",
    ErrorCode.BOOKS_CLOSED: "SAC-9422",
    ErrorCode.IN_FUTURE: "SAC-9423",
    ErrorCode.HOLD_ENDED: "SAC-9424",
    ErrorCode.SALE_NOT_FOUND: "SAC-9425",
    ErrorCode.COUPON_NOT_FOUND: "SAC-9501",
    ErrorCode.COUPON_INACTIVE: "SAC-9502",
    ErrorCode.COUPON_DATES: "SAC-9503",
    ErrorCode.COUPON_USED: "SAC-9504",
    ErrorCode.COUPON_CLASSIFIER: "SAC-9505",
    ErrorCode.COUPON_TYPE: "SAC-9506",
    ErrorCode.COUPON_POOL_EMPTY: "SAC-9507",
    ErrorCode.COUPON_NOT_NOW: "SAC-9508",
    ErrorCode.COUPON_PERSONAL: "SAC-9509",
    ErrorCode.COUPON_NO_GOODS: "SAC-9510",
    ErrorCode.COUPON_HOLDER_LIMIT: "SAC-9511",
    ErrorCode.CERT_PIN: "SAC-9551",
    ErrorCode.CERT_USED: "SAC-9552",
    ErrorCode.CERT_UNDERPAY: "SAC-9553",
    ErrorCode.SEARCH_LOST: "SAC-9601",
    ErrorCode.SEARCH_CONDITION: "SAC-9602",
    ErrorCode.SEARCH_TOO_MANY: "SAC-9603",
    ErrorCode.LOGIN_UNKNOWN: "SAC-9701",
    ErrorCode.LOGIN_WRONG: "SAC-9702",
    ErrorCode.CODE_EXPIRED: "SAC-9703",
    ErrorCode.TRIES_EXCEEDED: "SAC-9704",
    ErrorCode.CODE_NOT_SENT: "SAC-9705",
    ErrorCode.ALREADY_REGISTERED: "SAC-9706",
    ErrorCode.SESSION_LOST: "SAC-9707",
    ErrorCode.CHMODE_UNKNOWN: "SAC-9801",
    ErrorCode.RELAY_NO_CLASSIFIER: "SAC-9802",
    ErrorCode.KIND_UNKNOWN: "SAC-9803",
    ErrorCode.DB_UNREACHABLE: "SAC-9901",
    ErrorCode.BUSY: "SAC-9902",
    ErrorCode.PROCESSING_TIMEOUT: "SAC-9903",
    ErrorCode.STOPPING: "SAC-9904",
    ErrorCode.LICENCE_QUOTA: "SAC-9905",
    ErrorCode.LICENCE_END: "SAC-9905",
    ErrorCode.INTERNAL: "SAC-9999",
}
"""The number that tills and XML programs see; a code without one is met only inside the suite."""

NOT_STORED: Final[frozenset[ErrorCode]] = frozenset(
    code
    for code, wire in WIRE_CODES.items()
    if wire == "SAC-0004"
    or wire[:6] in ("SAC-90", "SAC-91")
    or wire
    in (
        "SAC-9801",
        "SAC-9802",
        "SAC-9803",
        "SAC-9901",
        "SAC-9902",
        "SAC-9903",
        "SAC-9904",
        "SAC-9999",
    )
)
"""Refusals that leave no operation behind: the caller may repeat with the same key (domain 2.6)."""

Fact = str | int | None


class AppError(Exception):
    """A refusal: something the caller or a person can understand and act upon.

    `facts` fill the sentence; they are plain strings and integers (JSON), never personal data
    beyond what the caller sent.
    """

    def __init__(self, code: ErrorCode, /, **facts: Fact) -> None:
        super().__init__(code.value)
        self.code = code
        self.facts: dict[str, Fact] = facts
        self.unstored = False
        """The refusal repeats what is stored already, or may not be stored."""

    @property
    def wire_code(self) -> str:
        """The SAC number for tills; refusals without one are internal errors to them."""
        return WIRE_CODES.get(self.code, "SAC-9999")

    def __repr__(self) -> str:
        return f"AppError({self.code.value}, {self.facts!r})"
