# make run  … 動かす        make test … 確かめる        make help … ほかの命令
# PYTHON=python3.12 のように、使う Python（3.11 以上）を選べます。

PYTHON ?= python3
VENV ?= .venv
PORT ?= 8000
WHEELS ?= wheels
export PORT

PY := $(VENV)/bin/python
# The name of a stamp holds its requirements file's checksum: a changed file asks for a new stamp, an unchanged one for nothing.
checksum = $(shell cksum < requirements/$(1).txt | tr ' ' '-')
MADE := $(VENV)/made.stamp
RUN := $(VENV)/run-$(call checksum,run).stamp
DEV := $(VENV)/dev-$(call checksum,dev).stamp
INSTALL := $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r

.DELETE_ON_ERROR:
.PHONY: help run test test-all setup lint format bench pictures wheels up lock clean

help:
	@echo 'make run    サイトを動かします（初回は準備に 1〜2 分かかります）'
	@echo 'make test   テストを行います（DATABASE_URL があれば、そのデータベースで）'
	@echo 'make test-all  残りの場合と長いテストも行い、網羅率も測ります'
	@echo 'make setup  開発の準備だけを行います'
	@echo 'make lint   書き方と型と層を確かめます     make format  書き方を整えます'
	@echo 'make bench  速さを測ります         make pictures  README の絵を作り直します'
	@echo 'make wheels  ライブラリを wheels/ に集めます（インターネットにつながらない機械に入れるため）'
	@echo 'make up     Docker で全部を動かします（docker-compose.yml。初回に鍵を .env に作ります）'
	@echo 'make lock   requirements/*.txt を pyproject.toml から作り直します'
	@echo 'make clean  準備したものを消します（var/ のデータは消しません）'

# The demo's accounts exist here only: nothing else sets DEMO.
run: export DEMO = true
run: $(RUN)
	@echo '== データベースを準備しています'
	@$(PY) manage.py migrate --verbosity 0
	@$(PY) manage.py rebuild_index
	@echo '== 画面の部品を集めています'
	@$(PY) manage.py collectstatic --noinput --verbosity 0
	@echo '== 公表された表を確かめています'
	@$(PY) manage.py import_report fixtures/isesaki_manifesto_2024-03.txt --publish --if-empty
	@echo '== 見本の利用者を確かめています'
	@$(PY) manage.py create_demo
	@echo '== サーバーを起動しています'
	@exec $(PY) -m gunicorn -c python:manifesto.gunicorn

# Where it is set, as in many containers, each process that a test starts would compile all our modules anew.
unexport PYTHONDONTWRITEBYTECODE

test: $(DEV)
	$(PY) -m pytest --numprocesses auto -m 'not long and not wide' $(ARGS)

# Coverage is measured here only, and not in a browser or in long plays: it doubles the time of every test.
test-all: $(DEV)
	$(PY) -m pytest --numprocesses auto -m 'not long and not browser' --cov --cov-branch --cov-fail-under=95 $(ARGS)
	$(PY) -m pytest --numprocesses auto -m 'long or browser' $(ARGS)

pictures: $(DEV)
	DJANGO_SETTINGS_MODULE=tests.settings $(PY) -m tests.browser.pictures

setup: $(DEV)

lint: $(DEV)
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/djade --target-version 5.2 --check $$(find templates -name '*.html')
	$(VENV)/bin/lint-imports --no-logo
	$(PY) manage.py makemigrations --check --dry-run
	HTTPS=true TRUSTED_PROXIES=127.0.0.1 $(PY) manage.py check --deploy --fail-level WARNING

format: $(DEV)
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .
	$(VENV)/bin/djade --target-version 5.2 $$(find templates -name '*.html')

bench: $(DEV)
	$(PY) -m benchmarks

# For the Python and the system of this machine, or of another: make wheels FOR="--python-version 3.12 --platform …".
wheels: $(MADE)
	@mkdir -p $(WHEELS)
	@for each in run pdf pictures brotli oidc; do $(PY) -m pip download --disable-pip-version-check --quiet --only-binary :all: \
		--no-deps --require-hashes -r requirements/$$each.txt -d $(WHEELS) $(FOR) || exit 1; done
	@echo "== $(WHEELS) に集めました：$$(ls $(WHEELS) | wc -l) 個、$$(du -sh $(WHEELS) | cut -f1)"

up: .env
	docker compose up --build --detach --wait
	@echo '== 動いています： http://127.0.0.1:8080/  止めるには docker compose down'

.env:
	@(umask 077; sh deploy/compose/env.sh > .env.new) && mv .env.new .env
	@echo '== 鍵とパスワードを .env に作りました。失わないように、別の所にも置いてください。'

lock: $(MADE)
	@$(PY) -m pip install --disable-pip-version-check --quiet uv
	$(call compile,run)
	$(call compile,pdf,--extra pdf)
	$(call compile,pictures,--extra pictures)
	$(call compile,brotli,--extra brotli)
	$(call compile,oidc,--extra oidc)
	$(call compile,dev,--extra dev)

compile = $(VENV)/bin/uv pip compile pyproject.toml --output-file requirements/$(1).txt $(2) --quiet --universal \
	--python-version 3.11 --generate-hashes --no-strip-extras --no-emit-index-url --no-emit-find-links --no-header $(ARGS)

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage htmlcov

$(RUN): $(MADE)
	@echo '== 動かすためのライブラリを入れています（1 分ほど）'
	@$(INSTALL) requirements/run.txt
	@touch $@

# Holds everything that running needs, in the same versions.
$(DEV): $(MADE)
	@echo '== 開発用のライブラリを入れています（1〜3 分）'
	@$(INSTALL) requirements/dev.txt
	@touch $(RUN) $@

$(MADE):
	@command -v $(PYTHON) > /dev/null || { echo '$(PYTHON) がありません。Python 3.11 以上を入れてください。Debian では：apt install python3 python3-venv' >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo '$(PYTHON) が古すぎます。3.11 以上を PYTHON=… で指定してください。' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2> /dev/null || { echo '$(PYTHON) に venv がありません。Debian では：apt install python3-venv' >&2; exit 1; }
	@echo '== Python の環境を $(VENV) に作っています'
	@$(PYTHON) -m venv $(VENV)
	@touch $@
