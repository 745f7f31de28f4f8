package manual

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/agent-gate/agent-gate/internal/config"
)

// cleanupPath is the program in the image under the name that selects the command
// cleanup. It runs when the job ends, even if the run was killed.
const cleanupPath = "/usr/local/bin/agent-gate-cleanup"

// ActionYAML renders the action.yml of the GitHub Action.
//
// Defaults are only in the descriptions. A default in the metadata would arrive as an
// INPUT_ variable and so override an AGENT_GATE_ or FI_ variable that the user set for
// the whole workflow; only expressions that GitHub alone can evaluate are there. No input
// is required: the runner does not enforce that, and every input can come from the
// environment.
func ActionYAML() []byte {
	var b bytes.Buffer
	b.WriteString("# Generated from internal/config/table.go. Do not edit; to regenerate:\n")
	b.WriteString("# go test ./internal/config -update\n")
	b.WriteString("name: 'Agent Gate'\n")
	b.WriteString("description: 'A quality gate for AI agents: runs simulated calls on Future AGI, judges them, and passes or fails the job.'\n")
	b.WriteString("author: 'agent-gate'\n")
	b.WriteString("branding:\n  icon: 'shield'\n  color: 'green'\n")
	b.WriteString("inputs:\n")
	for _, in := range actionInputs() {
		if in.NotInAction {
			continue
		}
		fmt.Fprintf(&b, "  %s:\n    description: %s\n    required: false\n", in.Name, yamlQuote(in.Help+note(in)))
		if in.ActionDefault != "" {
			fmt.Fprintf(&b, "    default: %s\n", yamlQuote(in.ActionDefault))
		}
	}
	b.WriteString("outputs:\n")
	for _, o := range config.Outputs() {
		fmt.Fprintf(&b, "  %s:\n    description: %s\n", o.Name, yamlQuote(o.Help))
	}
	b.WriteString("runs:\n  using: 'docker'\n  image: 'Dockerfile'\n")
	b.WriteString("  post-entrypoint: '" + cleanupPath + "'\n")
	return b.Bytes()
}

// actionInputs returns the inputs of the action, which runs the command run.
func actionInputs() []config.Input {
	return slices.DeleteFunc(config.Inputs(), func(in config.Input) bool { return !in.Takes(config.CommandRun) })
}

// yamlQuote formats one line as a single-quoted YAML scalar, in which only the quote is
// special.
func yamlQuote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// InputsMarkdown renders the inputs as a Markdown table, for the place between the lines
// "<!-- inputs:begin -->" and "<!-- inputs:end -->".
func InputsMarkdown() []byte {
	var b bytes.Buffer
	b.WriteString("| Input | Default | Meaning |\n|---|---|---|\n")
	var group config.Group
	for _, in := range actionInputs() {
		if in.Group != group {
			group = in.Group
			fmt.Fprintf(&b, "| **%s** | | |\n", group)
		}
		value := ""
		switch {
		case in.Default != "":
			value = " `" + in.Default + "`"
		case in.DefaultNote != "":
			value = " " + markdownEscape(in.DefaultNote)
		}
		help := in.Help
		if len(in.Type.Values) > 0 {
			help = "One of " + strings.Join(in.Type.Values, ", ") + ". " + help
		}
		fmt.Fprintf(&b, "| `%s` |%s | %s |\n", in.Name, value, markdownEscape(help))
	}
	return b.Bytes()
}

// OutputsMarkdown renders the outputs as a Markdown table, for the place between the
// lines "<!-- outputs:begin -->" and "<!-- outputs:end -->".
func OutputsMarkdown() []byte {
	var b bytes.Buffer
	b.WriteString("| Output | In the dotenv file | Meaning |\n|---|---|---|\n")
	for _, o := range config.Outputs() {
		fmt.Fprintf(&b, "| `%s` | `%s` | %s |\n", o.Name, o.EnvName(), markdownEscape(o.Help))
	}
	return b.Bytes()
}

// markdownEscape makes plain text render as itself in a table cell.
func markdownEscape(s string) string {
	return strings.NewReplacer(`\`, `\\`, `|`, `\|`, `*`, `\*`, `_`, `\_`, "`", "\\`", `<`, `\<`, `>`, `\>`).Replace(s)
}
