package config

import (
	"slices"
	"strconv"
	"strings"

	"github.com/agent-gate/agent-gate/internal/config/kind"
	"github.com/agent-gate/agent-gate/internal/text"
)

// arguments is a parsed command line.
type arguments struct {
	flags      map[string]string // by input name; repeated lists are joined
	positional []string
}

// parseArguments reads flags in GNU style: --name value, --name=value, and --name alone
// for a boolean, unless a word such as no follows. Flags may precede or follow positional
// arguments; after "--" everything is positional. Mistakes go to f. The error is
// [ErrHelp], [ErrHelpAll] or [ErrVersion].
func parseArguments(args []string, c Command, inputs []Input, f *findings) (arguments, error) {
	got := arguments{flags: map[string]string{}}
	repeated := map[string]bool{}
	for i := 0; i < len(args); i++ {
		arg := args[i]
		switch {
		case arg == "-h" || arg == "--help":
			return got, ErrHelp
		case arg == "--help-all":
			return got, ErrHelpAll
		case arg == "--version":
			return got, ErrVersion
		case arg == "--":
			got.positional = append(got.positional, args[i+1:]...)
			return got, nil
		case !strings.HasPrefix(arg, "-") || arg == "-":
			got.positional = append(got.positional, arg)
			continue
		}
		flag, value, hasValue := strings.Cut(arg, "=")
		in, known := find(inputs, strings.TrimPrefix(flag, "--"))
		if !known || !strings.HasPrefix(flag, "--") {
			if hidden := f.hide(arg); hidden != arg {
				flag, _, _ = strings.Cut(hidden, "=") // a key may contain "="
			}
			f.reject("", "", "%s", unknownFlag(flag, c, inputs, f.redactor))
			// The next argument is probably its value. Skip it: it is not another
			// mistake, and it may be a secret.
			if !hasValue && i+1 < len(args) && !strings.HasPrefix(args[i+1], "-") {
				i++
			}
			continue
		}
		switch {
		case hasValue:
		case in.Type.Bool && i+1 < len(args) && isBool(args[i+1]):
			// Without this --cancel-on-exit no would mean yes.
			i++
			value = args[i]
		case in.Type.Bool:
			value = "true"
		case i+1 == len(args) || isFlag(args[i+1], inputs):
			f.reject(in.Name, in.Flag(), "the flag needs a value")
			continue
		default:
			i++
			value = args[i]
		}
		if !in.Takes(c) {
			f.reject(in.Name, in.Flag(), "the command %s does not take this flag", c)
			continue
		}
		if before, again := got.flags[in.Name]; again && in.Type.List {
			value = before + in.Type.Separator + value
		} else if again && !repeated[in.Name] {
			repeated[in.Name] = true
			f.reject(in.Name, in.Flag(), "the flag is given more than once")
		}
		got.flags[in.Name] = value
	}
	return got, nil
}

// isBool reports whether an argument is a boolean value.
func isBool(arg string) bool {
	_, err := kind.Bool().Check(strings.TrimSpace(arg), strconv.Quote)
	return err == nil
}

// isFlag reports whether an argument is a flag, not the value of the previous flag.
func isFlag(arg string, inputs []Input) bool {
	name, isLong := strings.CutPrefix(arg, "--")
	name, _, _ = strings.Cut(name, "=")
	_, known := find(inputs, name)
	return isLong && (known || name == "help" || name == "help-all" || name == "version" || name == "")
}

// unknownFlag describes a flag that is not in the table. It shows the flag's name, never
// its value.
func unknownFlag(flag string, c Command, inputs []Input, r redactor) string {
	name := inputName(strings.TrimLeft(flag, "-"))
	if in, known := find(inputs, name); known {
		return "unknown flag " + r.quote(flag) + text.Suggestion(in.Flag())
	}
	if in, known := find(inputs, strings.TrimPrefix(name, "no-")); known && in.Type.Bool {
		return "unknown flag " + r.quote(flag) + text.Suggestion(in.Flag()+"=false")
	}
	suggestion := text.NearestOrPart(name, append(takenNames(c, inputs), "help", "help-all", "version"))
	if suggestion != "" {
		suggestion = "--" + suggestion
	}
	return "unknown flag " + r.quote(flag) + text.Suggestion(suggestion)
}

// takenNames lists the inputs that a command takes.
func takenNames(c Command, inputs []Input) []string {
	var names []string
	for _, in := range inputs {
		if in.Takes(c) {
			names = append(names, in.Name)
		}
	}
	return names
}

// checkPositional returns the command's argument and rejects any others.
func checkPositional(positional []string, c Command, f *findings) string {
	positional = slices.DeleteFunc(slices.Clone(positional), func(s string) bool { return strings.TrimSpace(s) == "" })
	argument := c.Info().Argument
	if argument == "" {
		rejectPositional(positional, c, f)
		return ""
	}
	words := strings.Split(argument, "|")
	switch {
	case len(positional) == 0:
		if !strings.HasPrefix(argument, "[") {
			f.reject("", "", "%s needs an argument: agent-gate %s %s", c, c, argument)
		}
		return ""
	case len(words) > 1 && !slices.Contains(words, positional[0]):
		f.reject("", "", "%s takes one of %s, not %s%s", c, strings.Join(words, ", "), f.quote(positional[0]), text.DidYouMean(positional[0], words))
	case len(words) == 1 && kind.IsDirectory(positional[0]):
		f.reject("", "", "%s needs a file; %s is a directory", c, f.quote(positional[0]))
	}
	rejectPositional(positional[1:], c, f)
	return positional[0]
}

// rejectPositional rejects unexpected arguments. It shows one only if it looks like one
// of our words: it may be a secret that lost its flag.
func rejectPositional(positional []string, c Command, f *findings) {
	var names []string
	for _, info := range Commands() {
		names = append(names, string(info.Name))
	}
	for _, arg := range positional {
		switch command := text.Nearest(strings.ToLower(arg), names); {
		case isBool(arg):
			f.reject("", "", "unexpected argument %s: a boolean value belongs to its flag, e.g. --soft-fail=%s", f.quote(arg), strings.TrimSpace(arg))
		case command == string(c):
			f.reject("", "", "unexpected argument %s: name the command once, before the flags", f.quote(arg))
		case command != "":
			f.reject("", "", "unexpected argument %s%s", f.quote(arg), text.Suggestion("the command "+command+", before the flags"))
		default:
			f.reject("", "", "unexpected argument (not shown, it may be a secret): %s takes %s", c, takes(c))
		}
	}
}

func takes(c Command) string {
	if argument := c.Info().Argument; argument != "" {
		return "flags and one " + argument
	}
	return "only flags"
}
