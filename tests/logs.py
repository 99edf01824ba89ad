"""How tests log: on one line, and what failed without the values that were at hand."""

import structlog


def log_as_tests_do() -> None:
    """Undo what a command has set up. Left to itself the library would draw every value of every frame."""
    structlog.reset_defaults()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
        ]
    )
