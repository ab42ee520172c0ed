#!/bin/sh
# 市長マニフェストを、インターネットにつながらない Debian の機械に入れる。新しい版にするときも同じ命令です。
#
#   sh deploy/install.sh --wheels wheels --host manifesto.example.lg.jp city
#
# city は市の短い名前（英小文字と数字）。設定は /etc/manifesto/city.env にでき、あとから直せます。
# 途中で止まっても、もう一度実行すれば続きからできます。動かすプログラムは、準備が終わってから 1 度で切り替えます。
set -eu
umask 022

usage() {
    cat <<'WORDS'
使い方: sh deploy/install.sh --wheels フォルダ [--host ホスト名] [--name 市の名前] [--database アドレス] [--python python3] [--root フォルダ] [市の短い名前]
  --wheels    make wheels で作ったフォルダ
  --host      利用者が開くホスト名（新しい市だけ）
  --name      公開ページに出る市の名前（新しい市だけ。例：みどり市）
  --database  PostgreSQL のアドレス postgres://…（新しい市だけ。なければ SQLite。パスワードの記号は %XX の形：@ は %40、' は %27）
  --python    使う Python（3.11 以上。だれでも使える所にあるもの）
  --root      試しに、/ の代わりにこのフォルダの下に入れる（利用者と systemd には触らない）
市の短い名前がなければ、いまある市をすべて新しい版にします。
WORDS
}
say() { printf '== %s\n' "$1"; }
stop() { printf '%s\n' "$1" >&2; exit 1; }

root='' wheels='' host='' name='' database='' python=python3 city=''
while [ $# -gt 0 ]; do
    case "$1" in
        --wheels | --host | --name | --database | --python | --root)
            [ $# -ge 2 ] || { usage >&2; exit 2; }
            eval "${1#--}=\$2"
            shift 2
            ;;
        -h | --help) usage; exit 0 ;;
        -*) usage >&2; exit 2 ;;
        *) [ -z "$city" ] || { usage >&2; exit 2; }; city=$1; shift ;;
    esac
done

source=$(cd "$(dirname "$0")/.." && pwd)
program="$root/opt/manifesto" settings="$root/etc/manifesto" units="$root/etc/systemd/system"
state="$root/var/lib/manifesto" backups="$root/var/backups/manifesto"

# --- 調べる -----------------------------------------------------------------------------------------------------------
[ -n "$wheels" ] || { usage >&2; stop '--wheels が要ります。'; }
[ -d "$wheels" ] || stop "$wheels がありません。make wheels で作ったフォルダを指定してください。"
wheels=$(cd "$wheels" && pwd)
[ -n "$root" ] || [ "$(id -u)" = 0 ] || stop '管理者（root）で実行してください。'
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || stop "$python は 3.11 以上ではありません。--python で選べます。"
"$python" -c 'import ensurepip, venv' 2> /dev/null || stop "$python に venv がありません。apt install python3-venv"
case "$city" in *[!a-z0-9]*) stop "市の短い名前 $city には、英小文字と数字だけを使ってください。" ;; esac
[ -n "$city" ] || ls "$settings"/*.env > /dev/null 2>&1 || stop '市の短い名前を書いてください（例：isesaki）。'

if [ -n "$city" ] && [ ! -e "$settings/$city.env" ] && [ -z "$host" ]; then
    stop '新しい市には --host が要ります（例：--host manifesto.example.lg.jp）。'
fi
case "$host$name$database" in
    *[\'\"\\\`\$]* | *'
'*) stop "--host、--name、--database に、引用符（' \" \`）、\$、\\ は使えません。パスワードの記号は %XX の形で書きます（' は %27、\" は %22、\$ は %24）。" ;;
esac

runs_systemd() { [ -z "$root" ] && [ -d /run/systemd/system ]; }
owned() { [ -n "$root" ] || chown manifesto:manifesto "$@"; }
as_service() {
    if [ -n "$root" ]; then
        "$@"
    else
        setpriv --reuid=manifesto --regid=manifesto --init-groups "$@"
    fi
}
# $1 is a city, $2 a release, the rest a command of manage.py; run as the service is run.
manage() {
    (
        name=$1 release=$2
        shift 2
        set -a
        . "$settings/$name.env"
        set +a
        cd "$release"
        as_service .venv/bin/python manage.py "$@"
    )
}
# Where the city's settings put what is its own.
state_of() { (. "$settings/$1.env" && printf '%s' "${STATE_DIR:-$state/$1}"); }
# Whether a run has stopped between the city's backup and its end: its database may be half of a newer version.
is_half() {
    [ -e "$(state_of "$1")/.updating" ] &&
        [ "$(cat "$(state_of "$1")/.updating")" != "$(basename "$(readlink "$program/current")")" ]
}
back_up() {
    say "$1：バックアップを取っています"
    if manage "$1" "$program/current" backup "$backups/$1/" --verbosity 0; then
        basename "$release" > "$(state_of "$1")/.updating"
    elif is_half "$1"; then
        say "$1：前に途中で止まったので、そのときに取ったバックアップ（$backups/$1）を残して進みます"
    else
        exit 1
    fi
}

# --- 利用者とフォルダ -------------------------------------------------------------------------------------------------
if [ -z "$root" ] && ! id manifesto > /dev/null 2>&1; then
    say '利用者 manifesto を作っています'
    useradd --system --user-group --home-dir "$state" --shell /usr/sbin/nologin manifesto
fi
mkdir -p "$program/releases" "$settings" "$units" "$state" "$backups"

# --- プログラムとライブラリ -------------------------------------------------------------------------------------------
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$source/pyproject.toml")
[ -n "$version" ] || stop "$source に pyproject.toml がありません。"
release="$program/releases/$version-$(date +%Y%m%d%H%M%S)"
say "版 $version を $release に入れています（1 分ほど）"
mkdir "$release"
for each in manage.py pyproject.toml README.md CHANGELOG.md manifesto tracker templates fixtures requirements docs deploy; do
    cp -R "$source/$each" "$release/"
done
find "$release" -name __pycache__ -type d -prune -exec rm -rf {} +
"$python" -m venv "$release/.venv"
# A Python of root's own home would serve root alone. The shell between asks with the service's rights only.
# shellcheck disable=SC2016
as_service sh -c '"$1" -c ""' sh "$release/.venv/bin/python" 2> /dev/null || {
    rm -rf "$release"
    stop "利用者 manifesto は $python を使えません。--python /usr/bin/python3 のように、だれでも使える Python を選んでください。"
}
# Nothing but the folder is asked, whatever this machine's own configuration of pip says.
install() {
    PIP_CONFIG_FILE=/dev/null PIP_FIND_LINKS='' "$release/.venv/bin/python" -m pip install --quiet \
        --disable-pip-version-check --no-index --find-links "$wheels" --require-hashes -r "$release/requirements/$1.txt"
}
install run
# The extras' wheels are there where the folder was made with them.
for extra in pdf pictures brotli oidc; do
    install "$extra" 2> /dev/null || say "追加の部品（$extra）は、フォルダにないので入れません"
done
"$release/.venv/bin/python" -m compileall -q "$release/manifesto" "$release/tracker" > /dev/null

# --- 市の設定 ---------------------------------------------------------------------------------------------------------
if [ -n "$city" ] && [ -e "$settings/$city.env" ]; then
    [ -z "$host$name$database" ] ||
        say "$settings/$city.env はもうあるので、そのまま使います（--host、--name、--database は使いません）"
elif [ -n "$city" ]; then
    say "$settings/$city.env を作っています"
    port=8000
    while grep -qsx "PORT=$port" "$settings"/*.env; do port=$((port + 1)); done
    (
        umask 077
        cat > "$settings/$city.env.new" <<ENV
# $city の設定。変数の意味は README の「設定」。変えたら：systemctl restart manifesto-web@$city
STATE_DIR=$state/$city
DATABASE_URL='$database'
CITY_NAME='$name'
ALLOWED_HOSTS=$host,127.0.0.1
STAFF_SITE_URL=https://$host/staff/
PUBLIC_URL=https://$host
HTTPS=true
TRUSTED_PROXIES=127.0.0.1
PORT=$port
WEB_CONCURRENCY=2
# メールを送るときは、# を消して直します。
# EMAIL_HOST=mail.example.lg.jp
# MAIL_FROM=manifesto@example.lg.jp
ENV
    )
    mv "$settings/$city.env.new" "$settings/$city.env"
fi

# --- データベース：動かしているものを止め、バックアップを取り、新しい版のものにする -----------------------------------------
cities=$(cd "$settings" && ls ./*.env | sed 's|^\./||; s|\.env$||')
explain() {
    printf '%s\n' '' "途中で止まりました。上に出た理由を直して、同じ命令をもう一度実行してください（続きから行います）。" \
        "市の設定は $settings/ にあります。" >&2
    if runs_systemd; then printf '%s\n' "それまで、サービスは止めたままです：$(echo $cities)" >&2; fi
}
trap explain EXIT
for town in $cities; do
    mkdir -p -m 0700 "$state/$town" "$backups/$town"
    owned "$state/$town" "$backups/$town"
    if runs_systemd; then systemctl stop "manifesto@$town.target"; fi
    # A new city has nothing yet to back up.
    if [ -e "$(state_of "$town")/static" ]; then back_up "$town"; fi
    say "$town：データベースを準備しています"
    manage "$town" "$release" migrate --verbosity 0
    manage "$town" "$release" rebuild_index --verbosity 0
    manage "$town" "$release" collectstatic --noinput --verbosity 0
done
trap - EXIT

# --- 切り替える -------------------------------------------------------------------------------------------------------
ln -s "releases/$(basename "$release")" "$program/current.new"
mv -T "$program/current.new" "$program/current"
for town in $cities; do rm -f "$(state_of "$town")/.updating"; done
rm -rf "$units/manifesto-.service.d"
cp -R "$release/deploy/systemd/." "$units/"
mkdir -p "$root/usr/local/sbin"
sed "s|@ROOT@|$root|g" "$release/deploy/manifesto" > "$root/usr/local/sbin/manifesto"
chmod 755 "$root/usr/local/sbin/manifesto"
if runs_systemd; then
    systemctl daemon-reload
    for town in $cities; do
        systemctl enable --quiet "manifesto@$town.target"
        systemctl start "manifesto@$town.target"
    done
fi
# Three releases stay: this one, and two to look at. The database does not go back (docs/upgrading.md).
cd "$program/releases"
ls -1d ./*/ | sort -t- -k2 | head -n -3 | while read -r old; do rm -rf "$old"; done
say '終わりました。次にすること：'
if [ -n "$city" ]; then
    cat <<WORDS
  はじめの管理者を作る：      manifesto $city createsuperuser
  設備のようすを調べる：      manifesto $city doctor
  nginx を前に置く：          $program/current/deploy/nginx/live-site.conf（← の行を直して /etc/nginx/conf.d/ に）
WORDS
else
    for town in $cities; do echo "  調べる：manifesto $town doctor && manifesto $town verify_events"; done
fi
