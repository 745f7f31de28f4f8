package manual

import (
	"fmt"
	"slices"
	"strings"

	"github.com/agent-gate/agent-gate/internal/config"
)

// Completion returns the completion script of a shell: bash, zsh or fish. It completes
// commands, the flags that a command takes, and the values of those that have only a few.
func Completion(shell string) string {
	switch shell {
	case "zsh":
		return zshCompletion()
	case "fish":
		return fishCompletion()
	}
	return bashCompletion()
}

// flagsOf returns the inputs that a command takes.
func flagsOf(c config.Command) []config.Input {
	return slices.DeleteFunc(config.Inputs(), func(in config.Input) bool { return !in.Takes(c) })
}

// valuesOf returns the values of an input that has only a few.
func valuesOf(in config.Input) []string {
	if in.Type.Bool {
		return []string{"true", "false"}
	}
	return in.Type.Values
}

// wordsOf returns the words that a command's argument is one of; nil for a file.
func wordsOf(info config.CommandInfo) []string {
	switch {
	case strings.HasPrefix(info.Argument, "[--"):
		return []string{strings.Trim(info.Argument, "[]")}
	case strings.Contains(info.Argument, "|"):
		return strings.Split(info.Argument, "|")
	}
	return nil
}

// commandNames returns the names of all commands.
func commandNames() []string {
	var names []string
	for _, info := range config.Commands() {
		names = append(names, string(info.Name))
	}
	return names
}

func bashCompletion() string {
	var b strings.Builder
	b.WriteString(`# bash completion for agent-gate. Load it with: source <(agent-gate completion bash)
_agent_gate() {
	local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} command=run words= i
	if [[ $current == = ]]; then
		current=
	elif [[ $previous == = ]]; then
		previous=${COMP_WORDS[COMP_CWORD-2]}
	fi
	COMPREPLY=()
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
`)
	fmt.Fprintf(&b, "\t\t%s)\n\t\t\tcommand=${COMP_WORDS[i]}\n\t\t\tbreak\n\t\t\t;;\n", strings.Join(commandNames(), "|"))
	b.WriteString("\t\tesac\n\tdone\n\tcase $previous in\n")
	for _, in := range config.Inputs() {
		switch values := valuesOf(in); {
		case in.Type.Bool: // the value is optional
		case len(values) > 0:
			fmt.Fprintf(&b, "\t%s)\n\t\tmapfile -t COMPREPLY < <(compgen -W '%s' -- \"$current\")\n\t\treturn\n\t\t;;\n", in.Flag(), strings.Join(values, " "))
		case in.Type.File:
			fmt.Fprintf(&b, "\t%s)\n\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n\t\treturn\n\t\t;;\n", in.Flag())
		default:
			fmt.Fprintf(&b, "\t%s) return ;;\n", in.Flag())
		}
	}
	b.WriteString("\tesac\n\tcase $command in\n")
	for _, info := range config.Commands() {
		words := []string{"--help", "--help-all"}
		for _, in := range flagsOf(info.Name) {
			words = append(words, in.Flag())
		}
		fmt.Fprintf(&b, "\t%s) words='%s' ;;\n", info.Name, strings.Join(append(words, wordsOf(info)...), " "))
	}
	fmt.Fprintf(&b, `	esac
	if ((i == COMP_CWORD && COMP_CWORD == 1)); then
		words+=' %s'
	fi
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
	case $command in
	%s) [[ $current == -* ]] || mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- "$current") ;;
	esac
}
complete -o filenames -F _agent_gate agent-gate
`, strings.Join(commandNames(), " "), strings.Join(fileCommands(), "|"))
	return b.String()
}

// fileCommands returns the names of the commands whose argument is a file.
func fileCommands() []string {
	var names []string
	for _, info := range config.Commands() {
		if info.Argument != "" && wordsOf(info) == nil {
			names = append(names, string(info.Name))
		}
	}
	return names
}

func zshCompletion() string {
	var b strings.Builder
	b.WriteString("#compdef agent-gate\n# zsh completion for agent-gate. Load it with: source <(agent-gate completion zsh)\n" +
		"_agent_gate() {\n\tlocal command=run word\n\tlocal -a commands flags\n\tcommands=(\n")
	for _, info := range config.Commands() {
		fmt.Fprintf(&b, "\t\t%s\n", quoteShell(string(info.Name)+":"+firstSentence(info.Summary)))
	}
	b.WriteString("\t)\n\tword=${words[2]}\n\tif (( CURRENT > 2 && ${commands[(I)${word}:*]} )); then\n\t\tcommand=$word\n\t\tshift words\n\t\t(( CURRENT-- ))\n\telif (( CURRENT == 2 )) && [[ $PREFIX != -* ]]; then\n\t\t_describe command commands\n\t\treturn\n\tfi\n\tcase $command in\n")
	for _, info := range config.Commands() {
		fmt.Fprintf(&b, "\t%s) flags=(\n", info.Name)
		for _, in := range flagsOf(info.Name) {
			fmt.Fprintf(&b, "\t\t%s\n", quoteShell(zshFlag(in)))
		}
		b.WriteString("\t\t'--help[this command]' '--help-all[every input]'\n")
		if words := wordsOf(info); words != nil {
			fmt.Fprintf(&b, "\t\t'*:argument:(%s)'\n", strings.Join(words, " "))
		} else if info.Argument != "" {
			b.WriteString("\t\t'*:file:_files'\n")
		}
		b.WriteString("\t) ;;\n")
	}
	b.WriteString("\tesac\n" +
		"\t_arguments -S $flags\n}\nif [[ $zsh_eval_context[-1] == loadautofunc ]]; then\n\t_agent_gate \"$@\"\nelse\n\tcompdef _agent_gate agent-gate\nfi\n")
	return b.String()
}

// zshFlag describes a flag to _arguments.
func zshFlag(in config.Input) string {
	help := strings.NewReplacer(`\`, `\\`, "[", `\[`, "]", `\]`, ":", `\:`).Replace(firstSentence(in.Help))
	flag, repeated := in.Flag(), ""
	if in.Type.List {
		repeated = "*"
	}
	switch values := valuesOf(in); {
	case in.Type.Bool:
		return fmt.Sprintf("%s[%s]", flag, help)
	case len(values) > 0:
		return fmt.Sprintf("%s%s=[%s]:value:(%s)", repeated, flag, help, strings.Join(values, " "))
	case in.Type.File:
		return fmt.Sprintf("%s%s=[%s]:file:_files", repeated, flag, help)
	}
	return fmt.Sprintf("%s%s=[%s]:%s:", repeated, flag, help, strings.ToLower(strings.NewReplacer(",...", "", "|", " or ", "@", "").Replace(in.Type.Placeholder)))
}

func fishCompletion() string {
	var b strings.Builder
	b.WriteString("# fish completion for agent-gate. Load it with: agent-gate completion fish | source\n")
	names := strings.Join(commandNames(), " ")
	fmt.Fprintf(&b, "complete -c agent-gate -f\n")
	for _, info := range config.Commands() {
		fmt.Fprintf(&b, "complete -c agent-gate -n 'not __fish_seen_subcommand_from %s' -a %s -d %s\n", names, info.Name, quoteShell(firstSentence(info.Summary)))
		for _, word := range wordsOf(info) {
			fmt.Fprintf(&b, "complete -c agent-gate -n '__fish_seen_subcommand_from %s' -a %s\n", info.Name, word)
		}
	}
	for _, name := range fileCommands() {
		fmt.Fprintf(&b, "complete -c agent-gate -n '__fish_seen_subcommand_from %s' -F\n", name)
	}
	b.WriteString("complete -c agent-gate -l help -d 'Help of a command'\ncomplete -c agent-gate -l help-all -d 'Every input'\n")
	for _, in := range config.Inputs() {
		var takes []string
		for _, c := range in.Commands {
			takes = append(takes, string(c))
		}
		condition := "__fish_seen_subcommand_from " + strings.Join(takes, " ")
		if in.Takes(config.CommandRun) {
			condition += "; or not __fish_seen_subcommand_from " + names
		}
		value := " -x"
		switch values := valuesOf(in); {
		case in.Type.Bool:
			value = ""
		case len(values) > 0:
			value = " -x -a " + quoteShell(strings.Join(values, " "))
		case in.Type.File:
			value = " -r -F"
		}
		fmt.Fprintf(&b, "complete -c agent-gate -n %s -l %s%s -d %s\n", quoteShell(condition), in.Name, value, quoteShell(firstSentence(in.Help)))
	}
	return b.String()
}

// firstSentence returns the first sentence of a text, without its period.
func firstSentence(s string) string {
	first, _, _ := strings.Cut(s, ". ")
	return strings.TrimSuffix(first, ".")
}

// quoteShell quotes a word for a shell.
func quoteShell(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
