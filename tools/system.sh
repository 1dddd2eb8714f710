#!/bin/sh
# What a virtual environment cannot hold: installed by root on Debian and Ubuntu, named to everybody else.
#
#   sh tools/system.sh venv     what makes a .venv
#   sh tools/system.sh widgets  what builds the widgets' scripts
#   sh tools/system.sh test     what the whole test suite runs: FFmpeg, two browsers with a font, and npm
set -eu

missing=""
need() { # need PACKAGE COMMAND...: the package is missing when the command fails
    package=$1
    shift
    "$@" >/dev/null 2>&1 || missing="$missing $package"
}

case "${1:-test}" in
venv)
    need python3-venv "${PYTHON:-python3}" -c 'import ensurepip, venv'
    ;;
widgets)
    need npm sh -c 'command -v npm'
    ;;
test)
    need ffmpeg sh -c 'command -v ffmpeg'
    need chromium sh -c 'command -v chromium || command -v chromium-browser || command -v google-chrome'
    need firefox-esr sh -c 'command -v firefox-esr || command -v firefox'
    need fonts-dejavu-core sh -c 'ls /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf || fc-list | grep -q .'
    need curl sh -c 'command -v curl'
    need npm sh -c 'command -v npm'
    ;;
esac

[ -n "$missing" ] || exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing:$missing"
    apt-get update -qq
    # shellcheck disable=SC2086 # one word a package
    DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $missing >/dev/null
else
    echo "Please install:$missing   (on Debian and Ubuntu: sudo apt-get install$missing)" >&2
    exit 1
fi
