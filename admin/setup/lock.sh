#!/bin/sh
# lock.sh [--upgrade]: write the lock files from pyproject.toml; without --upgrade, pins that still fit stay.
# They are lists with hashes, not uv.lock, because uv.lock would write a registry's address into the repository.
set -eu
cd "$(dirname "$0")/../.."
. admin/setup/steps.sh
. admin/setup/python.sh

[ -x .venv/uv/bin/uv ] || step "安装工具 uv" "the installer uv" install_uv
uv_like_pip
compile() {
    # requires-python of pyproject.toml bounds the versions; groups alone are told it here
    .venv/uv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-annotate --no-header --no-emit-index-url --no-emit-find-links "$@"
}
step "运行所需" "requirements.lock" compile pyproject.toml -o requirements.lock "$@"
step "测试所需" "requirements-dev.lock" compile pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock "$@"
step "安装工具" "requirements-uv.lock" compile --group uv -o requirements-uv.lock "$@"
step "Node" "requirements-node.lock" compile --group node -o requirements-node.lock "$@"
