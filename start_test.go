package main

import (
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// initLine is what GODEBUG=inittrace=1 says of a package.
var initLine = regexp.MustCompile(`(?m)^init (\S+) @.*, (\d+) bytes, (\d+) allocs$`)

// TestNothingIsDoneBeforeMain bounds the work of our packages' initialisation: no tables
// are built, and no regular expressions or templates compiled. It counts allocations,
// which all such work needs, instead of time.
func TestNothingIsDoneBeforeMain(t *testing.T) {
	t.Parallel()
	const maxBytes, maxAllocs = 4096, 50
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), "GODEBUG=inittrace=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	packages := 0
	for _, m := range initLine.FindAllStringSubmatch(string(out), -1) {
		name, ours := strings.CutPrefix(m[1], "github.com/agent-gate/agent-gate/")
		if !ours {
			continue
		}
		packages++
		bytes, _ := strconv.Atoi(m[2])
		allocs, _ := strconv.Atoi(m[3])
		if bytes > maxBytes || allocs > maxAllocs {
			t.Errorf("%s allocates %d bytes in %d pieces before main, at most %d in %d are allowed", name, bytes, allocs, maxBytes, maxAllocs)
		}
	}
	if packages == 0 {
		t.Errorf("the trace names none of our packages:\n%s", out)
	}
}
