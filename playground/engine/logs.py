"""What happened, one JSON object a line: the engine's processes in `logs/engine.log`, the server in `logs/server.log`.

They hold ids of runs and what happened to them, never a person's name, cookie, address, title or data. What an exception
says may quote such things, so only its kind and the lines of code are kept. PLAYGROUND_LOG=debug keeps all of it: for
finding a fault on a machine that nobody else uses.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import shutil
import sys
import threading
import traceback
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, cast

from playground.core.reading import visible
from playground.settings import log_level

LARGEST = 5 * 2**20
"""Bytes after which a log is put aside and a new one begun."""
KEPT = 3
"""How many of the server's are put aside; of the engine's it is one."""
_OWN = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_SERVERS = ("streamlit", "uvicorn", "websockets")
"""Loggers that bring handlers of their own."""


class Lines(logging.Formatter):
    """A record as one JSON object. `whole`: with what exceptions say."""

    def __init__(self, *, whole: bool = False) -> None:
        super().__init__()
        self._whole = whole

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": self.formatTime(record),
            "process": record.process,
            "level": record.levelname.lower(),
            "where": record.name.removeprefix("playground."),
            "what": self._what(record),
            **{name: value for name, value in vars(record).items() if name not in _OWN},
        }
        if record.exc_info and record.exc_info[1] is not None:
            line["trace"] = self._trace(record.exc_info[1])
        return json.dumps(line, default=str)

    def _what(self, record: logging.LogRecord) -> str:
        said = record.getMessage()
        # Libraries put the text of an exception, or of a task with its result, below their own first line.
        own = self._whole or record.name.startswith("playground")
        return said if own else said.partition("\n")[0]

    def _trace(self, error: BaseException) -> str:
        if self._whole:
            return "".join(traceback.format_exception(error))
        kinds: list[str] = []
        cause: BaseException | None = error
        while cause is not None and len(kinds) < 5:
            number = f" {cause.errno}" if isinstance(cause, OSError) and cause.errno is not None else ""
            kinds.append(type(cause).__name__ + number)
            cause = cause.__cause__ or cause.__context__
        return "".join(traceback.format_tb(error.__traceback__)) + " from ".join(kinds)


class Sentences(logging.Formatter):
    """For a terminal: what happened, and where the rest stands."""

    def format(self, record: logging.LogRecord) -> str:
        more = {name: value for name, value in vars(record).items() if name not in _OWN}
        words = " ".join(f"{name} {value}" for name, value in more.items())
        seen = f" ({type(record.exc_info[1]).__name__}; logs/server.log)" if record.exc_info else ""
        said = visible(f"{record.getMessage().partition(chr(10))[0]} {words}")
        return f"  {record.levelname.lower()}: {said}".rstrip() + seen


def start_logging() -> None:
    """Write what happens to standard error, which whoever started this process has led into the log."""
    handler = logging.StreamHandler(sys.stderr)
    _begin([handler], log_level())


def start_server_logging(home: Path) -> None:
    """Write what happens in the server to its log, and warnings to standard error, too: as sentences where that is a
    terminal, else as they stand in the log. What Streamlit and its server say goes the same way."""
    screen = logging.StreamHandler(sys.stderr)
    screen.setLevel(logging.WARNING)
    handlers: list[logging.Handler] = [screen]
    with contextlib.suppress(OSError):  # a home that cannot be written is told elsewhere
        _folder(home)
        file = home / "logs" / "server.log"
        handlers.append(RotatingFileHandler(file, maxBytes=LARGEST, backupCount=KEPT, encoding="utf-8"))
    _begin(handlers, log_level())
    if sys.stderr.isatty():
        screen.setFormatter(Sentences())
    for name, logger in list(logging.root.manager.loggerDict.items()):
        if name.partition(".")[0] in _SERVERS and isinstance(logger, logging.Logger):
            logger.handlers.clear()
            logger.propagate = True
            logger.setLevel(logging.WARNING)  # at their own level they name the address of whoever asks


def _begin(handlers: list[logging.Handler], level: int) -> None:
    for handler in handlers:
        handler.setFormatter(Lines(whole=level <= logging.DEBUG))
    # Of libraries only what is amiss: at a lower level some of them tell who asked for what.
    logging.basicConfig(level=max(level, logging.WARNING), handlers=handlers, force=True)
    logging.getLogger("playground").setLevel(level)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    logging.captureWarnings(True)
    sys.excepthook = _uncaught
    threading.excepthook = lambda ended: _uncaught(ended.exc_type, ended.exc_value, ended.exc_traceback)


def _uncaught(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    if error is not None and not issubclass(kind, KeyboardInterrupt | SystemExit):
        logging.getLogger("playground").critical("not_caught", exc_info=(kind, error, trace))


def open_log(home: Path) -> BinaryIO | None:
    """The end of the engine's log, for the standard error of a new process; None where it cannot be written."""
    try:
        return cast(BinaryIO, (_folder(home) / "engine.log").open("ab"))
    except OSError:
        return None


def shorten_log(home: Path) -> None:
    """Put the engine's log aside when it is large. Its writers keep it open, so it is copied and emptied; what is written
    in that moment may be lost. Called by the host now and then."""
    file = home / "logs" / "engine.log"
    try:
        if file.stat().st_size > LARGEST:
            shutil.copyfile(file, file.with_suffix(".1.log"))
            os.truncate(file, 0)
    except OSError:
        return


def _folder(home: Path) -> Path:
    folder = home / "logs"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder
