"""What a form of the staff site would do, in words, for whoever may send what somebody else has filled in.

By the name of the address that it goes to, and the button's `act` where a page has several ("": any other).
"""

from collections.abc import Mapping

from django.urls import Resolver404, resolve

SETTINGS = {
    "": "報告回の設定",
    "close": "報告回の締切",
    "extend": "締切日の変更",
    "correct": "訂正の開始",
    "finish": "公表しない訂正の終わり",
    "add_missing": "足りない取組の追加",
    "describe": "報告回の名前と時点の変更",
}
ACTS: Mapping[str, str | Mapping[str, str]] = {
    "staff-entry": "取組の入力の保存",
    "staff-check": "取組の提出",
    "staff-former-texts": "前の内容に戻すこと",
    "staff-resolve": "食い違った入力の保存",
    "staff-withdraw": "提出の取下げ",
    "staff-submission": "まとめての提出",
    "staff-section-row": {"confirm": "課長の確認と企画への提出", "give_back": "書いた人への差戻し"},
    "staff-section": "課長の確認（まとめて）",
    "staff-review": {
        "": "取組の確認",
        "approve": "取組の承認",
        "return": "取組の差戻し",
        "reopen": "承認の取消し",
        "fill_in": "企画の項目の保存",
    },
    "staff-bulk-approval": "まとめての承認",
    "staff-desk-keys": "ショートカットキーの切替え",
    "staff-round-open": "報告回の開始",
    "staff-round-settings": SETTINGS,
    "staff-round-cancel": "報告回の取消し",
    "staff-import-take-back": "取り込みの取消し",
    "staff-publish": "公表",
    "staff-mails": "担当課へのメールの送信",
    "staff-mail-kinds": "送るメールの種類の変更",
    "staff-sheets": "入力シートの読み込み",
    "staff-batch": {
        "": "入力シートの取込の選択",
        "confirm": "入力シートの取込",
        "undo": "入力シートの取込の取消し",
        "discard": "入力シートの取込の中止",
    },
    "staff-load-table": "公表した表の読み込み",
    "staff-load-table-reading": "表の読み方の変更",
    "staff-load-table-check": "公表した表の取込",
    "staff-pledge-add": "公約の追加",
    "staff-pledge-sections": "分野と項目の追加",
    "staff-pledge-initiatives": "取組の追加",
    "staff-pledge-correct": "公約の文言の訂正",
    "staff-pledge-end": "公約の終了",
    "staff-pledge-move": "公約の移動",
    "staff-initiative-split": "取組の分割",
    "staff-initiative-end": "取組の終了",
    "staff-term-begin": "次の任期の開始",
    "staff-term-years": "任期の年度の変更",
    "staff-term-scale": "評価の区分の変更",
    "staff-term-former": "前の任期の公約の引継ぎ",
    "staff-term-table": "公約の表の取込",
    "staff-term-take-back": "任期の開始の取消し",
    "staff-reorganisations": "組織改正の準備",
    "staff-reorganisation": {
        "": "組織改正の内容の変更",
        "apply": "組織改正の実施",
        "undo": "組織改正の取消し",
        "delete": "組織改正の準備の中止",
    },
    "staff-reorganisation-add": "組織改正の内容の追加",
    "staff-reorganisation-step": "組織改正の内容の変更",
    "staff-reorganisation-choices": "引継ぎ先の選択",
    "staff-reorganisation-upload": "引継ぎ先の表の取込",
    "staff-people": {"": "パスワードの案内の作成", "mail": "パスワードの案内のメールの送信"},
    "staff-people-lists": "利用者の一覧の読み込み",
    "staff-people-list": {"": "利用者の一覧の確認", "confirm": "利用者の一覧の取込"},
    "staff-second-factor": {"codes": "回復コードの作り直し", "replace": "認証アプリの取替え"},
    "staff-kept-texts": "残してある入力の破棄",
    "password_change": "パスワードの変更",
    "auth_user_password_change": "利用者のパスワードの設定",
    "tracker_user_unlock": "ログインの停止の解除",
    "tracker_user_second_factor": "2 段階認証の解除",
}
OF_MASTER_DATA = {
    "add": "追加",
    "change": "変更",
    "delete": "削除",
    "changelist": "一覧での操作",
    "import": "表の取込",
}


def act_of(path: str, act: str) -> str:
    """What sending a form there does; "" for what nobody has named."""
    try:
        name = resolve(path).url_name or ""
    except Resolver404:
        return ""
    told = ACTS.get(name, "")
    if not isinstance(told, str):
        return told.get(act, told.get("", ""))
    return told or OF_MASTER_DATA.get(name.rpartition("_")[2], "")
