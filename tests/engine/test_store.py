"""The state: one owner, for the user's eyes alone, brought up to date with the file copied first."""

from __future__ import annotations

import contextlib
import sqlite3
import stat
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect

from hookassay.mockserver.engine import CannotRun, Mock, Options, Refused
from hookassay.mockserver.engine.events import Wish
from hookassay.mockserver.engine.store import database
from hookassay.mockserver.engine.store.tables import metadata


def _open(state: Path) -> Mock:
    return Mock(Options(state=state, hello=False))


def test_the_state_is_for_the_users_eyes_alone(tmp_path: Path) -> None:
    state = tmp_path / "new" / "serve.sqlite3"
    _open(state).close()
    assert stat.S_IMODE(state.stat().st_mode) == 0o600
    assert stat.S_IMODE(state.parent.stat().st_mode) == 0o700
    assert (state.parent / ".gitignore").read_text(encoding="utf-8") == "*\n"


def test_what_was_there_is_there_again(tmp_path: Path) -> None:
    state = tmp_path / "serve.sqlite3"
    with _open(state) as mock:
        mock.endpoints.add("gitple", name="shop", url="http://127.0.0.1:9/x", secret="s3cret")
        mock.clock.set_rate(1.0)
    with _open(state) as mock:
        assert [endpoint.name for endpoint in mock.endpoints.all()] == ["shop"]


def test_a_pushed_clock_stays_ahead(tmp_path: Path) -> None:
    state = tmp_path / "serve.sqlite3"
    with _open(state) as mock:
        mock.start("http://127.0.0.1:9")
        mock.clock.push(by="7d")
    with _open(state) as mock:
        assert mock.clock.state().ahead >= 7 * 86_400 * 10**9 - 10**9


def test_memory_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import tempfile

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with Mock(Options(hello=False)) as mock:
        assert mock.status().state == "memory" and list(tmp_path.iterdir())
    assert list(tmp_path.iterdir()) == []


def test_a_newer_database_is_left_alone(tmp_path: Path) -> None:
    state = tmp_path / "serve.sqlite3"
    _open(state).close()
    with contextlib.closing(sqlite3.connect(state)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    before = state.read_bytes()
    with pytest.raises(CannotRun, match="from a newer version of hookassay"):
        _open(state)
    assert state.read_bytes() == before


@pytest.mark.parametrize("content", [b"not a database at all" * 100, b"\0" * 4096], ids=["text", "zeros"])
def test_what_is_no_database_is_left_alone(content: bytes, tmp_path: Path) -> None:
    state = tmp_path / "serve.sqlite3"
    state.write_bytes(content)
    with pytest.raises(CannotRun, match="not a database"):
        _open(state)
    assert state.read_bytes() == content


def test_a_database_of_something_else_is_left_alone(tmp_path: Path) -> None:
    state = tmp_path / "other.sqlite3"
    with contextlib.closing(sqlite3.connect(state)) as connection, connection:
        connection.execute("CREATE TABLE theirs (id INTEGER)")
    with pytest.raises(CannotRun, match="a database of something else"):
        _open(state)


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(CannotRun, match="the state cannot be kept there") as error:
        _open(tmp_path / "file" / "serve.sqlite3")
    assert "\n" not in str(error.value)


def test_a_full_disk_is_one_line_and_damages_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stood for by SQLite's own limit of pages: what was there stays, and a refusal says why."""
    state = tmp_path / "serve.sqlite3"
    pragmas = database._PRAGMAS
    monkeypatch.setattr(database, "_PRAGMAS", (*pragmas, "PRAGMA max_page_count=150"))
    wish = Wish("gitple", "session_state_close", body=b'{"x": "%s"}' % (b"y" * 50_000))
    with _open(state) as mock:
        mock.endpoints.add("gitple", url="http://127.0.0.1:9/")
        kept = 0
        with pytest.raises(Refused, match="no space left") as refused:
            for _ in range(100):
                mock.events.trigger(wish, force=True)
                kept += 1
        assert (refused.value.kind, refused.value.status) == ("disk-full", 507)
        assert kept > 1 and mock.log.count() == kept
    monkeypatch.setattr(database, "_PRAGMAS", pragmas)
    with _open(state) as mock:
        assert mock.log.count() == kept


def test_the_steps_lead_to_todays_tables(tmp_path: Path) -> None:
    """The newest migration and the tables of the code are the same thing, column by column."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    state = tmp_path / "migrated.sqlite3"
    _migrated(state, "head")
    engine = create_engine(f"sqlite:///{state}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        assert context.get_current_revision() == database.REVISION == database.KNOWN[-1]
        assert set(inspect(connection).get_table_names()) == {*metadata.tables, "alembic_version"}


def test_an_older_database_is_copied_and_brought_up_to_date(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a form before the first: an empty database that only says it is older."""
    state = tmp_path / "serve.sqlite3"
    with contextlib.closing(sqlite3.connect(state)) as connection, connection:
        connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
    monkeypatch.setattr(database, "KNOWN", (None, *database.KNOWN))
    _open(state).close()
    assert (tmp_path / "serve.sqlite3.None").is_file()
    with contextlib.closing(sqlite3.connect(state)) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [(database.REVISION,)]


_FIRST_FORM = """
INSERT INTO occurrence (id, provider, event, conversation, payload, origin, at, virtual)
    VALUES (7, 'gitple', 'session_state_close', '4711', CAST('{}' AS BLOB), 'trigger', 1, 1);
INSERT INTO delivery (id, occurrence, endpoint_name, form, method, url, headers, body, spans, state, outcome, due,
        first_due, sequence, strict, single, attempts, tries, status, failure, reaction, elapsed, faults, size, text,
        at)
    VALUES (9, 7, 'shop', 'first', 'POST', 'http://127.0.0.1:9/', '[["X-Kept", "yes"]]',
        CAST('{"note":"환불"}' AS BLOB), '[]', 'ready', 'again', 5, 5, 1, 1, 0, 1, 1,
        503, '', 'broke', 0.1, '[]', 16, '환불' || char(10) || 'busy', 1);
INSERT INTO attempt (delivery, number, scheduled, started, ended, answer, answer_body, reaction, view, told, faults)
    VALUES (9, 1, 5, 5, 6, '{"status": 503, "headers": [], "elapsed": 0.1, "failure": null, "detail": "",
        "version": "1.1", "cut": false}', CAST('busy' AS BLOB), 'broke', 'again', 'sent again after 1 min', '[]');
"""


def test_what_the_first_form_held_is_all_there(tmp_path: Path) -> None:
    """Bytes, headers, attempts, what waits, and the words of payload and answer."""
    state = tmp_path / "serve.sqlite3"
    _migrated(state, "0001")
    with contextlib.closing(sqlite3.connect(state)) as connection, connection:
        connection.executescript(_FIRST_FORM)
    with _open(state) as mock:
        detail = mock.log.delivery(9)
        assert detail.request.body == '{"note":"환불"}'.encode()
        assert ("X-Kept", "yes") in detail.request.headers
        assert [(one.told, one.answer and one.answer.body) for one in detail.attempts] == [
            ("sent again after 1 min", b"busy")
        ]
        assert mock.status().pending == 1
        assert mock.log.count("환불 busy") == 1 and mock.log.count("환불 idle") == 0
    assert (tmp_path / "serve.sqlite3.0001").is_file()


def _migrated(state: Path, revision: str) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "hookassay.mockserver.engine.store:migrations")
    engine = create_engine(f"sqlite:///{state}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()
