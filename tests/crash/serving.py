"""The program that `test_kill_server` and `test_nodes` kill: the whole application on a real port.

It loads everything once and then forks for each round, so that a round costs no start: for every
line on standard input a child serves on a port that is told, and `end` when it is dead.
"""

import logging
import os
import socket
import sys

import structlog
import uvicorn
from litestar import Litestar

from admin.app import create_app
from engine.settings import Settings
from engine.work import System
from tests.crash.writing import tell


def serve(app: Litestar, settings: Settings) -> None:
    """Serve an installation until killed."""
    app.state.system = System(settings)
    door = socket.socket()
    door.bind(("127.0.0.1", 0))
    door.listen(64)
    tell("port", door.getsockname()[1], os.getpid())
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False))
    server.run(sockets=[door])


def main(folder: str, url: str = "") -> None:
    """Rounds, until standard input ends; with a URL on that database."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    settings = Settings(data_dir=folder, database_url=url)
    first = System(settings)
    app = create_app(settings, first)
    first.close()
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            serve(app, settings)
        os.waitpid(child, 0)
        tell("end")


if __name__ == "__main__":
    main(*sys.argv[1:])
