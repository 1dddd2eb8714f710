"""A real JupyterHub: its proxy, two members with servers of their own, and one shared service.

::

    <home>/jupyterhub_config.py   the recipe of docs/how-to/jupyterhub.md, with a dummy authenticator
    <home>/users/<name>           a member's HOME: the simple spawner runs every server as the same account
    <home>/registry               on JUPYTER_PATH of every server: one model, a file beside its entry

ann is a member and a curator, bob is a member, carl has an account and nothing else.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import requests

PASSWORD = "only-for-tests"
MODEL = bytes(range(256)) * 2048

_CONFIG = """
import sys
c = get_config()
home = {home!r}
c.JupyterHub.bind_url = "http://127.0.0.1:{proxy_port}"
c.JupyterHub.public_url = "http://127.0.0.1:{proxy_port}"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:{hub_port}"
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{api_port}"
c.ConfigurableHTTPProxy.command = [{chp!r}]
c.ConfigurableHTTPProxy.pid_file = home + "/proxy.pid"
c.JupyterHub.db_url = "sqlite:///:memory:"
c.JupyterHub.cookie_secret_file = home + "/cookie_secret"
c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = {password!r}
c.Authenticator.allowed_users = {{"ann", "bob", "carl"}}
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = home + "/users/{{username}}"
c.Spawner.cmd = [sys.executable, "-m", "jupyterhub.singleuser"]
c.Spawner.args = {root_args!r}
c.Spawner.default_url = "/nodeapi"
c.Spawner.environment = {environment!r}
c.Spawner.start_timeout = 60

c.JupyterHub.custom_scopes = {{"custom:nodeapi:write": {{"description": "Install shared models"}}}}
c.JupyterHub.load_groups = {{"members": {{"users": ["ann", "bob"]}}, "curators": {{"users": ["ann"]}}}}
c.JupyterHub.services = [
    {{"name": "admin", "api_token": {admin_token!r}}},
    {{
        "name": "models",
        "url": "http://127.0.0.1:{service_port}",
        "command": [sys.executable, "-m", "jupyterhub.singleuser", *{root_args!r}],
        "oauth_no_confirm": True,
        "oauth_client_allowed_scopes": ["custom:nodeapi:write"],
        "environment": {{**{environment!r}, "JUPYTER_CONFIG_PATH": home + "/service", "HOME": home + "/service"}},
    }},
]
c.JupyterHub.load_roles = [
    {{"name": "admin-role", "scopes": ["admin:users", "admin:servers", "tokens"], "services": ["admin"]}},
    {{"name": "members", "scopes": ["access:services!service=models"], "groups": ["members"]}},
    {{"name": "curators", "scopes": ["custom:nodeapi:write"], "groups": ["curators"]}},
    {{"name": "server", "scopes": [
        "users:activity!user", "access:servers!server", "access:services!service=models", "custom:nodeapi:write",
    ]}},
]
"""


class Member(requests.Session):
    """One person: a browser with cookies, or a program with a token, whose base is one server.

    Parameters
    ----------
    base : str
        Where paths begin, ``http://127.0.0.1:1234/user/ann``.
    """

    def __init__(self, base: str) -> None:
        super().__init__()
        self.trust_env = False
        self.base = base

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> requests.Response:
        """Send to a path of the base, or to a whole URL."""
        kwargs.setdefault("timeout", 60)
        return super().request(method, url if "://" in url else self.base + url, *args, **kwargs)

    def at(self, base: str) -> Member:
        """Return the same person, cookies and all, at another server."""
        other = Member(base)
        other.cookies.update(self.cookies)
        other.headers.update(self.headers)
        return other


class RealHub:
    """A Hub that lives as long as the tests.

    Parameters
    ----------
    home : Path
        An empty folder.
    chp : str
        The ``configurable-http-proxy`` program.
    """

    def __init__(self, home: Path, chp: str) -> None:
        self.home = home
        self.log = home / "hub.log"
        self.admin_token = secrets.token_hex(16)
        ports = free_ports(4)
        self.url = f"http://127.0.0.1:{ports['proxy_port']}"
        root_args = ["--allow-root"] if os.geteuid() == 0 else []
        config = _CONFIG.format(
            home=str(home),
            chp=chp,
            password=PASSWORD,
            admin_token=self.admin_token,
            root_args=root_args,
            environment=self._environment(),
            **ports,
        )
        (home / "jupyterhub_config.py").write_text(config)
        self._prepare()

    def _environment(self) -> dict[str, str]:
        return {
            "JUPYTER_PATH": str(self.home / "registry"),
            "JUPYTER_CONFIG_PATH": str(self.home / "config"),
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def _prepare(self) -> None:
        models = self.home / "registry" / "nodeapi" / "models.d"
        models.mkdir(parents=True)
        (models / "shared.bin").write_bytes(MODEL)
        entry = {
            "id": "shared/model",
            "name": "Shared",
            "category": "Team Models",
            "source": {"type": "local", "url": str(models / "shared.bin")},
            "files": [{"path": "shared.bin"}],
        }
        (models / "team.json").write_text(json.dumps({"version": 1, "models": [entry]}))
        others = ("jupyterlab", "notebook_shim", "jupyter_lsp", "jupyter_server_terminals")
        extensions = {**dict.fromkeys(others, False), "jupyter_nodeapi": True}
        for name, extra in (
            ("config", {}),
            (
                "service",
                {"authorizer_class": "jupyter_nodeapi.jupyterhub.TeamAuthorizer", "default_url": "/nodeapi"},
            ),
        ):
            (self.home / name).mkdir()
            settings = {"ServerApp": {"jpserver_extensions": extensions, **extra}}
            (self.home / name / "jupyter_server_config.json").write_text(json.dumps(settings))
        for name in ("ann", "bob", "carl"):
            (self.home / "users" / name).mkdir(parents=True)

    def start(self) -> None:
        """Start the Hub and return once it and its service answer."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("JUPYTER")}
        environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), environment["PATH"]])
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "jupyterhub", "-f", str(self.home / "jupyterhub_config.py")],
                cwd=self.home,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self._until(lambda: requests.get(f"{self.url}/hub/health", timeout=5).ok, "the Hub")
        self._until(lambda: requests.get(f"{self.url}/services/models/api", timeout=5).ok, "the service")

    def stop(self) -> None:
        """Stop the Hub, which stops its proxy and every server."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)

    def spawn(self, name: str) -> None:
        """Start a member's own server."""
        url = f"{self.url}/hub/api/users/{name}"
        headers = {"Authorization": f"token {self.admin_token}"}
        requests.post(url, headers=headers, timeout=30)
        requests.post(f"{url}/server", headers=headers, timeout=90)
        self._until(
            lambda: requests.get(url, headers=headers, timeout=30).json()["server"], f"{name}'s server"
        )

    def token(self, name: str, *scopes: str) -> Member:
        """Return a program of `name`'s with an API token, at the Hub's root."""
        reply = requests.post(
            f"{self.url}/hub/api/users/{name}/tokens",
            headers={"Authorization": f"token {self.admin_token}"},
            json={"note": "tests", **({"scopes": list(scopes)} if scopes else {})},
            timeout=30,
        )
        reply.raise_for_status()
        program = Member(self.url)
        program.headers["Authorization"] = f"token {reply.json()['token']}"
        return program

    def browser(self, name: str) -> Member:
        """Log `name` in with the Hub's form and return the browser."""
        browser = Member(self.url)
        browser.get("/hub/login")
        form = {"username": name, "password": PASSWORD, "_xsrf": browser.cookies.get("_xsrf", path="/hub/")}
        reply = browser.post("/hub/login", data=form, allow_redirects=False)
        assert reply.status_code == 302, reply.text[:500]
        return browser

    def enter(self, browser: Member, path: str) -> Member:
        """Open a server's page, which runs the OAuth dance, and return the browser at that server."""
        page = browser.get(f"{path}/nodeapi")
        assert page.ok, (page.status_code, page.url, page.text[:500])
        inside = browser.at(self.url + path)
        inside.headers["X-XSRFToken"] = str(browser.cookies.get("_xsrf", path=f"{path}/"))
        return inside

    def _until(self, answers: Any, what: str, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while not self._says_yes(answers):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"{what} did not come up:\n{self.log.read_text()[-5000:]}")
            time.sleep(0.05)

    @staticmethod
    def _says_yes(answers: Any) -> bool:
        try:
            return bool(answers())
        except requests.ConnectionError:
            return False


def free_ports(count: int) -> dict[str, int]:
    """Return ports that the system just had free, by the names the configuration uses."""
    names = ("proxy_port", "hub_port", "api_port", "service_port")[:count]
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in names]
    ports = {name: each.getsockname()[1] for name, each in zip(names, sockets, strict=True)}
    for each in sockets:
        each.close()
    return ports


def find_chp() -> str | None:
    """Return the proxy: of ``CHP``, of the PATH, or installed once into the user's cache by npm."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "jupyter_nodeapi" / "chp"
    cached = cache / "node_modules" / ".bin" / "configurable-http-proxy"
    found = os.environ.get("CHP") or shutil.which("configurable-http-proxy") or str(cached)
    if not Path(found).exists() and shutil.which("npm"):
        cache.mkdir(parents=True, exist_ok=True)
        install = [
            "npm",
            "install",
            "--no-fund",
            "--no-audit",
            "--prefix",
            str(cache),
            "configurable-http-proxy@5",
        ]
        subprocess.run(install, check=False, capture_output=True)
        found = str(cached)
    return found if Path(found).exists() else None
