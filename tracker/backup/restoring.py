"""A backup into an empty installation, of either database: all of it, or nothing."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from django.apps import apps
from django.apps.registry import Apps
from django.conf import settings
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from tracker import triggers
from tracker.backup import rows
from tracker.backup.archive import ArchiveProblem, Manifest, Reader, TablePart, new_file
from tracker.backup.making import KEYS, key_digest
from tracker.cycle import seals

# What only people make: where one of these has a row, somebody works here.
OF_PEOPLE = ("tracker.User", "tracker.Manifesto", "tracker.Event", "tracker.Report", "tracker.Department")
NOT_EMPTY = (
    "このデータベースには、もうデータがあります（%s %s 件）。"
    "バックアップは、空のデータベースに戻してください。"
)
OTHER_LOG = (
    "%s に、別のデータベースの、封印の控えがあります。名前を変えて残してから、もう一度行ってください。"
)

OTHER_KEY = (
    "この設備の鍵（seal_key）は、バックアップしたときの鍵と違います。鍵のファイルを --keys で渡してください。"
    "環境変数 SEAL_KEY で渡していたときは、同じ値にしてください。"
    "鍵をなくしたときは --without-keys で戻せますが、封印は確かめられなくなります。"
)


def restore(
    reader: Reader, keys: dict[str, str], tell: Callable[[TablePart], None], *, without_keys: bool = False
) -> None:
    """Writes a backup into the database of the settings, and its files and keys into STATE_DIR.

    `without_keys`: the key of its seals is lost, and everybody knows.

    Raises ArchiveProblem, and has written nothing, where the backup does not fit or somebody works here.
    """
    manifest = reader.manifest
    _refuse_unknown(manifest)
    _refuse_used()
    if not without_keys:
        _refuse_other_key(manifest, keys)
    log = _log_to_write(reader)
    _migrate_to(manifest)
    state = _state(manifest)
    with connection.constraint_checks_disabled(), transaction.atomic():
        triggers.remove(connection)
        _write_rows(reader, state, tell)
        connection.check_constraints()
        triggers.install(connection)
        _compare(manifest, state)
        if log is not None:  # before the commit: a log may know more than its database for a moment, not less
            with new_file(seals.log_path()) as file:
                file.write(log)
        _put_keys(keys)
    call_command("migrate", verbosity=0)  # a backup of an older version comes to the present


def _refuse_unknown(manifest: Manifest) -> None:
    known = MigrationExecutor(connection).loader.disk_migrations
    replaced = {each for migration in known.values() for each in migration.replaces}
    for app, names in manifest.migrations.items():
        ours = {name for label, name in {*known, *replaced} if label == app}
        if app in {label for label, _name in known} and (unknown := set(names) - ours):
            raise ArchiveProblem(
                f"このバックアップは、新しい版（{manifest.version}）のものです（{app} {min(unknown)}）。"
                "その版か、より新しい版で戻してください。"
            )


def _refuse_used() -> None:
    there = set(connection.introspection.table_names())
    for label in OF_PEOPLE:
        model = apps.get_model(label)
        if model._meta.db_table not in there:
            continue
        with connection.cursor() as cursor:  # its columns may be those of an older version
            table = connection.ops.quote_name(model._meta.db_table)
            cursor.execute(f"SELECT count(*) FROM {table}")  # noqa: S608 - our own
            if count := cursor.fetchone()[0]:
                raise ArchiveProblem(NOT_EMPTY % (model._meta.verbose_name, f"{count:,}"))


def _refuse_other_key(manifest: Manifest, keys: dict[str, str]) -> None:
    if key_digest(keys.get("seal_key", settings.SEAL_KEY)) != manifest.seal_key:
        raise ArchiveProblem(OTHER_KEY)


def _log_to_write(reader: Reader) -> bytes | None:
    """The log of seals as it is to stand; None where what stands there already is the same, or goes on."""
    log = reader.file(seals.log_path().name)
    with suppress(FileNotFoundError):
        there = seals.log_path().read_bytes()
        if log is not None and there.startswith(log):
            return None
        if there.strip():
            raise ArchiveProblem(OTHER_LOG % seals.log_path())
    return log


def _leaves(manifest: Manifest) -> list[tuple[str, str]]:
    """The last migrations of each app that the backup's database had."""
    graph = MigrationExecutor(connection).loader.graph
    had = {(app, name) for app, names in manifest.migrations.items() for name in names} & set(graph.nodes)
    return sorted(
        node
        for node in had
        if not any(child.key in had and child.key[0] == node[0] for child in graph.node_map[node].children)
    )


def _migrate_to(manifest: Manifest) -> None:
    executor = MigrationExecutor(connection)
    leaves = _leaves(manifest)
    if set(leaves) >= {node for node in executor.loader.graph.leaf_nodes() if node[0] in manifest.migrations}:
        call_command("migrate", verbosity=0)
        return
    for app, name in leaves:
        call_command("migrate", app, name, verbosity=0)


def _state(manifest: Manifest) -> Apps:
    """The models as they were at the backup's migrations."""
    found: Apps = MigrationExecutor(connection).loader.project_state(_leaves(manifest)).apps
    return found


def _write_rows(reader: Reader, state: Apps, tell: Callable[[TablePart], None]) -> None:
    models = {model._meta.label: model for model in rows.tables(state)}
    taken = _taken(reader.manifest)
    if unknown := [table.label for table in taken if table.label not in models]:
        raise ArchiveProblem(f"このバックアップには、この版の知らない表があります（{unknown[0]}）。")
    for model in models.values():
        rows.delete_all(model, DEFAULT_DB_ALIAS)
    for table in taken:
        rows.write(models[table.label], table.columns, reader.lines(table), DEFAULT_DB_ALIAS)
        tell(table)


def _taken(manifest: Manifest) -> list[TablePart]:
    """The tables that are written: a backup of before may have one that is left out now."""
    return [table for table in manifest.tables if not rows.is_left_out(table.label)]


def _compare(manifest: Manifest, state: Apps) -> None:
    """What was written is read once more."""
    for table in _taken(manifest):
        if rows.digest(state.get_model(table.label), DEFAULT_DB_ALIAS) != table.sha256:
            raise ArchiveProblem(
                f"書き込んだ内容がバックアップと違います（{table.label}）。何も書き込んでいません。"
            )


def read_keys(path: Path) -> dict[str, str]:
    """The keys that `making.keep_keys` wrote. Raises ArchiveProblem for another file."""
    try:
        found = dict(line.split(" ", 1) for line in path.read_text().splitlines())
    except FileNotFoundError as problem:
        raise ArchiveProblem(f"{path} がありません。") from problem
    except (OSError, ValueError) as problem:
        raise ArchiveProblem(f"{path} は、鍵のファイルではありません。") from problem
    if not found or not set(found) <= set(KEYS):
        raise ArchiveProblem(f"{path} は、鍵のファイルではありません。")
    return found


def _put_keys(keys: dict[str, str]) -> None:
    """Writes the keys over those that this installation has made for itself, and has signed nothing with."""
    for name, key in keys.items():
        with new_file(settings.STATE_DIR / name) as file:
            file.write(key.encode())
        setattr(settings, name.upper(), key)
