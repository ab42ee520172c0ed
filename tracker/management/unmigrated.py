"""What a command says to whoever runs it on a database that is not as this version needs it."""

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

OWN_WORDS = {"migrate"}  # commands whose errors are about migrations
NOT_REACHED = "データベースに接続できません（{}）。動いているか、DATABASE_URL が正しいかを確かめてください。"
NOT_MIGRATED = (
    "データベースが、この版の形になっていません（まだ行っていない変更が {} 件あります）。"
    "先に manage.py migrate を実行してください。"
)


def words_for(problem: DatabaseError) -> str:
    """One sentence for what a command met; "" where the database is sound: an error of the program."""
    try:
        executor = MigrationExecutor(connection)
        lacking = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return NOT_REACHED.format(type(problem).__name__)
    return NOT_MIGRATED.format(len(lacking)) if lacking else ""
