package command

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

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

// version prints the version and how the program was built.
func (c Command) version() int {
	fmt.Fprintf(c.Stdout, "agent-gate %s (%s, %s/%s)\n", c.release(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return verdict.ExitOK
}
