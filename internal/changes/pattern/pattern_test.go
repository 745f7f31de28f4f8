package pattern_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/agent-gate/agent-gate/internal/changes/pattern"
)

// The first part is the table of GitHub's documentation ("Patterns to match file paths"), with files that each
// pattern must not match added.
func TestPatternsMatchAsGitHubsDo(t *testing.T) {
	t.Parallel()
	cases := []struct {
		patterns string // separated by blanks
		yes, no  []string
	}{
		// As documented.
		{`*`, []string{"README.md", "server.rb"}, []string{"docs/README.md"}},
		{`*.jsx?`, []string{"page.js", "page.jsx"}, []string{"page.jsxx", "page.jsy", "a/page.js"}},
		{`**`, []string{"all/the/files.md", "a"}, nil},
		{`*.js`, []string{"app.js", "index.js"}, []string{"src/app.js", "app.jsx"}},
		{`**.js`, []string{"index.js", "js/index.js", "src/js/app.js"}, []string{"index.jsx", "js/index.ts"}},
		{`docs/*`, []string{"docs/README.md", "docs/file.txt"}, []string{"docs/a/b.md", "docs", "a/docs/b"}},
		{`docs/**`, []string{"docs/README.md", "docs/mona/octocat.txt"}, []string{"docs", "docs2/a", "a/docs/b"}},
		{`docs/**/*.md`, []string{"docs/README.md", "docs/mona/hello-world.md", "docs/a/markdown/file.md"}, []string{"docs/a.txt", "README.md"}},
		{`**/docs/**`, []string{"docs/hello.md", "dir/docs/my-file.txt", "space/docs/plan/space.doc"}, []string{"mydocs/a", "docs"}},
		{`**/README.md`, []string{"README.md", "js/README.md"}, []string{"js/MYREADME.md", "readme.md"}},
		{`**/*src/**`, []string{"a/src/app.js", "my-src/code/js/app.js"}, []string{"src2/a", "src"}},
		{`**/*-post.md`, []string{"my-post.md", "path/their-post.md"}, []string{"my-post.txt", "post.md"}},
		{`**/migrate-*.sql`, []string{"migrate-10909.sql", "db/migrate-v1.0.sql", "db/sept/migrate-v1.sql"}, []string{"db/migrate-a/b.sql"}},
		{`*.md !README.md`, []string{"hello.md"}, []string{"README.md", "docs/hello.md"}},
		{`*.md !README.md README*`, []string{"hello.md", "README.md", "README.doc"}, []string{"docs/hello.md"}},
		// Branch patterns of the same page.
		{`feature/*`, []string{"feature/my-branch"}, []string{"feature/beta-a/my-branch"}},
		{`feature/**`, []string{"feature/beta-a/my-branch", "feature/your-branch"}, []string{"features/a"}},
		{`*feature`, []string{"mona-feature", "feature", "ver-10-feature"}, []string{"a/feature"}},
		{`v2*`, []string{"v2", "v2.0", "v2.9"}, []string{"v1", "v2/a"}},
		{`v[12].[0-9]+.[0-9]+`, []string{"v1.10.1", "v2.0.0"}, []string{"v3.0.0", "v1..0", "v1.1.a"}},
		{`[CB]at`, []string{"Cat", "Bat"}, []string{"cat", "Rat", "CBat", "at"}},
		{`[1-2]00`, []string{"100", "200"}, []string{"300", "00", "1-200"}},
		{`Octo*`, []string{"Octocat", "Octo"}, []string{"octocat"}},
		// Leading dots are nothing special.
		{`*`, []string{".gitignore", ".env"}, []string{".github/x"}},
		{`**`, []string{".github/workflows/ci.yml"}, nil},
		{`*/ci.yml`, []string{".github/ci.yml"}, []string{"ci.yml"}},
		{`.github/**`, []string{".github/a/b"}, []string{"github/a", "x.github/a"}},
		{`**/.env`, []string{".env", "a/.env"}, []string{"a.env", "aXenv"}},
		// Upper and lower case differ.
		{`agents/**`, []string{"agents/a.py"}, []string{"Agents/a.py", "AGENTS/a.py"}},
		{`README.md`, []string{"README.md"}, []string{"readme.md", "READMEXmd", "a/README.md"}},
		// Repeats and classes.
		{`ab?c`, []string{"abc", "ac"}, []string{"abbc", "axc"}},
		{`ab+c`, []string{"abc", "abbbc"}, []string{"ac"}},
		{`[a-c]?x`, []string{"x", "bx"}, []string{"dx", "abx"}},
		{`a/?b`, []string{"ab", "a/b"}, []string{"a//b"}},
		{`[a-z0-9]+.txt`, []string{"a1.txt"}, []string{".txt", "A.txt", "a/b.txt"}},
		{`[-_]x`, []string{"-x", "_x"}, []string{"x"}},
		{`[^a]x`, []string{"^x", "ax"}, []string{"bx"}},
		{`[!a]x`, []string{"!x", "ax"}, []string{"bx"}},
		{`é?x`, []string{"x", "éx"}, []string{"ex"}},
		// What is escaped, or special elsewhere, stands for itself.
		{`\*.md`, []string{"*.md"}, []string{"a.md"}},
		{`a\?`, []string{"a?"}, []string{"a", ""}},
		{`src/\+page.svelte`, []string{"src/+page.svelte"}, []string{"src/page.svelte"}},
		{`\[id\].ts`, []string{"[id].ts"}, []string{"i.ts", "d.ts"}},
		{`\!a`, []string{"!a"}, []string{"a"}},
		{`a.b(c|d){2}$^`, []string{"a.b(c|d){2}$^"}, []string{"aXb(c|d){2}$^", "a.bcc"}},
		{`{a,b}`, []string{"{a,b}"}, []string{"a", "b"}},
		{`a]`, []string{"a]"}, []string{"a"}},
		// Order decides, and ! only counts at the beginning.
		{`src/** !src/docs/** src/docs/api.md`, []string{"src/a", "src/docs/api.md"}, []string{"src/docs/b.md"}},
		{`!docs/** **`, []string{"docs/a", "b"}, nil},
		{`a!b`, []string{"a!b"}, []string{"ab"}},
		{`** !**/*.md`, []string{"a", "a/b.txt"}, []string{"a.md", "a/b/c.md"}},
		// Stars beside other characters.
		{`a**b`, []string{"ab", "a/b", "axx/yb"}, []string{"a", "b"}},
		{`a/**/b`, []string{"a/b", "a/x/b", "a/x/y/b"}, []string{"ab", "a/xb/c"}},
		{`a/**b`, []string{"a/b", "a/x/yb"}, []string{"a/x/y"}},
		{`***`, []string{"a/b"}, nil},
		{`*/*`, []string{"a/b"}, []string{"a", "a/b/c"}},
		{`a*?b`, []string{"ab", "axb"}, []string{"a/b"}},
		{`a**/b`, []string{"a/b", "axx/y/b"}, []string{"ab"}},
		// Any bytes are a file's name.
		{`*.txt`, []string{"a\nb.txt", "a\xffb.txt", "日本.txt"}, []string{"a.txt\n"}},
	}
	for _, c := range cases {
		t.Run(c.patterns, func(t *testing.T) {
			t.Parallel()
			list, err := pattern.Compile(strings.Fields(c.patterns))
			if err != nil {
				t.Fatal(err)
			}
			for _, path := range c.yes {
				if list.Match(path) != pattern.Matched {
					t.Errorf("%q does not match", path)
				}
			}
			for _, path := range c.no {
				if list.Match(path) == pattern.Matched {
					t.Errorf("%q matches", path)
				}
			}
		})
	}
}

func TestAnExcludedFileIsNotAnUnknownOne(t *testing.T) {
	t.Parallel()
	list, err := pattern.Compile([]string{"src/**", "!**/*.md"})
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]pattern.Match{
		"src/a.go": pattern.Matched, "src/a.md": pattern.Excluded, "b.md": pattern.Excluded, "b.go": pattern.None,
	} {
		if got := list.Match(path); got != want {
			t.Errorf("%s: got %d, want %d", path, got, want)
		}
	}
}

func TestWhatIsNoPatternIsRefused(t *testing.T) {
	t.Parallel()
	cases := map[string][]string{
		"the pattern is empty":             {""},
		"there is nothing before the firs": {"?a"},
		"a file's own + is \\+":            {"+page.svelte"},
		"[ has no ]":                       {"a[b"},
		"[] lists no characters":           {"a[]b"},
		"a range goes from a to z":         {"[a-Z]"},
		"[9-0]":                            {"[9-0]"},
		"[é-z]":                            {"[é-z]"},
		"not UTF-8":                        {"a\xff"},
		"all patterns begin with !":        {"!a", "!b"},
		"nothing before the first ?":       {"a", "!?"},
	}
	for want, patterns := range cases {
		if _, err := pattern.Compile(patterns); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", patterns, err, want)
		}
	}
}

// matches is the same again, written as one reads the documentation: it tries everything.
func matches(p, s string) bool {
	if p == "" {
		return s == ""
	}
	// next goes on after one part of the pattern; atom returns what is left of s after each way to match it.
	next := func(atom func(string) []string, rest string) bool {
		if rest != "" && (rest[0] == '?' || rest[0] == '+') {
			if rest[0] == '?' {
				return matches(rest[1:], s) || slices.ContainsFunc(atom(s), func(left string) bool { return matches(rest[1:], left) })
			}
			return repeat(atom, rest[1:], s, len(s)+1)
		}
		return slices.ContainsFunc(atom(s), func(left string) bool { return matches(rest, left) })
	}
	switch {
	case strings.HasPrefix(p, "**"):
		return next(func(s string) []string { return suffixes(s, "") }, p[2:])
	case p[0] == '*':
		return next(func(s string) []string { return suffixes(s, "/") }, p[1:])
	}
	return next(func(s string) []string {
		if strings.HasPrefix(s, p[:1]) {
			return []string{s[1:]}
		}
		return nil
	}, p[1:])
}

// repeat matches an atom once or more, and then the rest.
func repeat(atom func(string) []string, rest, s string, most int) bool {
	return most > 0 && slices.ContainsFunc(atom(s), func(left string) bool {
		return matches(rest, left) || repeat(atom, rest, left, most-1)
	})
}

// suffixes are what can be left of s after characters other than stop.
func suffixes(s, stop string) []string {
	all := []string{s}
	for i := range len(s) {
		if stop != "" && s[i:i+1] == stop {
			break
		}
		all = append(all, s[i+1:])
	}
	return all
}

// Over all short patterns of stars, repeats and two characters, and all short paths.
func TestPatternsAgreeWithTryingEverything(t *testing.T) {
	t.Parallel()
	words := func(alphabet string, most int) (all []string) {
		last := []string{""}
		for range most {
			var longer []string
			for _, w := range last {
				for _, r := range alphabet {
					longer = append(longer, w+string(r))
				}
			}
			all, last = append(all, longer...), longer
		}
		return all
	}
	paths := words("a/b", 5)
	for _, p := range words("a/*?+", 5) {
		if strings.ContainsAny(p[:1], "?+") || strings.Contains(p, "**/") || strings.Contains(p, "***") || repeated(p) {
			continue // refused, or tested by the table
		}
		list, err := pattern.Compile([]string{p})
		if err != nil {
			t.Fatalf("%s: %v", p, err)
		}
		for _, path := range paths {
			if got, want := list.Match(path) == pattern.Matched, matches(p, path); got != want {
				t.Fatalf("%q on %q: got %t, want %t", p, path, got, want)
			}
		}
	}
}

// repeated reports whether a repeat is repeated.
func repeated(p string) bool {
	for _, twice := range []string{"??", "?+", "+?", "++"} {
		if strings.Contains(p, twice) {
			return true
		}
	}
	return false
}

func FuzzPatternsAreReadOrRefused(f *testing.F) {
	for _, seed := range []string{"**/*.md", "a[b-d]+?", `\`, "[", "a???+++", "é*", "\xff[\xff]", "[\\]]", "(?:a", "[a-]", "[[:alpha:]]", "[&&]", "{a}{3,9}"} {
		f.Add(seed, "a/b.md")
	}
	f.Fuzz(func(t *testing.T, p, path string) {
		err := pattern.Check(p)
		list, whole := pattern.Compile([]string{"**", p})
		if (err == nil) != (whole == nil) {
			t.Fatalf("Check says %v, Compile %v", err, whole)
		}
		if err == nil && !strings.HasPrefix(p, "!") && list.Match(path) != pattern.Matched {
			t.Errorf("%q after ** loses %q", p, path)
		}
		// A path with everything special escaped matches itself and nothing longer.
		var escaped strings.Builder
		for _, r := range path {
			if strings.ContainsRune(`*?+[]!\`, r) {
				escaped.WriteByte('\\')
			}
			escaped.WriteRune(r)
		}
		if path == "" || !utf8.ValidString(path) {
			return
		}
		own, err := pattern.Compile([]string{escaped.String()})
		if err != nil || own.Match(path) != pattern.Matched || own.Match(path+"x") != pattern.None {
			t.Errorf("%q as a pattern: %v, %d", path, err, own.Match(path))
		}
	})
}
