"""Looking at who does the work: processes, people, and what waits for a decision."""

from datetime import timedelta

from app.cli.checkup.examined import Examined
from app.web.phrasing import so_many
from app.web.waits import PLACES
from app.wiring.findings import Finding, Level
from bot.platforms.accounts import example_account
from bot.store.house import audit
from bot.store.queries import examination, gauges, routing
from bot.store.queries.waits import Waits, what_waits
from bot.store.running import switches
from bot.text.times import timestamps

_LATE_SECONDS = 60.0
_MANY = 5


def work_findings(examined: Examined) -> list[Finding]:
    """Whether somebody does the work, in time, and may publish."""
    with examined.database.read() as session:
        now = examined.database.now(session)
        counted = gauges.gauges(session, now)
        pause = switches.pause(session)
        broken = audit.verify(session)
    findings = [_workers(counted), _late(counted)]
    if pause is not None:
        findings.append(
            Finding(
                Level.WARNING,
                "publishing",
                f"It has been paused since {timestamps.told(pause.set_at)} by {pause.set_by}: "
                f"{pause.reason or 'no reason given'}",
                "chorus resume-publishing lets answers go out again.",
            )
        )
    if broken is not None:
        findings.append(
            Finding(
                Level.ERROR,
                "audit log",
                f"Line {broken} or one before it was changed, removed or put in later.",
                "Somebody wrote to the database by hand. Compare with the copies of these lines in the logs.",
            )
        )
    return findings


def _workers(counted: gauges.Gauges) -> Finding:
    if not counted.nodes:
        return Finding(
            Level.WARNING,
            "workers",
            "No process does the work: questions come in, but nobody is asked and nothing is published.",
            "Start chorus serve (without --no-worker) or chorus work.",
        )
    if counted.learned < 1.0:
        return Finding(
            Level.NOTE,
            "workers",
            f"{counted.nodes} at work. Past answers are being learned ({counted.learned:.0%} so far); until "
            "then people are asked by what they declared.",
        )
    return Finding(Level.OK, "workers", f"{counted.nodes} at work.")


def _late(counted: gauges.Gauges) -> Finding:
    if counted.oldest_due > _LATE_SECONDS:
        return Finding(
            Level.WARNING,
            "work",
            f"Something has been due for {_span(counted.oldest_due)}.",
            "Look at the log of the workers; if they are healthy, start another chorus work."
            if counted.nodes
            else "It goes on as soon as a worker runs.",
        )
    return Finding(Level.OK, "work", "Nothing is late.")


def _span(seconds: float) -> str:
    return str(timedelta(seconds=round(seconds)))


def people_findings(examined: Examined) -> list[Finding]:
    """Whether anybody can be asked."""
    from routing.ladder.roster import Roster

    with examined.database.read() as session:
        now = examined.database.now(session)
        staff = examination.staff(session)
        roster = Roster(routing.employees(session))
    findings = [
        Finding(
            Level.WARNING,
            "people",
            problem,
            "Correct it on the page of this employee under /admin/employees; until then nobody asks them.",
        )
        for problem in roster.problems
    ]
    if not staff.in_charge:
        findings.append(
            Finding(
                Level.WARNING,
                "people",
                "Nobody is in charge: nobody can let others in, connect accounts or make topics.",
                "chorus setup-link prints a link that leads through it in the browser. Without it: "
                'chorus employee add "Ada Admin" --email ada@example.com --role admin',
            )
        )
    if not staff.everybody:
        account = example_account(examined.settings.platforms_on)
        advice = f'chorus employee add "Jane Doe" --email jane@example.com --identity {account} --topic tv'
        return [*findings, Finding(Level.WARNING, "people", "There are no employees yet.", advice)]
    findings.append(_askable(staff, int(roster.available(now).sum())))
    if staff.unknown_topics:
        shown = ", ".join(staff.unknown_topics[:_MANY])
        more = len(staff.unknown_topics) - _MANY
        findings.append(
            Finding(
                Level.WARNING,
                "topics",
                f"Nobody knows {shown}{f' and {more} more' if more > 0 else ''}.",
                "Add the topic to somebody at /admin/employees, or remove it.",
            )
        )
    return findings


def _askable(staff: examination.Staff, on_duty: int) -> Finding:
    if not staff.taking_part:
        return Finding(
            Level.WARNING,
            "people",
            "Nobody has opted in yet, so nobody is asked.",
            "Send them chorus login-link EMAIL: they accept the guidelines at their desk.",
        )
    if not on_duty:
        return Finding(
            Level.WARNING,
            "people",
            f"None of {so_many(staff.taking_part, 'employee', 'employees')} is on duty now: questions wait "
            "until somebody is.",
            "Look at hours, time zones and pauses: chorus employee list, or /admin/employees.",
        )
    part, duty = so_many(staff.taking_part, "takes", "take"), so_many(on_duty, "is", "are")
    return Finding(Level.OK, "people", f"{part} part, {duty} on duty now.")


def waiting_findings(examined: Examined) -> list[Finding]:
    """What waits for a person, each with the page where it is decided.

    Accounts to connect are told of with their platforms.
    """
    with examined.database.read() as session:
        found = what_waits(session, examined.database.now(session))
    findings = [
        Finding(
            Level.WARNING,
            "waiting",
            f"{PLACES[kind].said(count)}.",
            f"{examined.settings.base_url}{PLACES[kind].page}",
        )
        for kind, count in found.items()
        if count and kind is not Waits.CONNECTION
    ]
    return findings or [Finding(Level.OK, "waiting", "Nothing waits for a person.")]
