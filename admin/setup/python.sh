# .venv with exactly what the lock names, every file checked against its hash.

# An office's mirror and certificate are usually written for pip; uv does not read them there.
pip_setting() {
    printf '%s\n' "$PIP_SETTINGS" | sed -n "s/^[^=]*\.$1='\(.*\)'\$/\1/p" | tail -n 1
}

uv_like_pip() {
    PIP_SETTINGS=$(.venv/bin/python -m pip config list 2>/dev/null || true)
    mirror=$(pip_setting index-url)
    certificate=$(pip_setting cert)
    trusted=$(pip_setting trusted-host)
    if [ -n "$mirror" ] && [ -z "${UV_DEFAULT_INDEX:-}${UV_INDEX_URL:-}" ]; then
        export UV_DEFAULT_INDEX="$mirror"
    fi
    if [ -n "$certificate" ] && [ -z "${SSL_CERT_FILE:-}" ]; then export SSL_CERT_FILE="$certificate"; fi
    if [ -n "$trusted" ] && [ -z "${UV_INSECURE_HOST:-}" ]; then export UV_INSECURE_HOST="$trusted"; fi
    # the certificates the machine trusts, where it has any
    if [ -e /etc/ssl/certs/ca-certificates.crt ]; then export UV_SYSTEM_CERTS="${UV_SYSTEM_CERTS:-1}"; fi
    export UV_HTTP_TIMEOUT="${UV_HTTP_TIMEOUT:-120}" UV_PYTHON_DOWNLOADS=never UV_NO_PROGRESS=1
}

make_environment() {
    if [ -x .venv/bin/python ] && .venv/bin/python -c 'import pip' 2>/dev/null; then return 0; fi
    rm -rf .venv
    "$PYTHON" -m venv .venv
}

install_uv() {
    rm -rf .venv/uv
    retried .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input \
        --require-hashes --target .venv/uv -r requirements-uv.lock
}

# uv first because it is ten times faster; pip knows every setting of the machine, so it is the second try.
# Compiled at once, for whoever starts the program may not be one who can write here: every start would compile.
install_lock() {
    uv_like_pip
    retried .venv/uv/bin/uv pip sync --quiet --compile-bytecode --python .venv/bin/python \
        --require-hashes "$1" && return 0
    say "uv could not; trying with pip"
    .venv/bin/python -m pip install --disable-pip-version-check --no-input --require-hashes -r "$1"
}

# python_packages run|test: what tests need includes all that running needs, so `run` never takes it away.
python_packages() {
    run_print=$(fingerprint requirements.lock requirements-uv.lock)
    test_print=$(fingerprint requirements-dev.lock requirements-uv.lock)
    if [ -x .venv/bin/python ]; then
        if stamped .venv/ready-for-test "$test_print"; then return 0; fi
        if [ "$1" = run ] && stamped .venv/ready-for-run "$run_print"; then return 0; fi
    fi
    step "Python 环境" "Python environment in .venv" make_environment
    rm -f .venv/ready-for-run .venv/ready-for-test
    if ! stamped .venv/uv/ready "$(fingerprint requirements-uv.lock)"; then
        step "安装工具 uv" "the installer uv" install_uv
        fingerprint requirements-uv.lock >.venv/uv/ready
    fi
    if [ "$1" = test ]; then
        step "Python 软件包（含测试）" "Python packages, with those for tests" install_lock requirements-dev.lock
        echo "$test_print" >.venv/ready-for-test
    else
        step "Python 软件包" "Python packages" install_lock requirements.lock
        echo "$run_print" >.venv/ready-for-run
    fi
}
