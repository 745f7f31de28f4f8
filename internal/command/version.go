package command

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// release returns the version of a release build, such as 1.2.3, else what Go knows of
// the build, which is the same for `go install ...@v1.2.3`.
func (c Command) release() string {
	if c.Version != "" {
		return c.Version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return strings.TrimPrefix(info.Main.Version, "v")
	}
	return "devel"
}

// build is what version prints as JSON. What is not known is left out.
type build struct {
	Version   string `json:"version"`
	Revision  string `json:"revision,omitempty"` // the commit that it was built from
	Modified  bool   `json:"modified,omitempty"` // there were other changes
	GoVersion string `json:"go_version"`
	OS        string `json:"os"`
	Arch      string `json:"arch"`
}

// version prints the version and how the program was built.
func (c Command) version(args []string) int {
	asJSON := false
	for _, arg := range args {
		switch arg {
		case "--json":
			asJSON = true
		case "-h", "--help":
			return c.help(config.CommandVersion, true)
		default:
			fmt.Fprintln(c.Stderr, "agent-gate: version takes only --json")
			return verdict.ExitConfig
		}
	}
	if !asJSON {
		fmt.Fprintf(c.Stdout, "agent-gate %s (%s, %s/%s)\n", c.release(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
		return verdict.ExitOK
	}
	b := build{Version: c.release(), GoVersion: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			switch s.Key {
			case "vcs.revision":
				b.Revision = s.Value
			case "vcs.modified":
				b.Modified = s.Value == "true"
			}
		}
	}
	line, _ := json.Marshal(b) // texts and a boolean always can be
	fmt.Fprintf(c.Stdout, "%s\n", line)
	return verdict.ExitOK
}
