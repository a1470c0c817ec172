"""For operators (运维): health, metrics, structured program logs."""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from functools import partial
from typing import Any

import structlog
from fastapi import APIRouter, Request, Response
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.watching import Looks, told_of, worst_said
from api.world.condition import DOWN

router = APIRouter(tags=["operations"], include_in_schema=False)


class Metrics:
    """What Prometheus scrapes; one registry an app, so that tests can have several."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Histogram(
            "pingzhan_http_seconds",
            "Seconds to the start of the answer",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self.refusals = Counter(
            "pingzhan_refusals", "Commands refused", ["code"], registry=self.registry
        )
        gauge = partial(Gauge, registry=self.registry)
        self.head = gauge("pingzhan_log_seq", "End of the log")
        self.views = gauge("pingzhan_views_seq", "Least position of all views")
        stuck = "Views stopped at a poison event"
        self.stuck = gauge("pingzhan_views_quarantined", stuck)
        self.screens = gauge("pingzhan_screens", "Live screens connected")


class Measure:
    """ASGI middleware: times each request by route, not by address."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app, self.metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Time from the request to the first byte of the answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()

        async def timed(message: Message) -> None:
            if message["type"] == "http.response.start":
                route = getattr(scope.get("route"), "path", "other")
                self.metrics.requests.labels(
                    scope["method"], route, message["status"]
                ).observe(time.perf_counter() - began)
            await send(message)

        await self.app(scope, receive, timed)


@router.get("/health/live")
async def live() -> dict[str, str]:
    """Say that the process answers; asks no database."""
    return {"status": "live"}


@router.get("/health/ready")
async def ready(request: Request, response: Response) -> dict[str, Any]:
    """Say part by part how the service stands; 503 if one keeps it from its work."""
    state = request.app.state
    looks: Looks = state.looks
    parts = await looks.now()
    told = worst_said(parts)
    if told["state"] == DOWN:
        response.status_code = 503
        response.headers["Retry-After"] = "2"
    return {
        "status": "down" if told["state"] == DOWN else "ready",
        "zh": told["zh"],
        "en": told["en"],
        "seq": looks.condition.head_seq,
        "views_seq": state.world.runner.seq,
        "notifications": looks.condition.sending,
        "parts": [told_of(part) for part in parts],
    }


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """Answer Prometheus."""
    state = request.app.state
    found: Metrics = state.metrics
    found.head.set((await asyncio.to_thread(state.world.log.recorder.head)).seq)
    found.views.set(state.world.runner.seq)
    found.stuck.set(len(state.world.runner.quarantined))
    found.screens.set(state.stream.clients)
    return Response(generate_latest(found.registry), media_type=CONTENT_TYPE_LATEST)


def configure_logging(*, json: bool) -> None:
    """Send our lines and the libraries' to stderr, one JSON object a line."""
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    last: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if json
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                last,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = name != "uvicorn.access"
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
