"""The 17 Sustainable Development Goals: their short Japanese names, and their colours (United Nations).

No icon is shown: the icons' licence forbids changes.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Goal:
    number: int
    name: str
    colour: str


GOALS = {
    number: Goal(number, name, colour)
    for number, name, colour in (
        (1, "貧困をなくそう", "#e5243b"),
        (2, "飢餓をゼロに", "#dda63a"),
        (3, "すべての人に健康と福祉を", "#4c9f38"),
        (4, "質の高い教育をみんなに", "#c5192d"),
        (5, "ジェンダー平等を実現しよう", "#ff3a21"),
        (6, "安全な水とトイレを世界中に", "#26bde2"),
        (7, "エネルギーをみんなに そしてクリーンに", "#fcc30b"),
        (8, "働きがいも経済成長も", "#a21942"),
        (9, "産業と技術革新の基盤をつくろう", "#fd6925"),
        (10, "人や国の不平等をなくそう", "#dd1367"),
        (11, "住み続けられるまちづくりを", "#fd9d24"),
        (12, "つくる責任 つかう責任", "#bf8b2e"),
        (13, "気候変動に具体的な対策を", "#3f7e44"),
        (14, "海の豊かさを守ろう", "#0a97d9"),
        (15, "陸の豊かさも守ろう", "#56c02b"),
        (16, "平和と公正をすべての人に", "#00689d"),
        (17, "パートナーシップで目標を達成しよう", "#19486a"),
    )
}
