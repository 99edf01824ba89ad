"""``chorus doctor``: everything an operator can get wrong, in their words, and what to do about it."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Annotated

import typer

from app.cli.checkup.examined import Examined
from app.cli.printing import AsJson, print_json, printable
from app.web.phrasing import so_many
from app.wiring.environment import UnusableSettings
from app.wiring.findings import Finding, Level
from app.wiring.settings import load_settings

_LOOK = {
    Level.OK: ("ok", "green"),
    Level.NOTE: ("note", "cyan"),
    Level.WARNING: ("warning", "yellow"),
    Level.ERROR: ("ERROR", "bold red"),
}
_EXIT = {Level.OK: 0, Level.NOTE: 0, Level.WARNING: 1, Level.ERROR: 2}


def doctor(
    as_json: AsJson = False,
    offline: Annotated[bool, typer.Option("--offline", help="Ask no platform anything.")] = False,
) -> None:
    """Check settings, database, people, platforms and search. Exit code: 0 fine, 1 warnings, 2 errors."""
    findings = examine(offline=offline)
    worst = max((finding.level for finding in findings), key=list(Level).index, default=Level.OK)
    if as_json:
        print_json({"worst": worst, "findings": [asdict(finding) for finding in findings]})
    else:
        _show(findings)
    raise typer.Exit(_EXIT[worst])


def examine(*, offline: bool = False) -> list[Finding]:
    """Every finding, in the order in which one depends on the other."""
    from app.cli.checkup.database import database_findings
    from app.cli.checkup.people import people_findings, waiting_findings, work_findings
    from app.cli.checkup.platforms import platform_findings
    from app.cli.checkup.settings import links_findings, mail_findings, search_findings, settings_findings
    from app.wiring.steering.in_force import in_force_now

    try:
        settings = load_settings()
    except UnusableSettings as error:
        advice = "Correct them in the environment or in .env; .env.example lists them all."
        return [Finding(Level.ERROR, "settings", line, advice) for line in str(error).splitlines()]
    findings = settings_findings(settings)
    findings += [] if offline else _looked("mail", lambda: mail_findings(settings))
    database, found = database_findings(settings)
    findings += found
    if database is not None:
        examined = Examined(settings, database)
        now = in_force_now(settings, database).settings
        parts: tuple[tuple[str, Callable[[], list[Finding]]], ...] = (
            ("links", lambda: links_findings(now)),
            ("work", lambda: work_findings(examined)),
            ("platforms", lambda: platform_findings(examined, offline=offline)),
            ("people", lambda: people_findings(examined)),
            ("waiting", lambda: waiting_findings(examined)),
        )
        for about, look in parts:
            findings += _looked(about, look)
        database.close()
    return findings + search_findings(settings)


def _looked(about: str, look: Callable[[], list[Finding]]) -> list[Finding]:
    """What one part of the examination finds: one that fails, on a full disk for example, ends no other."""
    try:
        return look()
    except Exception as error:  # noqa: BLE001 - told to whoever asked
        why = " ".join(str(getattr(error, "orig", None) or error).split())
        message = f"This could not be looked at: {type(error).__name__}: {why.rstrip('.')}."
        return [Finding(Level.ERROR, about, message, "Mend what is said above first, then try again.")]


def _show(findings: Sequence[Finding]) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False, soft_wrap=True)
    for finding in findings:
        word, style = _LOOK[finding.level]
        line = Text(f"{word:>8}  ", style=style)
        line.append(f"{finding.about}: ", style="bold")
        line.append(printable(finding.message), style="default")
        console.print(line)
        if finding.advice:
            console.print(Text(f"{'':>10}→ {printable(finding.advice)}", style="default"))
    errors, warnings = (
        sum(finding.level is level for finding in findings) for level in (Level.ERROR, Level.WARNING)
    )
    if not errors and not warnings:
        console.print("Everything is in order.")
    else:
        console.print(
            f"{so_many(errors, 'error', 'errors')}, {so_many(warnings, 'warning', 'warnings')}.",
        )
