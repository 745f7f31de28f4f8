package command

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/agent-gate/agent-gate/internal/verdict"
)

// release is the version: the one of the release, else what Go knows of the build.
func (c Command) release() string {
	if c.Version != "" {
		return c.Version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "devel"
}

// version prints the version and how the program was built.
func (c Command) version() int {
	fmt.Fprintf(c.Stdout, "agent-gate %s (%s, %s/%s)\n", c.release(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return verdict.ExitOK
}
