"""The list of people of a large house: its filters and orders.

``python tests/bench/bench_people.py [--people N] [--database sqlite postgresql]`` prints one JSON object per
database and page: milliseconds of a request as the product's own application makes it in this process (the
middle, and what 95 of 100 stay below), the processor time of it (also the database server's), and the page's
size.
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from sqlalchemy import text

from bot.roles import Role
from bot.store.tables.departments import DepartmentPersonRow, DepartmentRow
from bot.store.tables.people import EmployeeRow, ExpertiseRow, IdentityRow, LoadRow, TopicRow
from tests.bench.houses import houses
from tests.house import House

TOPICS = 40
PAGES = {
    "the first page": "",
    "some way in": "?after={middle}",
    "by load": "?order=most+asked+now",
    "the newest": "?order=newest+first",
    "a name": "?words=son+7",
    "a handle": "?words=%40handle77",
    "nobody like this": "?words=zebra",
    "a topic": "?topic=t7",
    "a department": "?department=3",
    "a role": "?role=lead",
    "never signed in": "?state=never+signed+in",
    "no hours set": "?state=no+hours+set",
    "everything at once": "?words=person&topic=t7&department=3&state=active&order=most+asked+now",
}


def fill(house: House, people: int) -> int:
    """Whoever is in charge, and many others; the number of one."""
    boss = house.employee("Boss Old", role=Role.ADMIN)
    now = house.clock()
    with house.database.write() as session:
        session.add_all([TopicRow(slug=f"t{n}", name=f"Topic {n}") for n in range(TOPICS)])
        session.add_all([DepartmentRow(name=f"Department {n}", created_at=now) for n in range(20)])
        session.flush()
        for number in range(people):
            row = EmployeeRow(
                name=f"Person {number}son {number % 97}",
                email=f"p{number}@example.com",
                role=Role.LEAD if number % 50 == 0 else Role.EMPLOYEE,
                shifts=[] if number % 3 == 0 else [[day, 540, 1020] for day in range(5)],
                created_at=now,
                opted_in_at=now,
                signed_in_at=None if number % 4 == 0 else now,
            )
            session.add(row)
            session.flush()
            session.add(
                IdentityRow(
                    employee_id=row.id,
                    platform="local",
                    account_id=f"a{number}",
                    handle=f"handle{number}",
                    linked_at=now,
                )
            )
            session.add(LoadRow(employee_id=row.id, open_offers=number % 5, offers=number % 9))
            session.add(DepartmentPersonRow(department_id=number % 20 + 1, employee_id=row.id))
            session.add_all(
                [ExpertiseRow(employee_id=row.id, topic_id=(number + n) % TOPICS + 1) for n in range(4)]
            )
    with house.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    return boss.id


def main() -> None:
    for one in houses(__doc__ or "", {"people": 4_000}):
        people = one.given.people
        browser = one.house.browser(fill(one.house, people))
        for title, query in PAGES.items():
            cost = one.asked(browser, "/admin/employees" + query.format(middle=people // 2))
            found = {"database": one.kind, "people": people, "page": title, **cost.told()}
            print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
