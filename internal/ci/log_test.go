package ci_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"go/token"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"github.com/agent-gate/agent-gate/internal/ci"
	"github.com/agent-gate/agent-gate/internal/ci/job"
	"github.com/agent-gate/agent-gate/internal/text"
)

var update = flag.Bool("update", false, "write the golden files")

// golden compares got with a file in testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(read(t, path), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

// story logs what a run logs.
func story(log *ci.Log) {
	scenario := text.New("Refund\n::error::forged \x1b[31m##[error]x")
	log.Debug("polling every %s", 2*time.Second)
	log.Info("run test %s", "a758ede8-419d-4f12-9270-be81e46f4896")
	log.Group("Calls of %s", scenario)
	log.Info("  %s: %d of %d calls", scenario, 3, 4)
	log.Info("%s", scenario)
	log.Warn("the server said %q", scenario)
	time.Sleep(90 * time.Second)
	log.Group("Verdict")
	log.Error("%s", errors.Join(errors.New("::first"), errors.New("second")))
	log.EndGroup()
	log.EndGroup()
	fmt.Fprintf(log, "FAIL\n  ::not a command, ##[error] neither\r\n\x1b[1mbold\x1b[0m %s", "no newline")
	log.Annotate(ci.Annotation{Severity: ci.SeverityError, Title: text.New("Gate: failed, 100%"), Message: scenario})
	for i := range 12 {
		log.Annotate(ci.Annotation{Severity: ci.SeverityWarning, Message: text.Sprintf("call %d of %s", i+1, scenario)})
	}
	log.Close()
}

func TestLogGolden(t *testing.T) {
	t.Parallel()
	cases := []struct {
		file    string
		options ci.LogOptions
	}{
		{"log-github.golden", ci.LogOptions{Provider: job.GitHub, Level: slog.LevelDebug, Color: true}},
		{"log-gitlab.golden", ci.LogOptions{Provider: job.GitLab, Level: slog.LevelInfo, Color: true}},
		{"log-azure.golden", ci.LogOptions{Provider: job.Azure, Level: slog.LevelInfo, Color: true}},
		{"log-buildkite.golden", ci.LogOptions{Provider: job.Buildkite, Level: slog.LevelInfo, Color: true}},
		{"log-plain.golden", ci.LogOptions{Provider: job.Plain, Level: slog.LevelInfo}},
	}
	for _, c := range cases {
		t.Run(c.file, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var b bytes.Buffer
				story(ci.NewLog(&b, c.options))
				golden(t, c.file, b.String())
			})
		})
	}
}

func TestLogLevels(t *testing.T) {
	t.Parallel()
	for level, want := range map[slog.Level]string{
		slog.LevelDebug: "debug: d\ni\nwarning: w\nerror: e\n",
		slog.LevelInfo:  "i\nwarning: w\nerror: e\n",
		slog.LevelWarn:  "warning: w\nerror: e\n",
		slog.LevelError: "error: e\n",
	} {
		var b bytes.Buffer
		log := ci.NewLog(&b, ci.LogOptions{Level: level})
		log.Debug("d")
		log.Info("i")
		log.Warn("w")
		log.Error("e")
		if got := b.String(); got != want {
			t.Errorf("%s: %q, want %q", level, got, want)
		}
	}
}

// commands returns the lines of a log that a CI runner takes for commands. GitHub's
// runner also ends a line at a carriage return.
func commands(log string) []string {
	var found []string
	for line := range strings.FieldsFuncSeq(log, func(r rune) bool { return r == '\n' || r == '\r' }) {
		if strings.HasPrefix(strings.TrimLeftFunc(line, unicode.IsSpace), "::") || strings.Contains(line, "##[") ||
			strings.Contains(line, "##vso[") || strings.Contains(line, "##teamcity[") || strings.Contains(line, "\x1b[0Ksection_") {
			found = append(found, line)
		}
	}
	return found
}

func TestHostileTextIsNoCommand(t *testing.T) {
	t.Parallel()
	for _, provider := range []job.Provider{job.GitHub, job.GitLab, job.Jenkins, job.CircleCI, job.Azure, job.Buildkite, job.Plain} {
		for _, raw := range hostile {
			var b bytes.Buffer
			log := ci.NewLog(&b, ci.LogOptions{Provider: provider, Level: slog.LevelDebug})
			log.Info("%s", text.New(raw))
			log.Info("%s", raw)
			log.Info("%s%s:%s", "", raw, raw)
			log.Debug("%v", []string{raw})
			log.Warn("%s", errors.New(raw))
			log.Error("%s %s", text.New(":"), text.New(":error::"+raw))
			if _, err := fmt.Fprintln(log, text.New(raw)); err != nil {
				t.Fatal(err)
			}
			if got := commands(b.String()); len(got) > 0 {
				t.Errorf("%s: %q became %q", provider, raw, got)
			}
			if strings.ContainsAny(b.String(), "\x1b\x00\r\u202e\u2028") {
				t.Errorf("%s: %q was logged as %q", provider, raw, b.String())
			}
			if got, want := strings.Count(b.String(), "\n"), 7; got != want {
				t.Errorf("%s: %q made %d lines, want %d", provider, raw, got, want)
			}
		}
	}
}

func TestHostileTitlesStayInTheirCommand(t *testing.T) {
	t.Parallel()
	for _, raw := range hostile {
		var b bytes.Buffer
		log := ci.NewLog(&b, ci.LogOptions{Provider: job.GitHub})
		log.Group("%s", raw)
		log.Annotate(ci.Annotation{Severity: ci.SeverityError, Title: text.New(raw), Message: text.New(raw)})
		log.Close()
		got := commands(b.String())
		if len(got) != 3 || !strings.HasPrefix(got[0], "::group::") || !strings.HasPrefix(got[1], "::error ") || got[2] != "::endgroup::" {
			t.Errorf("%q made the commands %q", raw, got)
		}
		if _, title, ok := strings.Cut(got[1], "title="); !ok || strings.ContainsAny(strings.SplitN(title, "::", 2)[0], ",:") {
			t.Errorf("%q left its property: %q", raw, got[1])
		}
	}
}

func TestWrittenLinesAreGuarded(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		writes []string
		want   string
	}{
		{"a command", []string{" ::error::x\n"}, ` \:\:error::x` + "\n"},
		{"a command in two writes", []string{"a\n:", ":error::x\n"}, "a\n" + `\:\:error::x` + "\n"},
		{"a command without a newline", []string{"::error::x"}, `\:\:error::x` + "\n"},
		{"a command behind a carriage return", []string{"a\r::error::x\r\n"}, "a::error::x\n"},
		{"an old command", []string{"a ##[error]x ##vso[y] ##teamcity[z]\n"}, `a #\#[error]x #\#vso[y] #\#teamcity[z]` + "\n"},
		{"anything else is unchanged", []string{"  \x1b[1ma::b\x1b[0m # ", "## c\n\n"}, "  \x1b[1ma::b\x1b[0m # ## c\n\n"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var b bytes.Buffer
			log := ci.NewLog(&b, ci.LogOptions{Provider: job.GitHub})
			for _, p := range c.writes {
				if n, err := log.Write([]byte(p)); n != len(p) || err != nil {
					t.Errorf("Write = %d, %v", n, err)
				}
			}
			log.Close()
			if got := b.String(); got != c.want {
				t.Errorf("log = %q, want %q", got, c.want)
			}
		})
	}
}

func TestAnnotationsOfOneSeverity(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		count, annotations int
		last               string
	}{
		{9, 9, "::error::9"},
		{10, 10, "::error::10"},
		{11, 10, "::error title=And 2 more::2 more are in the log and in the summary of the job"},
		{30, 10, "::error title=And 21 more::21 more are in the log and in the summary of the job"},
	} {
		var b bytes.Buffer
		log := ci.NewLog(&b, ci.LogOptions{Provider: job.GitHub})
		for i := range c.count {
			log.Annotate(ci.Annotation{Severity: ci.SeverityError, Message: text.Sprintf("%d", i+1)})
		}
		log.Close()
		log.Close() // a second time changes nothing
		got := commands(b.String())
		if len(got) != c.annotations || got[len(got)-1] != c.last {
			t.Errorf("%d: annotations %q, want %d that end with %q", c.count, got, c.annotations, c.last)
		}
	}
}

func TestOnlyConstantsAreMessages(t *testing.T) {
	t.Parallel()
	log := reflect.TypeFor[*ci.Log]()
	for _, name := range []string{"Debug", "Info", "Warn", "Error", "Group"} {
		method, _ := log.MethodByName(name)
		// A variable does not convert to a type that other packages cannot name.
		if typ := method.Type.In(1); typ.PkgPath() == "" || token.IsExported(typ.Name()) {
			t.Errorf("%s takes any %s", name, typ)
		}
	}
}

func TestLogIsSafeForGoroutines(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	log := ci.NewLog(&b, ci.LogOptions{})
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 50 {
				log.Info("whole line")
			}
		})
	}
	wg.Wait()
	if got := strings.Count(b.String(), "whole line\n"); got != 200 {
		t.Errorf("%d whole lines, want 200", got)
	}
}

func TestWantColor(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name     string
		env      map[string]string
		terminal bool
		want     bool
	}{
		{"a terminal", nil, true, true},
		{"a file", nil, false, false},
		{"GitHub", map[string]string{"GITHUB_ACTIONS": "true"}, false, true},
		{"GitLab", map[string]string{"GITLAB_CI": "true"}, false, true},
		{"Azure", map[string]string{"TF_BUILD": "True"}, false, true},
		{"Jenkins needs a plugin for them", map[string]string{"JENKINS_URL": "https://ci.example.com/", "BUILD_NUMBER": "7"}, false, false},
		{"NO_COLOR on GitHub", map[string]string{"GITHUB_ACTIONS": "true", "NO_COLOR": "1"}, false, false},
		{"NO_COLOR before force", map[string]string{"NO_COLOR": "1", "FORCE_COLOR": "1"}, true, false},
		{"an empty NO_COLOR is none", map[string]string{"NO_COLOR": ""}, true, true},
		{"a dumb terminal", map[string]string{"TERM": "dumb"}, true, false},
		{"CLICOLOR=0", map[string]string{"CLICOLOR": "0"}, true, false},
		{"CLICOLOR_FORCE to a file", map[string]string{"CLICOLOR_FORCE": "1", "TERM": "dumb"}, false, true},
		{"FORCE_COLOR to a file", map[string]string{"FORCE_COLOR": "true"}, false, true},
		{"FORCE_COLOR=0 forces nothing", map[string]string{"FORCE_COLOR": "0"}, false, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := ci.WantColor(lookup(c.env), c.terminal); got != c.want {
				t.Errorf("WantColor = %t, want %t", got, c.want)
			}
		})
	}
}

func TestAFileIsNoTerminal(t *testing.T) {
	t.Parallel()
	f, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if ci.TerminalWidth(lookup(nil), f) != nil {
		t.Error("a file has a width")
	}
}
