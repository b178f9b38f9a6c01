#!/bin/sh
# build_oracles.sh match|walk|docker|root [-- COMMAND ARG...]
#
# Makes an oracle ready and prints the path of its program; with a COMMAND, runs that instead, with
# "--oracle PATH" behind its arguments. Ends with 77 (and says why) when it cannot.
#
#   match   match-oracle: needs go and golang-github-moby-patternmatcher-dev; seconds, once
#   walk    walk-oracle: 540 MB of packages and two minutes, once; only with TONNAGE_FULL=1 or
#           TONNAGE_MAKE_ORACLES=1
#   root    a Debian root of sid with docker 28: 0.7 GB and two minutes, once; as walk
#   docker  a docker client of 23 or newer: that in PATH, or that of the root
#
# Sources come from $TONNAGE_SHARED/oracle and are never built in place: they are copied to
# $TONNAGE_ORACLE_CACHE (default ${XDG_CACHE_HOME:-$HOME/.cache}/tonnage-oracle), one folder for
# each state of the sources, and put in place by a rename, so that tests may run side by side.
set -eu

skip() {
	echo "SKIP: $*" >&2
	exit 77
}

usage() {
	sed -n '2s/^# /usage: /p' "$0" >&2
	exit 2
}

# A name for what is in this folder of sources now.
state_of() {
	(cd "$shared/$1" && cat ./*.go ./Makefile ./build.sh 2>/dev/null | cksum | tr ' ' '-')
}

# build DIR PROGRAM COMMAND...: in a copy of the sources, unless DIR/PROGRAM is there.
build() {
	dir=$1 program=$2
	shift 2
	if [ -x "$dir/$program" ]; then
		return
	fi
	mkdir -p "$cache"
	tmp=$(mktemp -d "$cache/building.XXXXXX")
	trap 'rm -rf "$tmp"' EXIT
	trap 'exit 130' HUP INT TERM
	cp -R "$shared/match-oracle" "$shared/walk-oracle" "$tmp"
	chmod -R u+w "$tmp"
	if ! (cd "$tmp" && "$@" >"$tmp/log" 2>&1); then
		tail -n 20 "$tmp/log" >&2
		skip "$program: does not build here"
	fi
	if [ ! -x "$dir/$program" ]; then # else another test was faster, and its program may be in use
		rm -rf "$dir"
		mv "$tmp" "$dir"
	fi
	rm -rf "$tmp"
	trap - EXIT HUP INT TERM
}

ready_match() {
	command -v go >/dev/null || skip "match-oracle: no go"
	[ -d "${GOCODE:-/usr/share/gocode}/src/github.com/moby/patternmatcher" ] ||
		skip "match-oracle: no golang-github-moby-patternmatcher-dev"
	dir=$cache/match-$(state_of match-oracle)
	GOCACHE=${GOCACHE:-$cache/go-build}
	export GOCACHE
	build "$dir" match-oracle/match-oracle make -s -C match-oracle
	oracle=$dir/match-oracle/match-oracle
}

ready_walk() {
	dir=$cache/walk-$(state_of walk-oracle)
	oracle=$dir/walk-oracle/walk-oracle
	if [ ! -x "$oracle" ]; then
		may_make "walk-oracle: not built; TONNAGE_FULL=1 builds it (540 MB, two minutes)"
		command -v apt-get >/dev/null || skip "walk-oracle: its sources are Debian packages"
		CTX_ORACLE_STATE=$cache/packages
		export CTX_ORACLE_STATE
		one_at_a_time
		build "$dir" walk-oracle/walk-oracle sh walk-oracle/build.sh
		rm -rf "$cache/packages"
	fi
}

may_make() {
	[ -n "${TONNAGE_FULL:-}${TONNAGE_MAKE_ORACLES:-}" ] || skip "$*"
}

# Tests run side by side, and what is large is made once: the lock goes when the shell does.
one_at_a_time() {
	mkdir -p "$cache"
	exec 9>"$cache/lock"
	flock 9
}

ready_root() {
	oracle=$cache/roots/sid
	if [ ! -x "$oracle/usr/sbin/dockerd" ]; then
		may_make "no dockerd of 28 here; TONNAGE_FULL=1 makes a Debian root for it (0.7 GB)"
		[ "$(id -u)" = 0 ] || skip "the Debian root needs root"
		unshare -m true 2>/dev/null || skip "the Debian root needs to mount, and nobody may here"
		command -v mmdebstrap >/dev/null || skip "the Debian root: no mmdebstrap"
		one_at_a_time
	fi
	if [ ! -x "$oracle/usr/sbin/dockerd" ]; then # else another test was faster
		tmp=$(mktemp -d "$cache/building.XXXXXX")
		trap 'rm -rf "$tmp"' EXIT
		trap 'exit 130' HUP INT TERM
		if ! CTX_ORACLE_STATE=$tmp python3 -B "$shared/context-oracle.py" root sid >"$tmp/log" 2>&1; then
			tail -n 20 "$tmp/log" >&2
			skip "the Debian root could not be made"
		fi
		mkdir -p "$cache/roots"
		rm -rf "$oracle"
		mv "$tmp/roots/sid" "$oracle"
		rm -rf "$tmp"
		trap - EXIT HUP INT TERM
	fi
}

# The root's client, by the root's own loader: it needs nothing else of the root.
client_of_root() {
	ready_root
	loader=$(find "$oracle"/lib64 "$oracle"/usr/lib -name 'ld-linux*.so*' 2>/dev/null | head -n 1)
	libraries=$(dirname "$(find "$oracle/usr/lib" -name libc.so.6 | head -n 1)")
	client=$cache/docker-of-root
	printf '#!/bin/sh\nexec "%s" --library-path "%s" "%s" "$@"\n' \
		"$loader" "$libraries" "$oracle/usr/bin/docker" >"$client.$$"
	chmod +x "$client.$$"
	mv "$client.$$" "$client"
	oracle=$client
}

ready_docker() {
	oracle=$(command -v docker) || oracle=
	version=
	if [ -n "$oracle" ]; then
		version=$("$oracle" --version | sed -n 's/^Docker version \([0-9]*\).*/\1/p')
	fi
	# the rules tested are those of 23 and newer
	if [ "${version:-0}" -lt 23 ]; then
		client_of_root
	fi
}

[ $# -ge 1 ] || usage
what=$1
shift
if [ $# -gt 0 ]; then
	if [ "$1" != -- ] || [ $# -lt 2 ]; then
		usage
	fi
	shift
fi
[ -n "${TONNAGE_SHARED:-}" ] || skip "$what: TONNAGE_SHARED does not say where the oracles' sources are"
shared=$TONNAGE_SHARED/oracle
[ -d "$shared" ] || skip "$what: no $shared"
cache=${TONNAGE_ORACLE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tonnage-oracle}

case $what in
match) ready_match ;;
walk) ready_walk ;;
docker) ready_docker ;;
root) ready_root ;;
*) usage ;;
esac

if [ $# -gt 0 ]; then
	exec "$@" --oracle "$oracle"
fi
printf '%s\n' "$oracle"
