"""The engine's log: one JSON object a line in `logs/engine.log`. It holds ids of runs and what happened to them,
never a person's name, cookie or data."""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path
from typing import BinaryIO, cast

LARGEST = 5 * 2**20
_OWN = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class _Lines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": self.formatTime(record),
            "process": record.process,
            "level": record.levelname.lower(),
            "where": record.name.removeprefix("playground."),
            "what": record.getMessage(),
            **{name: value for name, value in vars(record).items() if name not in _OWN},
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def start_logging() -> None:
    """Write what happens to standard error, which whoever started this process has led into the log."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Lines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.captureWarnings(True)
    logging.getLogger("alembic").setLevel(logging.WARNING)


def open_log(home: Path) -> BinaryIO | None:
    """The end of the log, for the standard error of a new process; None where it cannot be written."""
    file = home / "logs" / "engine.log"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        if file.exists() and file.stat().st_size > LARGEST:
            file.replace(file.with_suffix(".1.log"))
        return cast(BinaryIO, file.open("ab"))
    except OSError:
        return None
