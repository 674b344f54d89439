#!/bin/sh
# Installs what some tests need beyond Python: an artificial sound card, a human-like voice, a browser, PostgreSQL.
# Never fails the run: a test whose package is missing is skipped and names it.
here=$(dirname "$0")

if ! command -v dpkg >/dev/null 2>&1 || ! command -v apt-get >/dev/null 2>&1; then
    echo "No apt here: some tests run only if these are installed: $(tr '\n' ' ' <"$here/system-packages.txt")"
    exit 0
fi

list_missing() {
    while read -r package; do
        dpkg -s "$package" 2>/dev/null | grep -q '^Status: .* installed$' || printf '%s ' "$package"
    done <"$here/system-packages.txt"
}

missing=$(list_missing)
[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" -ne 0 ]; then
    as_root="sudo -n"
    sudo -n true 2>/dev/null || as_root=none
fi

if [ "$as_root" != none ]; then
    echo "Installing for the tests: $missing"
    # shellcheck disable=SC2086 # both are lists of words
    {
        $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $missing ||
            { $as_root apt-get update -qq && $as_root env DEBIAN_FRONTEND=noninteractive \
                apt-get install -qq -y --no-install-recommends $missing; }
    } >/dev/null 2>&1
fi

missing=$(list_missing)
[ -z "$missing" ] || echo "Not installed, so their tests are skipped: $missing(sudo apt install $missing)"
exit 0
