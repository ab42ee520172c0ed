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
使い方: sh deploy/install.sh --wheels フォルダ [--host ホスト名] [--database アドレス] [--python python3] [--root フォルダ] [市の短い名前]
  --wheels    make wheels で作ったフォルダ
  --host      利用者が開くホスト名（新しい市だけ）
  --database  PostgreSQL のアドレス postgres://…（新しい市だけ。なければ SQLite）
  --python    使う Python（3.11 以上）
  --root      試しに、/ の代わりにこのフォルダの下に入れる（利用者と systemd には触らない）
市の短い名前がなければ、いまある市をすべて新しい版にします。
WORDS
}
say() { printf '== %s\n' "$1"; }
stop() { printf '%s\n' "$1" >&2; exit 1; }

root='' wheels='' host='' database='' python=python3 city=''
while [ $# -gt 0 ]; do
    case "$1" in
        --wheels | --host | --database | --python | --root)
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
[ -n "$wheels" ] || { usage >&2; exit 2; }
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

runs_systemd() { [ -z "$root" ] && [ -d /run/systemd/system ]; }
owned() { [ -n "$root" ] || chown manifesto:manifesto "$@"; }
# $1 is a city, $2 a release, the rest a command of manage.py; run as the service is run.
manage() {
    (
        name=$1 release=$2
        shift 2
        set -a
        . "$settings/$name.env"
        set +a
        cd "$release"
        if [ -n "$root" ]; then
            exec .venv/bin/python manage.py "$@"
        fi
        exec setpriv --reuid=manifesto --regid=manifesto --init-groups .venv/bin/python manage.py "$@"
    )
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
if [ -n "$city" ] && [ ! -e "$settings/$city.env" ]; then
    say "$settings/$city.env を作っています"
    port=8000
    while grep -qsx "PORT=$port" "$settings"/*.env; do port=$((port + 1)); done
    (
        umask 077
        cat > "$settings/$city.env.new" <<ENV
# $city の設定。変数の意味は README の「設定」。変えたら：systemctl restart manifesto-web@$city
STATE_DIR=$state/$city
DATABASE_URL='$database'
ALLOWED_HOSTS=$host,127.0.0.1
STAFF_SITE_URL=https://$host/staff/
PUBLIC_URL=https://$host
HTTPS=true
TRUSTED_PROXIES=127.0.0.1
PORT=$port
WEB_CONCURRENCY=2
ENV
    )
    mv "$settings/$city.env.new" "$settings/$city.env"
fi

# --- データベース：動かしているものを止め、バックアップを取り、新しい版のものにする -----------------------------------------
cities=$(cd "$settings" && ls ./*.env | sed 's|^\./||; s|\.env$||')
for name in $cities; do
    mkdir -p -m 0700 "$state/$name" "$backups/$name"
    owned "$state/$name" "$backups/$name"
    if runs_systemd; then systemctl stop "manifesto@$name.target"; fi
    if [ -e "$program/current/.venv" ]; then
        say "$name：バックアップを取っています"
        manage "$name" "$program/current" backup "$backups/$name/" --verbosity 0
    fi
    say "$name：データベースを準備しています"
    manage "$name" "$release" migrate --verbosity 0
    manage "$name" "$release" rebuild_index --verbosity 0
    manage "$name" "$release" collectstatic --noinput --verbosity 0
done

# --- 切り替える -------------------------------------------------------------------------------------------------------
ln -s "releases/$(basename "$release")" "$program/current.new"
mv -T "$program/current.new" "$program/current"
rm -rf "$units/manifesto-.service.d"
cp -R "$release/deploy/systemd/." "$units/"
mkdir -p "$root/usr/local/sbin"
sed "s|@ROOT@|$root|g" "$release/deploy/manifesto" > "$root/usr/local/sbin/manifesto"
chmod 755 "$root/usr/local/sbin/manifesto"
if runs_systemd; then
    systemctl daemon-reload
    for name in $cities; do
        systemctl enable --quiet "manifesto@$name.target"
        systemctl start "manifesto@$name.target"
    done
fi
# Three releases stay: this one, and two to look at. The database does not go back (docs/upgrading.md).
cd "$program/releases"
ls -1d ./*/ | sort -t- -k2 | head -n -3 | while read -r old; do rm -rf "$old"; done
say '終わりました。次にすること：'
cat <<WORDS
  はじめの管理者を作る：      manifesto ${city:-市の短い名前} createsuperuser
  設備のようすを調べる：      manifesto ${city:-市の短い名前} doctor
  nginx を前に置く：          $program/current/deploy/nginx/live-site.conf（← の行を直して /etc/nginx/conf.d/ に）
WORDS
