"""docker-compose.yml without Docker: what it names is there, and what its services run works together."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml

from tests import machine, nginx
from tests.browser.server import free_port, wait_until_ready

PROJECT = Path(__file__).resolve().parents[1]
COMPOSE = PROJECT / "docker-compose.yml"
NODES = ("web1", "web2")
TOKEN = "c" * 32
VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")


def first_environment() -> dict[str, str]:
    """What `make up` writes into .env."""
    told = subprocess.check_output(["sh", PROJECT / "deploy/compose/env.sh"], text=True)
    return dict(line.split("=", 1) for line in told.splitlines())


def filled_in(read: Any, given: dict[str, str]) -> Any:
    """A part of the file with variables in their places. Raises KeyError for one that must be given."""

    def value(found: re.Match[str]) -> str:
        name, kind, default = found.groups()
        return given.get(name) or (default if kind == "-" else given[name])

    if isinstance(read, dict):
        return {key: filled_in(part, given) for key, part in read.items()}
    if isinstance(read, list):
        return [filled_in(part, given) for part in read]
    return VARIABLE.sub(value, read) if isinstance(read, str) else read


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    found: dict[str, Any] = filled_in(yaml.safe_load(COMPOSE.read_text()), first_environment())
    return found


def test_every_key_is_new_and_long_and_none_may_be_missing() -> None:
    one, other = first_environment(), first_environment()
    assert all(len(value) >= 50 and value != other[name] for name, value in one.items())
    for name in one:
        with pytest.raises(KeyError, match=name):
            filled_in(COMPOSE.read_text(), {key: value for key, value in one.items() if key != name})


def test_what_the_services_name_is_there(compose: dict[str, Any]) -> None:
    services = compose["services"]
    for name, service in services.items():
        assert set(service.get("depends_on", {})) <= set(services), name
        assert set(service["networks"]) <= set(compose["networks"]), name
        for volume in service.get("volumes", []):
            place = volume.split(":")[0]
            assert (PROJECT / place).is_file() if place.startswith(".") else place in compose["volumes"]
        for other, wanted in service.get("depends_on", {}).items():
            if wanted["condition"] == "service_healthy":
                assert "healthcheck" in services[other]
        if name not in {"db", "nginx"}:
            shell, script = service["command"]
            assert (shell, (PROJECT / script).is_file()) == ("sh", True)


def test_every_setting_is_one_that_the_site_reads(compose: dict[str, Any]) -> None:
    described = set(re.findall(r"^\| `([A-Z_]+)` \|", (PROJECT / "README.md").read_text(), re.MULTILINE))
    assert set(compose["services"]["web1"]["environment"]) - described == {"WITH_EXAMPLE"}


def test_the_nodes_share_keys_and_no_folder_and_nginx_knows_both(compose: dict[str, Any]) -> None:
    first, second = (compose["services"][name] for name in NODES)
    assert first["environment"] == second["environment"]
    assert set(first["volumes"]).isdisjoint(second["volumes"])
    subnet = compose["services"]["nginx"]["environment"]["SUBNET"]
    told = (PROJECT / "deploy/compose/nginx.conf").read_text().replace("${SUBNET}", subnet)
    addresses = {node["networks"]["inside"]["ipv4_address"] for node in (first, second)}
    assert set(re.findall(r"server ([\d.]+):8000 fail_timeout=3s;", told)) == addresses
    front = compose["services"]["nginx"]["networks"]["inside"]["ipv4_address"]
    assert first["environment"]["TRUSTED_PROXIES"] == front


@contextmanager
def node(environment: dict[str, str], log: Path) -> Iterator[None]:
    """A web node, by the command of its service."""
    with log.open("w") as output:
        server = subprocess.Popen(
            ["sh", "deploy/compose/web.sh"], cwd=PROJECT, env=environment, stdout=output, stderr=output
        )
    try:
        wait_until_ready(server, f"http://127.0.0.1:{environment['PORT']}/readyz", log)
        yield
    finally:
        server.terminate()
        server.wait(timeout=40)


def surroundings(compose: dict[str, Any], service: str, folder: Path, url: str) -> dict[str, str]:
    """A service's environment, on this machine: its own folder and port, the tests' database and Python."""
    state = folder / service
    state.mkdir()
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    own = {"STATE_DIR": str(state), "DATABASE_URL": url, "PATH": path, "LISTEN_ADDRESS": "127.0.0.1"}
    return compose["services"][service]["environment"] | own | {"PORT": str(free_port())}


@pytest.mark.long
def test_the_services_commands_play_together(compose: dict[str, Any], tmp_path: Path) -> None:
    with ExitStack() as stack:
        url = stack.enter_context(machine.postgresql_database("compose"))

        def run(service: str, *more: str, **settings: str) -> None:
            script = compose["services"][service]["command"][1]
            environment = surroundings(compose, service, tmp_path, url) | settings
            subprocess.run(["sh", script, *more], cwd=PROJECT, env=environment, check=True)

        run("prepare", WITH_EXAMPLE="true")
        ports = []
        for name in NODES:
            environment = surroundings(compose, name, tmp_path, url)
            stack.enter_context(node(environment, tmp_path / f"{name}.log"))
            ports.append(environment["PORT"])
        port = free_port()
        changes = {
            "server ${SUBNET}.11:8000 fail_timeout=3s;": f"server 127.0.0.1:{ports[0]} fail_timeout=3s;",
            "server ${SUBNET}.12:8000 fail_timeout=3s;": f"server 127.0.0.1:{ports[1]} fail_timeout=3s;",
            "listen 80;": f"listen 127.0.0.1:{port};",
            "/var/cache/nginx/manifesto ": f"{tmp_path}/kept ",
        }
        (tmp_path / "kept").mkdir(mode=0o777)
        stack.enter_context(
            nginx.serving("../compose/nginx.conf", changes, tmp_path, f"http://127.0.0.1:{port}")
        )
        for _node in range(4):  # by turns
            answer, body = nginx.ask(f"http://127.0.0.1:{port}/2021/pledges/?q={_node}")
            assert (answer.status, "取組" in body.decode()) == (200, True)
        # A wrong password, not a forged form: the site knows the address that the browser names.
        sent = {"Origin": f"http://127.0.0.1:{port}", "Cookie": f"staff_csrf={TOKEN}"}
        form = f"username=nobody&password=wrong&csrfmiddlewaretoken={TOKEN}".encode()
        answer, body = nginx.ask(f"http://127.0.0.1:{port}/staff/login/", form, sent)
        assert (answer.status, "nobody" in body.decode()) == (200, True)
        (tmp_path / "backups").mkdir()
        run("nightly", "once", BACKUPS=str(tmp_path / "backups"))
        assert list((tmp_path / "backups").glob("*.zip"))
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT count(*) FROM tracker_report").fetchone() == (1,)
