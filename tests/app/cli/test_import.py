"""Lists of people as spreadsheets write them: read, or refused with the line, all of them or none."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli.root import app
from bot.actions.people.details import details_of
from bot.roles import Role
from bot.store.engine import Database, open_engine
from bot.store.people import staff
from bot.store.tables.people import EmployeeRow

HEAD = "name,email,identities,topics,languages,title\n"
JANE = 'Jane Doe,jane@example.com,local:jane,"tv, wifi:3","en, de",Chief\n'

Give = Callable[[str | bytes], str]


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Database]:
    database = Database(open_engine(sqlite_url))
    yield database
    database.close()


@pytest.fixture
def give(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Give:
    """Imports a list; what was said is returned: nothing where all went well."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CHORUS_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("CHORUS_SECRET_KEY", "k" * 40)

    def import_it(text: str | bytes) -> str:
        data = text.encode() if isinstance(text, str) else text
        (tmp_path / "people.csv").write_bytes(data)
        done = CliRunner().invoke(app, ["employee", "import", "people.csv"])
        return str(done.exception) if done.exception else ""

    return import_it


def everybody(database: Database) -> list[EmployeeRow]:
    with database.read() as session:
        return list(staff.everybody(session))


def test_a_list_is_taken_in_with_everything_it_says(give: Give, database: Database) -> None:
    assert give(HEAD + JANE) == ""
    [jane] = everybody(database)
    assert (jane.name, jane.email, jane.title) == ("Jane Doe", "jane@example.com", "Chief")
    assert jane.languages == ["en", "de"]
    with database.read() as session:
        assert details_of(session, jane).topics == {"tv": 2, "wifi": 3}
        [account] = staff.accounts_of(session, jane.id)
    assert (account.platform, account.account_id) == ("local", "jane")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_any_encoding_that_can_be_told_and_any_usual_separator(
    give: Give, database: Database, encoding: str, separator: str
) -> None:
    rows = [["E-Mail", "Name", "ROLE", " Topics "], ["uwe@example.com", "Uwe Weiß", "Moderator", "tv wifi"]]
    text = "".join(separator.join(row) + "\r\n" for row in rows)
    assert give(text.encode(encoding)) == ""
    [uwe] = everybody(database)
    assert (uwe.name, uwe.email, uwe.role) == ("Uwe Weiß", "uwe@example.com", Role.MODERATOR)


@pytest.mark.parametrize(
    "text",
    [
        HEAD + "\n" + JANE + ",,,,,\n\n",
        HEAD + JANE.replace("Jane Doe", '"Jane\nDoe"'),
        "name,email\rJane Doe,jane@example.com\r",
        "sep=;\r\nname;email\r\nJane Doe;jane@example.com\r\n",
        "name,email,topics,,\nJane Doe,jane@example.com,,,\n",
        "name,email,topics\nJane Doe,jane@example.com\n",
        '"name";"email"\n"Jane Doe";"jane@example.com"\n',
    ],
)
def test_what_spreadsheets_do_does_no_harm(give: Give, database: Database, text: str) -> None:
    assert give(text) == ""
    [jane] = everybody(database)
    assert (jane.name, jane.email) == ("Jane Doe", "jane@example.com")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Line 1 of people.csv: the column name is missing"),
        ("name,title\nJane,Chief\n", "Line 1 of people.csv: the column email is missing"),
        ("name,email,phone\n", "Line 1 of people.csv: there is no column “phone”"),
        ("name|email\nJane|jane@example.com\n", "separated by commas, semicolons or tabs"),
        ("name,email,E-Mail\n", "the column email is there twice"),
        (HEAD + "Jane Doe\n", "Line 2: “” is no e-mail address"),
        (HEAD + "\n" + JANE + 'Sam,sam@example.com,,"",,a,b\n', "Line 4 of people.csv: it has 7 values"),
        (HEAD + '"Jane Doe,jane@example.com\n', "Line 2 of people.csv: unexpected end of data"),
        (HEAD + '"Jane" Doe,jane@example.com\n', "Line 2 of people.csv: ',' expected"),
        (HEAD + '"Two\nlines",two@example.com,,,,\n' + JANE + JANE, "Line 5: Jane Doe has the address"),
        (HEAD + JANE + "Sam,sam@example.com,local:jane,,,\n", "Line 3: local:jane is linked to Jane Doe"),
        (HEAD + "Jane,jane@example.com,myspace:jane,,,\n", "Line 2: “myspace:jane” is no account"),
        (HEAD + "Jane,jane@example.com,,tv:9,,\n", "Line 2: “tv:9”: the level after the colon"),
        (
            f"{HEAD}Uwe Weiß,uwe@example.com\n".encode("cp1252"),
            "people.csv, line 2 cannot be read: byte 0xDF",
        ),
        (b"\x00\x01\x02\x03" * 40, "people.csv"),
    ],
)
def test_what_is_wrong_is_told_with_its_line_and_nobody_is_in(
    give: Give, database: Database, text: str | bytes, said: str
) -> None:
    assert said in give(text)
    assert everybody(database) == []


def test_every_wrong_line_is_told_at_once(give: Give, database: Database) -> None:
    told = give(
        "name,email,timezone\nA,a@example.com,\nB,b,\nC,c@example.com,Mars/Phobos\nD,d@example.com,\n"
    )
    assert [line.partition(":")[0] for line in told.splitlines()] == ["Line 3", "Line 4", "Nobody was added"]
    assert everybody(database) == []


def test_a_file_that_is_not_there_is_named(give: Give) -> None:
    done = CliRunner().invoke(app, ["employee", "import", "nowhere.csv"])
    assert str(done.exception) == "nowhere.csv cannot be read: No such file or directory."
