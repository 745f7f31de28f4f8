package agent_test

import (
	"slices"
	"testing"

	"github.com/agent-gate/agent-gate/internal/agent"
)

func TestWords(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, command string
		want          []string
		err           string
	}{
		{"words", "python  agent.py\t-u\n--fast", []string{"python", "agent.py", "-u", "--fast"}, ""},
		{"single quotes keep everything", `sh -c 'a "b" \c $d'`, []string{"sh", "-c", `a "b" \c $d`}, ""},
		{"double quotes keep all but some backslashes", `x "a 'b' \" \\ \$ \n"`, []string{"x", `a 'b' " \ $ \n`}, ""},
		{"backslashes keep one character", `my\ agent a\"b \\`, []string{"my agent", `a"b`, `\`}, ""},
		{"a line goes on after a backslash", "x a\\\nb \\\n c", []string{"x", "ab", "c"}, ""},
		{"parts join", `x a"b c"'d'`, []string{"x", "ab cd"}, ""},
		{"an empty word is one", `x '' ""`, []string{"x", "", ""}, ""},
		{"nothing is expanded", "x $HOME ~ *.go {a,b} `id` a#b # c > d && e", []string{"x", "$HOME", "~", "*.go", "{a,b}", "`id`", "a#b", "#", "c", ">", "d", "&&", "e"}, ""},
		{"any script", "агент 'é ü'", []string{"агент", "é ü"}, ""},
		{"an open single quote", "x 'a", nil, "a single quote (') is not closed"},
		{"an open double quote", `x "a\"`, nil, `a double quote (") is not closed`},
		{"a backslash at the end", `x \`, nil, `nothing follows the backslash (\) at the end`},
		{"nothing", " \n", nil, "it names no program"},
		{"an empty name", "'' a", nil, "it names no program"},
		{"NUL", "x a\x00b", nil, "it holds a NUL character"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := agent.Words(c.command)
			if !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if (err == nil) != (c.err == "") || err != nil && err.Error() != c.err {
				t.Errorf("got the error %v, want %q", err, c.err)
			}
		})
	}
}
