"""Logs as JSON lines with ids and without secrets; metrics for Prometheus."""

import logging
import re
import sys
from collections.abc import Iterator, MutableMapping
from typing import Any

import structlog
from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bot.store.engine import Database
from bot.store.queries.gauges import Gauges, gauges

_SECRET = re.compile(r"secret|password|token|authorization|cookie|api_key", re.IGNORECASE)
_BEARER = re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}")

WEBHOOKS = Counter("chorus_webhooks_total", "Webhooks by platform and outcome.", ["platform", "outcome"])
UNFIT = Counter(
    "chorus_posts_unfit_total",
    "What came in and could not be stored as it came, by platform and field; post: it was set aside.",
    ["platform", "field"],
)
INGEST_SECONDS = Histogram(
    "chorus_webhook_seconds",
    "Seconds from a webhook's arrival to its durable commit.",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)


def set_up_logging(level: str, form: str) -> None:
    """Send everything, the libraries' logs too, to standard error as JSON lines or for the console."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        hide_secrets,
    ]
    last: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
        if form == "console"
        else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *([] if form == "console" else [structlog.processors.format_exc_info]),
                last,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for noisy in ("httpx", "httpcore", "uvicorn.access", "alembic"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    for name in ("uvicorn", "uvicorn.error"):
        logging.getLogger(name).handlers = []


def set_up_command_logging() -> None:
    """For commands: warnings and worse to standard error; standard output is for results that are piped on.

    What failed is told without the values that were at hand: secrets are among them.
    """
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="%Y-%m-%d %H:%M:%S", utc=False),
            hide_secrets,
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
            ),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )


def hide_secrets(_logger: object, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Blank whatever is named like a secret, and credentials in texts."""
    for key, value in event.items():
        if _SECRET.search(key):
            event[key] = "***"
        elif isinstance(value, str):
            event[key] = _BEARER.sub(r"\1 ***", value)
    return event


class StateCollector(Collector):
    """Counts rows by state when somebody asks, so that every node tells the same."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def collect(self) -> Iterator[Metric]:
        """The gauges of questions, deliveries, posts, connections and waiting times."""
        with self._database.read() as session:
            now = gauges(session, self._database.now(session))
        yield _by_state("chorus_questions", "Questions under way, by state.", now.questions)
        yield _by_state("chorus_deliveries", "Deliveries under way, by state.", now.deliveries)
        yield _by_state("chorus_posts", "Posts under way, by intake state.", now.posts)
        yield _by_state("chorus_connections_broken", "Platforms that a person must reconnect.", now.broken)
        yield _by_state("chorus_connection_alarms", "Platforms whose webhook is not called.", now.alarms)
        yield from _single(now)


def _by_state(name: str, help_text: str, counts: dict[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, help_text, labels=["state"])
    for state, number in sorted(counts.items()):
        family.add_metric([state], number)
    return family


def _single(now: Gauges) -> Iterator[GaugeMetricFamily]:
    yield GaugeMetricFamily("chorus_working_nodes", "Nodes that do the work.", value=now.nodes)
    yield GaugeMetricFamily(
        "chorus_experts_learned_ratio",
        "Share of past answers learned by the node that is least far; below 1 it asks by what is declared.",
        value=now.learned,
    )
    yield GaugeMetricFamily(
        "chorus_publishing_paused", "1 while publishing is paused.", value=int(now.paused)
    )
    yield GaugeMetricFamily(
        "chorus_oldest_due_seconds", "How long the longest waiting due row has waited.", value=now.oldest_due
    )


def registry_for(database: Database) -> CollectorRegistry:
    """The process's own metrics together with the states of this database."""
    registry = CollectorRegistry()
    registry.register(StateCollector(database))
    registry.register(_Process())
    return registry


class _Process(Collector):
    def collect(self) -> Iterator[Metric]:
        """What this process counted."""
        yield from REGISTRY.collect()
