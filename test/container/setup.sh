# shellcheck shell=bash disable=SC2154 # variables of run and lib.sh
# The setup action in a workflow, run by act on the machine itself, with the archives of a dry
# run of the release: those in $DIST, or new ones. Sourced by run.

# release_server: serves $work/www; sets SERVER.
release_server() {
	node -e '
		const http = require("http"), fs = require("fs"), path = require("path");
		const server = http.createServer((req, res) => fs.readFile(path.join(process.argv[1], path.normalize(req.url)),
			(err, content) => { console.log(req.url); res.writeHead(err ? 404 : 200); res.end(content); }));
		server.listen(0, "127.0.0.1", () => console.log("http://127.0.0.1:" + server.address().port));
	' "$work/www" >"$work/www.log" &
	pids+=($!)
	SERVER=$(first_line "$work/www.log" $!)
}

setup_tests() {
	local status=0 dist=${DIST-} archive
	if [[ -z $LAB ]]; then
		skip 'the setup action in a workflow' 'no container lab'
		return
	fi
	if [[ ! -d $dist ]]; then
		"$work/source/.ci/release/build" 1.2.3 --dry-run >"$work/release.log" 2>&1 || {
			tail -n 20 "$work/release.log"
			return 1
		}
		dist=$work/source/dist
	fi
	archive=agent-gate_1.2.3_$(go env GOOS)_$(go env GOARCH).tar.gz
	mkdir -p "$work/www/good/v1.2.3" "$work/www/bad/v1.2.3" "$work/user/.github/workflows"
	cp "$dist/checksums.txt" "$dist/$archive" "$work/www/good/v1.2.3"
	cp "$dist/checksums.txt" "$work/www/bad/v1.2.3"
	{
		cat "$dist/$archive"
		echo changed
	} >"$work/www/bad/v1.2.3/$archive"
	release_server

	cp -R "$work/source/setup" "$work/user"
	cp "$ROOT/test/container/setup-workflow.yml" "$work/user/.github/workflows/setup.yml"
	repository "$work/user"
	mkdir "$work/home"
	(cd "$work/user" && HOME=$work/home act push -P ubuntu-latest=-self-hosted \
		--env "GOOD=$SERVER/good" --env "BAD=$SERVER/bad") >"$work/setup.log" 2>&1 || status=$?
	is 'the setup action in a workflow' "$status" 0
	((status == 0)) || tail -n 60 "$work/setup.log" | sed 's/^/    | /'
	is 'the setup action downloads an archive once' "$(grep -c "^/good/.*$archive" "$work/www.log")" 1
	is 'the setup action asks for nothing when the version is no version' "$(grep -cv -e '^http' -e '/v1\.2\.3/' "$work/www.log")" 0
}

setup_tests
