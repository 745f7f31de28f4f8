package client

import (
	"regexp"
	"sync"
)

// pattern is a regular expression that is compiled when it is first needed. All of ours
// look at errors, and a run without one should not wait for them.
func pattern(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}
