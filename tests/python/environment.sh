# Python environments of tests; to be sourced by a script that has its own folder in `here`.
#
#   skip REASON                      says why, and ends the script
#   need_python                      sees to it that python3 can make environments
#   environment FOLDER REQUIREMENTS  makes FOLDER an environment with what the file names, once

tests=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
suite=tests${here#"$tests"}

skip() {
    echo "skipped: $suite: $1" >&2
    # What can be installed must not be skipped where every commit is checked.
    [ -z "${CI:-}" ] || exit 1
    exit 0
}

need_python() {
    python3 -c 'import venv, ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
        install_python ||
        skip "python 3.11 or newer with venv is needed; install it with your package manager"
}

install_python() {
    command -v apt-get >/dev/null || return 1
    local as_root=()
    [ "$(id -u)" = 0 ] || as_root=(sudo -n)
    "${as_root[@]}" apt-get update -q && "${as_root[@]}" apt-get install -qy python3 python3-venv
}

environment() {
    local folder=$1 requirements=$2
    if ! cmp -s "$requirements" "$folder/installed.txt"; then
        echo "installing what $suite/$(basename "$requirements") names into $(realpath -m "$folder") ..."
        rm -rf "$folder"
        python3 -m venv "$folder" || skip "python3 -m venv failed"
        "$folder/bin/pip" install --quiet --disable-pip-version-check -r "$requirements" ||
            skip "the packages of $suite/$(basename "$requirements") cannot be installed"
        cp "$requirements" "$folder/installed.txt"
    fi
}
