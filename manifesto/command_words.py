"""What argparse and Django's command line say by themselves, in Japanese: usage, wrong arguments, help."""

import argparse
import sys
from difflib import get_close_matches
from typing import Any

from django.conf import settings
from django.core.management import ManagementUtility, base, get_commands
from django.core.management.base import BaseCommand, CommandParser

ARGPARSE = {
    "usage: ": "使い方：",
    "positional arguments": "引数",
    "options": "指定",
    "show this help message and exit": "この説明を出して、終わる",
    "%(prog)s: error: %(message)s\n": "できませんでした：%(message)s（%(prog)s --help で、説明が出ます）\n",
    "argument %(argument_name)s: %(message)s": "%(argument_name)s：%(message)s",
    "the following arguments are required: %s": "次の引数が要ります：%s",
    "unrecognized arguments: %s": "この命令にない引数です：%s",
    "expected one argument": "値を 1 つ書いてください",
    "expected at most one argument": "値は 1 つまでです",
    "expected at least one argument": "値を 1 つ以上書いてください",
    "expected %s argument": "値を %s 個書いてください",
    "expected %s arguments": "値を %s 個書いてください",
    "ignored explicit argument %r": "値を付けられません（%r）",
    "not allowed with argument %s": "%s といっしょには使えません",
    "one of the arguments %s is required": "%s のどれか 1 つが要ります",
    "invalid choice: %(value)r (choose from %(choices)s)": "%(value)r は選べません（%(choices)s のどれか）",
    "invalid %(type)s value: %(value)r": "%(value)r は使えません（%(type)s）",
    "ambiguous option: %(option)s could match %(matches)s": "%(option)s は、%(matches)s のどれか分かりません",
}
# The options that Django gives every command, by what is stored of them.
OPTIONS = {
    "version": "Django の版を出して、終わる",
    "verbosity": "どれだけ詳しく出すか（0 から 3）",
    "settings": "設定のモジュール（書かなくてよい）",
    "pythonpath": "Python がモジュールを探すフォルダー（書かなくてよい）",
    "traceback": "うまくいかなかったときに、起きた場所を出す",
    "no_color": "色を付けない",
    "force_color": "いつも色を付ける",
    "skip_checks": "システムの点検をしない",
}


class WordedParser(CommandParser):
    """Of a command: the options that are Django's are told in our words, too."""

    def format_help(self) -> str:
        for action in self._actions:
            action.help = OPTIONS.get(action.dest, action.help)
        return super().format_help()


class OurCommands(ManagementUtility):
    """Django's command line, which says in our words that there is no such command, and which there are."""

    def fetch_command(self, subcommand: str) -> BaseCommand:
        known = get_commands()
        if subcommand not in known:
            settings.INSTALLED_APPS  # noqa: B018 - settings that cannot be read are why it is not known
            like = get_close_matches(subcommand, known, n=1)
            meant = f"「{like[0]}」ではありませんか。" if like else ""
            sys.exit(
                f"「{subcommand}」という命令はありません。{meant}{self.prog_name} help で、一覧が出ます。"
            )
        return super().fetch_command(subcommand)

    def main_help_text(self, commands_only: bool = False) -> str:
        told = super().main_help_text(commands_only)
        english = f"Type '{self.prog_name} help <subcommand>' for help on a specific subcommand."
        told = told.replace(english, f"{self.prog_name} help 命令の名前 で、その命令の説明が出ます。")
        return told.replace("Available subcommands:", "命令の一覧：")


def execute(arguments: list[str]) -> None:
    """Runs a command as Django does, but for the words."""
    parser: Any = argparse
    parser._ = lambda text: ARGPARSE.get(text, text)
    parser.ngettext = lambda one, many, number: ARGPARSE.get(one, one if number == 1 else many)
    base.CommandParser = WordedParser  # type: ignore[misc]
    OurCommands(arguments).execute()
