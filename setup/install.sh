#!/usr/bin/env bash
# Installs a released agent-gate for the following steps. setup/action.yml runs it.
#
# The archive is compared with the checksums of the release: those next to this script, from the
# release's commit, or for another version the published ones. Then the GitHub CLI verifies its
# provenance. The archive is kept in the runner's tool cache and checked again on every use.
# Nothing is put on the path before all checks have passed.
#
# AGENT_GATE_SETUP_VERSION, _VERIFY, _TOKEN, _DOWNLOAD_URL   the inputs of the action
# AGENT_GATE_SETUP_JOB_TOKEN                                 the token of the job
# RUNNER_OS, RUNNER_ARCH, RUNNER_TEMP, RUNNER_TOOL_CACHE     set by GitHub's runner
# GITHUB_PATH, GITHUB_OUTPUT, GITHUB_SERVER_URL
#
# Works with bash 3.2, the newest on macOS.
set -euo pipefail

REPOSITORY=agent-gate/agent-gate

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
temp=

# fail SENTENCE: ends the step. The sentence must not quote outside values, which could be
# commands to the runner.
fail() {
	printf '::error title=Set up agent-gate::%s\n' "$1"
	exit 1
}

# On Windows the variables hold paths such as D:\a\_temp.
unix_path() { if command -v cygpath >/dev/null; then cygpath -u "$1"; else printf '%s\n' "$1"; fi; }
native_path() { if command -v cygpath >/dev/null; then cygpath -w "$1"; else printf '%s\n' "$1"; fi; }

sha256() {
	local sum
	if command -v sha256sum >/dev/null; then sum=$(sha256sum <"$1"); else sum=$(shasum -a 256 <"$1"); fi
	printf '%s\n' "${sum%% *}"
}

# A mirror on this machine needs no encryption.
LOOPBACK='^http://(127\.0\.0\.1|localhost)(:[0-9]+)?(/|$)'

# download URL FILE
download() {
	local protocols='=https'
	if [[ $1 =~ $LOOPBACK ]]; then protocols='=http,https'; fi
	curl --fail --silent --show-error --location --proto "$protocols" --proto-redir "$protocols" \
		--retry 3 --connect-timeout 20 --max-time 300 --output "$2" "$1"
}

# sum_of NAME FILE: the checksum of a name in a checksums file, which must have it exactly once.
sum_of() {
	local sum
	sum=$(awk -v name="$1" '$2 == name { print $1 }' "$2")
	[[ $sum =~ ^[0-9a-f]{64}$ ]] || return 1
	printf '%s\n' "$sum"
}

# own_version: the release whose checksums came with this action, if it is a release.
own_version() {
	[[ -s $here/checksums.txt ]] || return 0
	sed -n 's/^[0-9a-f]\{64\}  agent-gate_\(.*\)_linux_amd64\.tar\.gz$/\1/p' "$here/checksums.txt"
}

# platform: sets $os, $arch, $program and $archive for $version.
platform() {
	program=agent-gate
	local format=tar.gz
	case ${RUNNER_OS-} in
	Linux) os=linux ;;
	macOS) os=darwin ;;
	Windows)
		os=windows
		program=agent-gate.exe
		format=zip
		;;
	*) fail 'there is no release for the system of this runner, only for Linux, macOS and Windows' ;;
	esac
	case ${RUNNER_ARCH-} in
	X64) arch=amd64 ;;
	ARM64) arch=arm64 ;;
	*) fail 'there is no release for the processor of this runner, only for X64 and ARM64' ;;
	esac
	archive=agent-gate_${version}_${os}_$arch.$format
}

# fetch: leaves the archive in $temp, compared with its checksum.
fetch() {
	local sums=$here/checksums.txt cached want
	origin='that came with this action'
	if [[ $version != "$own" ]]; then
		sums=$temp/checksums.txt
		origin='that were published with it'
		download "$url/v$version/checksums.txt" "$sums" || fail "the checksums of the release $version cannot be read; is there such a release?"
	fi
	want=$(sum_of "$archive" "$sums") || fail "the release $version has no checksum of $archive"
	cached=$cache/$archive
	if [[ -f $cached ]] && [[ $(sha256 "$cached") == "$want" ]]; then
		cp "$cached" "$temp/$archive"
		echo 'from the cache of the runner'
	else
		download "$url/v$version/$archive" "$temp/$archive" || fail "$archive cannot be downloaded"
	fi
	# Check the copy, since another job may write to the cache at the same time.
	[[ $(sha256 "$temp/$archive") == "$want" ]] ||
		fail "$archive is not what was released: its SHA-256 differs from the checksum. Nothing was installed."
}

# choose_token: sets $token to the one for github.com, where the attestations are. The job's
# token belongs to the job's server and must go nowhere else: on a server other than github.com
# only a token given explicitly counts, and not if it is the job's.
choose_token() {
	local job=${AGENT_GATE_SETUP_JOB_TOKEN-}
	token=${AGENT_GATE_SETUP_TOKEN-}
	if [[ ${GITHUB_SERVER_URL-} == https://github.com ]]; then
		token=${token:-$job}
	elif [[ $token == "$job" ]]; then
		token=
	fi
}

# can_verify: whether there is a recent enough GitHub CLI and a token; else sets $missing.
can_verify() {
	missing=
	choose_token
	if ! command -v gh >/dev/null; then
		missing='the GitHub CLI (gh) is not installed'
	elif ! gh attestation verify --help 2>/dev/null | grep -q -e --source-ref; then
		missing='the GitHub CLI (gh) is too old, it has no attestation verify --source-ref'
	elif [[ -z $token && ${GITHUB_SERVER_URL-} == https://github.com ]]; then
		missing='there is no token'
	elif [[ -z $token ]]; then
		missing="the job's token is not one of github.com, and the input token gives none"
	fi
	[[ -z $missing ]]
}

# provenance: verifies that the project's release workflow built the archive for this version.
provenance() {
	if [[ $verify == skip ]]; then
		echo 'provenance: not verified (verify: skip)'
	elif can_verify; then
		GH_TOKEN=$token GH_HOST=github.com gh attestation verify "$temp/$archive" \
			--repo "$REPOSITORY" --signer-workflow "$REPOSITORY/.github/workflows/release.yml" \
			--source-ref "refs/tags/release/v$version" >"$temp/gh.log" 2>&1 || {
			# Quote the lines of another program: they could be commands.
			sed -e 's/^/  gh | /' -e 's/##\[/# [/g' "$temp/gh.log"
			fail "the provenance of $archive cannot be verified. Nothing was installed."
		}
		echo 'provenance: verified'
	elif [[ $verify == require ]]; then
		fail "the provenance cannot be verified: $missing"
	elif [[ $version == "$own" ]]; then
		echo "provenance: not verified, $missing"
	else
		printf '::warning title=Set up agent-gate::%s\n' "the provenance was not verified: $missing"
	fi
}

# unpack: extracts only the program, into a separate folder; sets $bin.
unpack() {
	local said
	bin=$temp/bin
	mkdir "$bin"
	case $archive in
	*.zip) unzip -p "$temp/$archive" "$program" ;;
	*) tar -xzOf "$temp/$archive" "$program" ;;
	esac >"$bin/$program" || fail "there is no program in $archive"
	chmod 755 "$bin/$program"
	said=$("$bin/$program" version 2>/dev/null) || fail "the program in $archive does not run here"
	[[ $said == "agent-gate $version ("*"$os/$arch)" ]] || fail "the program in $archive is another one"
}

# keep: puts the archive into the cache atomically, so that no other job sees part of it.
keep() {
	mkdir -p "$cache" && cp "$temp/$archive" "$cache/.$archive.$$" && mv -f "$cache/.$archive.$$" "$cache/$archive" ||
		echo 'the archive cannot be kept in the cache of the runner'
}

main() {
	own=$(own_version)
	version=${AGENT_GATE_SETUP_VERSION-}
	version=${version:-$own}
	version=${version#v}
	[[ -n $version ]] || fail 'this is no release of the action: give the input version, such as 1.2.3'
	# The version becomes part of paths and URLs.
	[[ $version =~ ^[0-9]{1,9}\.[0-9]{1,9}\.[0-9]{1,9}(-[0-9A-Za-z][0-9A-Za-z.-]{0,63})?$ && $version != *..* ]] ||
		fail 'the input version is not a version, such as 1.2.3'
	verify=${AGENT_GATE_SETUP_VERIFY:-auto}
	case $verify in
	auto | require | skip) ;;
	*) fail 'the input verify is not one of auto, require and skip' ;;
	esac
	url=${AGENT_GATE_SETUP_DOWNLOAD_URL:-https://github.com/$REPOSITORY/releases/download}
	url=${url%/}
	[[ $url =~ ^https?://[0-9A-Za-z._~:/%-]+$ ]] || fail 'the input download-url is not an address'
	[[ $url == https://* || $url =~ $LOOPBACK ]] ||
		fail 'the input download-url begins with http://, which is only for a server on the runner itself (127.0.0.1, localhost): use https://'
	platform

	local job_temp
	job_temp=$(unix_path "${RUNNER_TEMP:?}")
	cache=$(unix_path "${RUNNER_TOOL_CACHE:-$job_temp}")/agent-gate
	mkdir -p "$job_temp"
	temp=$(mktemp -d "$job_temp/agent-gate.XXXXXX")
	trap 'rm -rf "$temp"' EXIT # unless all goes well

	echo "agent-gate $version for $os/$arch"
	fetch
	echo "SHA-256: as in the checksums $origin"
	provenance
	unpack
	keep

	native_path "$bin" >>"${GITHUB_PATH:?}"
	{
		printf 'version=%s\n' "$version"
		printf 'path=%s\n' "$(native_path "$bin/$program")"
	} >>"${GITHUB_OUTPUT:?}"
	# The runner clears its temporary folder after the job.
	rm -f "$temp/$archive"
	trap - EXIT
}

main
