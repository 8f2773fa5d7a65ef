from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest

from tlvsft.config import ComparisonConfig
from tlvsft.errors import StoreError
from tlvsft.runs.database import _FIRST_SCHEMA, SCHEMA_VERSION, Database
from tlvsft.runs.store import DATABASE_FILE, Store
from tlvsft.runs.sweeps import Sweeps


def assert_one_line(error: pytest.ExceptionInfo[StoreError]) -> None:
    assert "\n" not in str(error.value)
    assert "TLVSFT_HOME" in str(error.value) or "move it away" in str(error.value)


def test_a_home_that_cannot_be_made_is_a_store_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match="Can't use the store") as error:
        Store(tmp_path / "file" / "home")
    assert_one_line(error)


def test_a_folder_in_the_files_place_is_a_store_error(tmp_path: Path) -> None:
    (tmp_path / DATABASE_FILE).mkdir()
    with pytest.raises(StoreError, match="Can't use the store") as error:
        Store(tmp_path)
    assert_one_line(error)


def test_a_damaged_file_is_a_store_error(tmp_path: Path) -> None:
    (tmp_path / DATABASE_FILE).write_bytes(b"this was a database once" * 400)
    with pytest.raises(StoreError, match="damaged") as error:
        Store(tmp_path)
    assert_one_line(error)


def test_a_newer_schema_is_a_store_error(tmp_path: Path) -> None:
    Store(tmp_path).close()
    connection = sqlite3.connect(tmp_path / DATABASE_FILE)
    connection.execute(f"PRAGMA user_version={SCHEMA_VERSION + 1}")
    connection.close()
    with pytest.raises(StoreError, match="newer") as error:
        Store(tmp_path)
    assert_one_line(error)


def test_somebody_elses_database_is_left_alone(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / DATABASE_FILE)
    connection.execute("CREATE TABLE theirs (x)")
    connection.commit()
    connection.close()
    with pytest.raises(StoreError, match="not a store"):
        Store(tmp_path)


def test_a_closed_store_is_a_store_error(store: Store, config: ComparisonConfig) -> None:
    store.close()
    store.close()
    with pytest.raises(StoreError, match="closed"):
        store.add_comparison(config, owner=None)


def test_a_transaction_is_kept_whole_or_not_at_all(tmp_path: Path) -> None:
    database = Database(tmp_path / DATABASE_FILE)

    def write_twice() -> None:
        with database.writing() as connection:
            for _ in range(2):
                connection.execute("INSERT INTO servers (id, pid, beat_at) VALUES ('a', 1, 0)")

    with pytest.raises(sqlite3.IntegrityError):
        write_twice()
    with database.reading() as connection:
        assert connection.execute("SELECT count(*) FROM servers").fetchone()[0] == 0
    database.close()


def test_many_threads_and_two_connections_write_at_once(tmp_path: Path, config: ComparisonConfig) -> None:
    stores = [Store(tmp_path), Store(tmp_path)]
    threads = [
        threading.Thread(target=lambda store=store: [store.add_comparison(config, owner=None) for _ in range(10)])
        for store in stores * 3
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(stores[0].comparisons(owner=None)) == 60
    for store in stores:
        store.close()


def test_several_may_make_the_file_at_once(tmp_path: Path) -> None:
    threads = [threading.Thread(target=lambda: Store(tmp_path / "new").close()) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Store(tmp_path / "new").comparisons(owner=None) == []


def test_a_store_of_the_first_version_goes_on_with_all_that_is_in_it(tmp_path: Path, config: ComparisonConfig) -> None:
    old = sqlite3.connect(tmp_path / DATABASE_FILE)
    old.executescript(_FIRST_SCHEMA + "PRAGMA user_version=1;")
    old.close()
    for _ in range(2):
        store = Store(tmp_path)
        comparison_id = store.add_comparison(config, owner=None)
        assert comparison_id in {record.id for record in store.comparisons(owner=None)}
        assert Sweeps(store.database).list_visible(viewer=None) == []
        with store.database.reading() as connection:
            assert connection.execute("PRAGMA user_version").fetchone()[0] == SCHEMA_VERSION == 2
        store.close()


def test_several_may_bring_an_old_store_up_to_date_at_once(tmp_path: Path) -> None:
    old = sqlite3.connect(tmp_path / DATABASE_FILE)
    old.executescript(_FIRST_SCHEMA + "PRAGMA user_version=1;")
    old.close()
    threads = [threading.Thread(target=lambda: Store(tmp_path).close()) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    store = Store(tmp_path)
    assert Sweeps(store.database).list_visible(viewer=None) == []
    store.close()
