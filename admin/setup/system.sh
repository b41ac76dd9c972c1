# What must come from the system: Python 3.11, a few libraries of the PDF engine, a browser for tests.
# Each is looked for by what it does, not by a package's name, and installed by apt only when absent.

# Where nobody names one, the system's own comes before others on the path: distributions build theirs
# with the compiler's profile, and it carries our work a tenth faster than one built from source as it comes.
find_python() {
    for candidate in ${PYTHON:-} $(complete /usr/bin/python3.11) python3.11 /usr/bin/python3.11 python3; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; then
            PYTHON=$candidate
            return 0
        fi
    done
    stop "没有找到 Python 3.11。请先安装（Debian 12：apt-get install python3.11），或用 PYTHON=路径 make run 指明它在哪里。" \
        "Python 3.11 was not found. Install it first (Debian 12: apt-get install python3.11), or say where it is: PYTHON=/path make run."
}

# The same name, if that Python can make environments.
complete() {
    if "$1" -c 'import ensurepip, venv' 2>/dev/null; then echo "$1"; fi
}

has_library() {
    "$PYTHON" -c 'import ctypes, sys; ctypes.CDLL(sys.argv[1])' "$1" 2>/dev/null
}

# The names of the absent packages, one a line.
missing_for_run() {
    [ -n "$(complete "$PYTHON")" ] || [ -x .venv/bin/python ] || echo python3.11-venv
    has_library libpango-1.0.so.0 || echo libpango-1.0-0
    has_library libpangoft2-1.0.so.0 || echo libpangoft2-1.0-0
    has_library libharfbuzz-subset.so.0 || echo libharfbuzz-subset0
}

missing_for_test() {
    command -v chromium >/dev/null 2>&1 || echo chromium
    command -v pdftotext >/dev/null 2>&1 || echo poppler-utils
}

# Nobody is there to type a password when CI runs or the output goes to a file.
SUDO=sudo
if [ -n "${CI:-}" ] || [ ! -t 1 ]; then SUDO="sudo -n"; fi

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    else
        $SUDO "$@"
    fi
}

apt() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y \
        -o Acquire::Retries=3 -o DPkg::Lock::Timeout=180 "$@"
}

# A stale list of packages asks for files that are gone, so the list comes first; one source of the
# machine that does not answer is no reason to stop, the others may have all we need.
apt_install() {
    retried apt update || say "apt-get update failed; trying with the list there is"
    known=
    for package in "$@"; do
        if apt-cache show "$package" >/dev/null 2>&1; then known="$known $package"; fi
    done
    # shellcheck disable=SC2086  # a list of package names
    retried apt install --no-install-recommends ${known:-"$@"}
}

# system_packages missing_for_run…: installs what the given functions find absent.
system_packages() {
    absent=$(for finder in "$@"; do "$finder"; done | paste -s -d " " -)
    [ -n "$absent" ] || return 0
    if ! command -v apt-get >/dev/null 2>&1; then
        stop "缺少系统软件：${absent}（Debian 的包名）。请用本系统的包管理器安装后重试。" \
            "These are missing (names as in Debian): ${absent}. Install them with this system's package manager, then try again."
    fi
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null 2>&1 || need_administrator "$absent"
        say "· 将用 sudo 安装 · sudo will install: $absent"
        # asked for here, before the step that hides what is printed
        $SUDO true 2>/dev/null || need_administrator "$absent"
    fi
    # shellcheck disable=SC2086  # a list of package names
    step "系统软件 $absent" "system packages" apt_install $absent
}

need_administrator() {
    stop "缺少系统软件，而当前用户不能安装。请管理员执行：apt-get update && apt-get install --no-install-recommends $1，然后重试。" \
        "System packages are missing and this user may not install them. Ask an administrator to run: apt-get update && apt-get install --no-install-recommends $1, then try again."
}
