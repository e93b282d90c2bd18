# requires: loguru structlog python-json-logger colorlog
import logging
import sys

import colorlog
import loguru
import structlog
from pythonjsonlogger.json import JsonFormatter

loguru.logger.remove()
loguru.logger.add(sys.stdout, format="{level} {message} {extra}", colorize=False, enqueue=False)
loguru.logger.bind(a=1).info("hello {}", "x")
structlog.configure(processors=[structlog.processors.add_log_level, structlog.processors.JSONRenderer(sort_keys=True)])
structlog.get_logger().bind(b=2).warning("careful")
handler = logging.StreamHandler(sys.stdout)
handler.setFormatter(JsonFormatter("%(levelname)s %(message)s"))
logger = logging.getLogger("x")
logger.addHandler(handler)
logger.error("json", extra={"k": "v"})
handler.setFormatter(colorlog.ColoredFormatter("%(log_color)s%(message)s"))
logger.critical("colour")
