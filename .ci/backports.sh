#!/usr/bin/env bash
# KiCad 9 and, as `ngspice-osdi` beside the release's own ngspice, ngspice 46 from Debian 12's backports
set -euo pipefail
. /etc/os-release
[ "${VERSION_CODENAME:-}" = bookworm ] || { echo "no backports of Debian 12 here"; exit 1; }
# where the machine takes the release itself from
archive=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE)' "Created-By: Packages" | sed -n 's/ bookworm$//p' | head -n 1)
[ -n "$archive" ] || { echo "apt knows no archive of Debian 12"; exit 1; }
echo "deb $archive bookworm-backports main" > /etc/apt/sources.list.d/bookworm-backports.list
apt-get update -q
folder=$(mktemp -d)
chmod 755 "$folder"
(cd "$folder" && apt-get download -q ngspice/bookworm-backports)
dpkg -x "$folder"/ngspice_*.deb /opt/ngspice-osdi
ln -sf /opt/ngspice-osdi/usr/bin/ngspice /usr/local/bin/ngspice-osdi
# what has not come within two minutes is done without; an installation that has begun is not cut off
timeout 120 apt-get install -d -y -q --no-install-recommends kicad/bookworm-backports
DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends --no-download kicad/bookworm-backports
