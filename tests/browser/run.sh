#!/bin/sh
# Opens reports in a real headless Chromium and checks what no unit test can see: no network, no
# error, nothing that overflows or overlaps, keyboard, print, accessibility (axe).
#
#   tests/browser/run.sh                     the kept report, the quickstart and awkward ones
#   tests/browser/run.sh FOLDER/report.html  these
#
# Needs cargo, node and npm; installs Chromium from Debian where there is none and it may, and two
# packages in a folder of its own, which it removes. `cargo test` needs none of this.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT

chromium=${CHROMIUM:-$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)}
if [ -z "$chromium" ]; then
    apt-get update -qq && apt-get install -qq -y chromium >/dev/null
    chromium=$(command -v chromium)
fi

if [ $# -eq 0 ]; then
    cd "$root"
    cargo build --release --quiet
    blackstart=target/release/blackstart
    "$blackstart" run scenarios/quickstart.toml --quiet --out "$place/quickstart" >/dev/null
    for scenario in "$here"/awkward/*.toml; do
        name=$(basename "$scenario" .toml)
        "$blackstart" run "$scenario" --quiet --out "$place/$name" >/dev/null
    done
    set -- reports/atlassian-2022/report.html "$place"/*/report.html
fi

cp "$here/page.mjs" "$place/"
(cd "$place" && npm install --silent --no-save --no-package-lock --no-audit --no-fund \
    puppeteer-core@24 axe-core@4)
CHROMIUM="$chromium" node "$place/page.mjs" "$@"
