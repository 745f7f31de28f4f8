package command

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/config/suite"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// mistakeLength is how many characters of a mistake are shown.
const mistakeLength = 2000

// validate checks a suite file. Each mistake is one line that begins with its place, as
// editors and other tools expect.
func (s *session) validate() int {
	path := cmp.Or(s.config.Argument, s.config.Init.File)
	if path == "" {
		i := slices.IndexFunc(config.SuiteFiles(), func(path string) bool {
			_, err := os.Lstat(path)
			return err == nil
		})
		if i < 0 {
			return s.mistaken(noSuiteFile())
		}
		path = config.SuiteFiles()[i]
	}
	checked, warnings, err := suite.Validate(path, s.started)
	for _, w := range warnings {
		s.log.Warn("%s", text.New(w.String()))
	}
	if err != nil {
		for _, p := range problemsOf(err) {
			fmt.Fprintln(s.log, text.New(p.String()).LineMax(mistakeLength))
			s.point(p)
		}
		return verdict.ExitConfig
	}
	s.log.Info("%s is valid: %s.", text.New(path), text.Plural(len(checked.Gates), "gate"))
	return verdict.ExitOK
}

// noSuiteFile says that there is nothing to look at.
func noSuiteFile() error {
	return fmt.Errorf("there is no suite file: neither %s exists; agent-gate init writes one", strings.Join(config.SuiteFiles(), " nor "))
}
