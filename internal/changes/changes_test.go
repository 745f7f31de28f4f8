package changes_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/agent-gate/agent-gate/internal/changes"
	"github.com/agent-gate/agent-gate/internal/text"
)

// voice and chat have paths of their own and some in common; always has none.
func gates() []changes.Gate {
	return []changes.Gate{
		{Name: "voice", Paths: []string{"agents/voice/**", "prompts/**", "!**/*.md"}},
		{Name: "chat", Paths: []string{"agents/chat/**", "prompts/*.txt"}},
	}
}

func TestAChangeRunsWhatItTouches(t *testing.T) {
	t.Parallel()
	always := changes.Gate{Name: "always"}
	cases := []struct {
		name   string
		gates  []changes.Gate // as gates() if nil
		others [][]string
		suite  string // agent-gate.yaml if empty
		files  string // separated by blanks
		run    string // the gates that run
		why    string // of the first gate, a part
	}{
		{name: "one gate's file", files: "agents/voice/a.py", run: "voice", why: "agents/voice/a.py changed"},
		{name: "the other gate's file", files: "agents/chat/a.py", run: "chat", why: "1 changed file, none of them in its paths"},
		{name: "a file of both", files: "prompts/hello.txt", run: "voice chat", why: "prompts/hello.txt changed"},
		{name: "several files of one", files: "agents/voice/b agents/voice/a", run: "voice", why: "agents/voice/a and 1 more of its files changed"},
		{name: "one file of each", files: "agents/voice/a agents/chat/b", run: "voice chat", why: "agents/voice/a changed"},
		{name: "deeper than one star", files: "prompts/de/hello.txt", run: "voice", why: "changed"},
		{name: "a file that no paths know", files: "go.mod", run: "voice chat", why: "go.mod changed, which the paths of no gate know"},
		{name: "one unknown file among known ones", files: "agents/chat/a.py Makefile", run: "voice chat", why: "Makefile"},
		{name: "a file that is excluded is known and touches nothing", files: "agents/voice/README.md", run: "", why: "none of them in its paths"},
		{name: "excluded for one gate, matched for the other", files: "agents/chat/README.md", run: "chat", why: "none of them"},
		{name: "another case is another file", files: "Agents/voice/a.py", run: "voice chat", why: "the paths of no gate know"},
		{name: "the suite file", files: "agent-gate.yaml", run: "voice chat", why: "the suite file agent-gate.yaml changed"},
		{name: "the suite file among a gate's own files", files: "agents/voice/a.py agent-gate.yaml", run: "voice chat", why: "the suite file"},
		{name: "the suite file in .github", suite: ".github/agent-gate.yaml", files: ".github/agent-gate.yaml", run: "voice chat", why: "the suite file"},
		{name: "another suite file is an unknown file", suite: "b.yaml", files: "agent-gate.yaml", run: "voice chat", why: "the paths of no gate know"},
		{name: "the suite file of a program that runs in a folder", suite: "./gates.yaml", files: "services/a/gates.yaml", run: "voice chat", why: "the suite file"},
		{name: "a suite file by an absolute path", suite: "/builds/x/gates.yaml", files: "gates.yaml", run: "voice chat", why: "the suite file"},
		{name: "a suite file above the folder", suite: "../gates.yaml", files: "gates.yaml", run: "voice chat", why: "the suite file"},
		{name: "the suite file, which a gate's paths name", gates: []changes.Gate{{Name: "a", Paths: []string{"agent-gate.yaml"}}, {Name: "b", Paths: []string{"x"}}}, files: "agent-gate.yaml", run: "a b", why: "the suite file"},
		{name: "a renamed file comes with both names", files: "agents/voice/a.py agents/chat/a.py", run: "voice chat", why: "changed"},
		{name: "a gate without paths runs always", gates: append(gates(), always), files: "agents/chat/a.py", run: "chat always", why: "none"},
		{name: "no gate has paths", gates: []changes.Gate{always, {Name: "too"}}, files: "agents/chat/a.py", run: "always too", why: "the paths of no gate know"},
		{name: "a gate without paths knows no files", gates: append(gates(), always), files: "go.mod", run: "voice chat always", why: "the paths of no gate know"},
		{name: "the paths of a gate that is not chosen know files", gates: gates()[:1], others: [][]string{gates()[1].Paths}, files: "agents/chat/a.py", run: "", why: "none"},
		{name: "a gate whose paths are no patterns runs", gates: []changes.Gate{{Name: "bad", Paths: []string{"["}}, gates()[1]}, files: "agents/chat/a.py", run: "bad chat", why: "its paths are not valid: [ has no ]"},
		{name: "a gate that excludes everything runs", gates: []changes.Gate{{Name: "bad", Paths: []string{"!a"}}, gates()[1]}, files: "agents/chat/a.py", run: "bad chat", why: "all patterns begin with !"},
		{name: "an empty list", files: "", run: "voice chat", why: "the list of changed files is empty"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			all, suite := c.gates, c.suite
			if all == nil {
				all = gates()
			}
			if suite == "" {
				suite = "agent-gate.yaml"
			}
			got := changes.Select(all, c.others, suite, changes.List{Files: strings.Fields(c.files), Known: true, Source: changes.FromInput})
			var run []string
			for i, s := range got {
				if s.Gate != all[i].Name {
					t.Errorf("gate %d is %s", i, s.Gate)
				}
				if s.Run {
					run = append(run, s.Gate)
				}
			}
			if strings.Join(run, " ") != c.run {
				t.Errorf("got %v, want %s", run, c.run)
			}
			if !strings.Contains(got[0].Why.Raw(), c.why) {
				t.Errorf("got %q, want %q", got[0].Why, c.why)
			}
		})
	}
}

func TestWithoutAListEverythingRuns(t *testing.T) {
	t.Parallel()
	for want, list := range map[string]changes.List{
		"changed-files is not given":              {},
		"the changed files are not known: no git": {Source: changes.FromGit, Why: text.New("no git")},
	} {
		for _, s := range changes.Select(gates(), nil, "agent-gate.yaml", list) {
			if !s.Run || s.Why.Raw() != want {
				t.Errorf("got %+v, want %s", s, want)
			}
		}
	}
}

// Whatever else changed, more changed files never run fewer gates, except that a first file makes a list out of none.
func TestMoreChangesNeverRunFewerGates(t *testing.T) {
	t.Parallel()
	files := []string{"agents/voice/a", "agents/chat/b", "prompts/c.txt", "agents/voice/d.md", "go.mod", "agent-gate.yaml", "prompts/x/y.txt"}
	ran := func(set int) (n int) {
		var some []string
		for i, f := range files {
			if set>>i&1 == 1 {
				some = append(some, f)
			}
		}
		for i, s := range changes.Select(gates(), nil, "agent-gate.yaml", changes.List{Files: some, Known: true, Source: changes.FromInput}) {
			if s.Run {
				n |= 1 << i
			}
		}
		return n
	}
	for set := 1; set < 1<<len(files); set++ {
		for i := range files {
			if more := ran(set | 1<<i); ran(set)&^more != 0 {
				t.Errorf("files %b run %b, with %s just %b", set, ran(set), files[i], more)
			}
		}
	}
}

func TestAListIsReadAsPeopleHaveIt(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return "@" + path
	}
	cases := []struct {
		name, input string
		want        []string
	}{
		{"commas", "a/b.txt, c.txt,,a/b.txt", []string{"a/b.txt", "c.txt"}},
		{"lines", "a b.txt\r\n\n./c.txt\n", []string{"a b.txt", "c.txt"}},
		{"a JSON array", `["a,b","c"]`, []string{"a,b", "c"}},
		{"an empty JSON array", `[]`, nil},
		{"a file of lines", write("lines", "\ufeffa,b\r\nc\n\n"), []string{"a,b", "c"}},
		{"a file of git's -z", write("zeros", "a\nb\x00c\x00"), []string{"a\nb", "c"}},
		{"what git quotes", write("quoted", `"caf\303\251 \"x\"\t.txt"`+"\nplain\n"), []string{"café \"x\"\t.txt", "plain"}},
		{"quotes that are not git's", write("odd", `"half`+"\n"), []string{`"half`}},
		{"paths elsewhere stay what they are", "../a,/b,c\\d", []string{"../a", "/b", `c\d`}},
		{"an empty file", write("empty", ""), nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := changes.Find(t.Context(), c.input, changes.Change{})
			if !got.Known || !slices.Equal(got.Files, c.want) {
				t.Errorf("got %t %q, want %q", got.Known, got.Files, c.want)
			}
		})
	}
	if got := changes.Find(t.Context(), "@"+dir+"/none", changes.Change{}); got.Known || !strings.Contains(got.Why.Raw(), "cannot be read") {
		t.Errorf("a file that is not there: got %+v", got)
	}
}
