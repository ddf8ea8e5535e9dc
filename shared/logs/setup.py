"""Where log lines go: the console (standard error) and a rotating file of JSON lines.

Libraries that log with the standard library's `logging` go the same way. Standard output is never
written to: there a server tells the program that started it that it is ready.
"""

from __future__ import annotations

import logging
import secrets
import sys
import threading
from collections.abc import Mapping, MutableMapping
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import structlog
from structlog.types import Processor

from shared.logs.masking import mask_event

FOLDER: Final = "logs"
FILE_BYTES: Final = 10 << 20
FILES_KEPT: Final = 10
CHATTY: Final = ("alembic", "uvicorn", "asyncio", "sqlalchemy")
"""Libraries that tell at level info what nobody needs; their warnings are heard."""

log = structlog.get_logger("kartoteka")


def new_reference() -> str:
    """An incident number: what the other side is told, and what is searched for in the log."""
    return secrets.token_hex(4).upper()


def add_incident(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Every unexpected exception has a number to be found by."""
    if event.get("exc_info") and "reference" not in event:
        event["reference"] = new_reference()
    return event


def _shared_processors() -> list[Processor]:
    return [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        add_incident,
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        _mask,
    ]


def _mask(logger: Any, method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    return mask_event(logger, method, event)


def set_up(
    *,
    folder: Path | None = None,
    name: str = "card-server",
    level: str = "info",
    console: bool = True,
    hooks: bool = True,
    files: int = FILES_KEPT,
    file_bytes: int = FILE_BYTES,
) -> None:
    """Send the log lines of this process to `folder`/logs/`name`.log and to standard error.

    `hooks` also takes warnings and what nobody caught. Raises OSError when the folder cannot be
    written to. May be called again.
    """
    handlers: list[logging.Handler] = []
    if console:
        shown = logging.StreamHandler(sys.stderr)
        renderer = structlog.dev.ConsoleRenderer(
            colors=sys.stderr is not None and sys.stderr.isatty(),
            exception_formatter=structlog.dev.plain_traceback,
        )
        shown.setFormatter(_formatter(renderer))
        handlers.append(shown)
    if folder is not None:
        (folder / FOLDER).mkdir(parents=True, exist_ok=True)
        file = RotatingFileHandler(
            folder / FOLDER / f"{name}.log",
            maxBytes=file_bytes,
            backupCount=files,
            encoding="utf-8",
        )
        file.setFormatter(_formatter(structlog.processors.JSONRenderer(ensure_ascii=False)))
        handlers.append(file)
    root = logging.getLogger()
    close()
    for handler in handlers:
        root.addHandler(handler)
    root.setLevel(level.upper())
    for chatty in CHATTY:
        logging.getLogger(chatty).setLevel(max(logging.WARNING, root.level))
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_shared_processors(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    if hooks:
        logging.captureWarnings(capture=True)
        sys.excepthook = _uncaught
        threading.excepthook = _uncaught_in_thread


def close() -> None:
    """Close the log file; whoever logs later is not heard."""
    root = logging.getLogger()
    for handler in list(root.handlers):
        if isinstance(handler.formatter, structlog.stdlib.ProcessorFormatter):
            root.removeHandler(handler)
            handler.close()


def _formatter(renderer: Processor) -> logging.Formatter:
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_shared_processors(),
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
    )


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    log.critical("unexpected error", error=kind.__name__, exc_info=(kind, error, trace))


def _uncaught_in_thread(arguments: threading.ExceptHookArgs) -> None:
    if arguments.exc_value is None:
        return
    thread = arguments.thread.name if arguments.thread is not None else ""
    info = (arguments.exc_type, arguments.exc_value, arguments.exc_traceback)
    log.critical(
        "unexpected error in a thread",
        thread=thread,
        error=arguments.exc_type.__name__,
        exc_info=info,
    )


def loop_problem(_loop: object, context: Mapping[str, Any]) -> None:
    """The exception handler of an asyncio loop."""
    error = context.get("exception")
    log.error(
        "unexpected error in the loop",
        what=str(context.get("message", "")),
        error=type(error).__name__ if error is not None else "",
        exc_info=error,
    )
