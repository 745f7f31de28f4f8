package suite

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/text"
)

// value reads the value of an input as a YAML user writes it: a text, number or boolean;
// a list of them where the input takes one; anything where it takes JSON. Ok is false
// when there is no value, or after a mistake.
func (r *reader) value(in config.Input, n *yaml.Node) (v config.FileValue, ok bool) {
	own := r.follow(n)
	if own == nil || isNull(own) {
		return v, false
	}
	v.At = r.at(n)
	switch {
	case in.Secret && !r.isReference(in, own):
		r.secret(in, n, own)
		return v, false
	case own.Kind == yaml.ScalarNode:
		v.Text, v.Lines = r.block(own)
	case in.Type.JSON:
		tree, err := r.tree(n, 0)
		if err == nil {
			var data []byte
			data, err = json.Marshal(tree)
			v.Text = string(data)
		}
		if err != nil {
			r.reject(n, "%s cannot be written as JSON: %v", in.Name, err)
			return v, false
		}
	case own.Kind == yaml.SequenceNode && in.Type.List:
		v.Text, v.Lines, ok = r.items(in, n, own)
		return v, ok
	case own.Kind == yaml.SequenceNode:
		r.reject(n, "%s takes one value, not a list", in.Name)
		return v, false
	default:
		r.reject(n, "%s takes a value, not keys with values", in.Name)
		return v, false
	}
	return v, text.Trim(v.Text) != ""
}

// isBlank reports whether a node is a value that says nothing.
func isBlank(n *yaml.Node) bool {
	return n != nil && (isNull(n) || n.Kind == yaml.ScalarNode && text.Trim(n.Value) == "")
}

// block returns a text without white space around it, and where its lines are if it is a
// literal block.
func (r *reader) block(n *yaml.Node) (value string, at []string) {
	value = text.Trim(n.Value)
	if n.Style&yaml.LiteralStyle == 0 {
		return value, nil
	}
	before, _, _ := strings.Cut(n.Value, value)
	first := n.Line + strings.Count(before, "\n") // from 0, since the text begins below
	for i := range strings.Count(value, "\n") + 1 {
		column := 1
		if number := first + i; number < len(r.lines) {
			line := r.lines[number]
			column += len(line) - len(strings.TrimLeft(line, " "))
		}
		at = append(at, r.place(first+i+1, column))
	}
	return value, at
}

// items returns the items of a list, one a line.
func (r *reader) items(in config.Input, n, list *yaml.Node) (value string, at []string, ok bool) {
	if len(list.Content) == 0 {
		r.reject(n, "the list of %s is empty; remove the key, or give a value", in.Name)
		return "", nil, false
	}
	var lines []string
	ok = true
	for _, item := range list.Content {
		own, isSingle := r.scalar(item, "an item of "+in.Name)
		if isSingle && own == "" {
			r.reject(item, "an item of %s is empty; remove it", in.Name)
		}
		if !isSingle || own == "" {
			ok = false
			continue
		}
		for line := range strings.SplitSeq(own, "\n") {
			lines = append(lines, line)
			at = append(at, r.at(item))
		}
	}
	return strings.Join(lines, "\n"), at, ok
}

// tree returns what a node stands for, as package json writes it.
func (r *nodes) tree(n *yaml.Node, depth int) (any, error) {
	isAlias := n.Kind == yaml.AliasNode
	own := r.follow(n)
	if own == nil || depth > 100 {
		return nil, fmt.Errorf("line %d is nested too deeply or refers to too much", n.Line)
	}
	if !isAlias && r.aliases > 0 && !r.spend(1) { // what a reference contains counts, too
		return nil, fmt.Errorf("too many references")
	}
	switch own.Kind {
	case yaml.MappingNode:
		object := map[string]any{}
		for _, p := range r.pairs(own, 0) {
			value, err := r.tree(p.value, depth+1)
			if err != nil {
				return nil, err
			}
			object[p.key.Value] = value
		}
		return object, nil
	case yaml.SequenceNode:
		array := make([]any, 0, len(own.Content))
		for _, item := range own.Content {
			value, err := r.tree(item, depth+1)
			if err != nil {
				return nil, err
			}
			array = append(array, value)
		}
		return array, nil
	}
	switch own.ShortTag() {
	case "!!null", "!!bool", "!!int", "!!float":
		var value any
		err := own.Decode(&value)
		return value, err
	}
	return own.Value, nil
}

// reference matches a header line whose credential is in a variable: the whole line is,
// or all of its value but the scheme.
var reference = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(referencePattern) })

const referencePattern = `^\s*([A-Za-z0-9_-]+:\s*([A-Za-z]+\s+)?)?\$\{([A-Za-z_][A-Za-z0-9_]*)\}\s*$`

// isReference reports whether a value refers to a variable where that is allowed.
func (r *reader) isReference(in config.Input, n *yaml.Node) bool {
	return in.InSuiteFile() && n.Kind == yaml.ScalarNode && reference().MatchString(n.Value)
}

// secret rejects a credential, and remembers it so that no other message shows it.
func (r *reader) secret(in config.Input, at, n *yaml.Node) {
	if n.Kind == yaml.ScalarNode {
		r.secrets = append(r.secrets, text.Trim(n.Value))
	}
	hint := "set " + in.EnvName() + " as a secret of the CI system"
	if in.InSuiteFile() {
		hint = `give the name of a variable in its place, e.g. "Authorization: Bearer ${AGENT_TOKEN}"`
	}
	r.reject(at, "%s is a secret (not shown), which a suite file must not contain; %s", in.Name, hint)
}

// expand returns a header line with its variable's value. Without a look-up the value
// is a placeholder.
func expand(header string, lookUp func(string) string) (value, missing string) {
	found := reference().FindStringSubmatch(header)
	if found == nil {
		return header, ""
	}
	name := found[3]
	if lookUp == nil {
		value = "placeholder"
		if found[1] == "" {
			value = "X-Placeholder: placeholder"
		}
	} else if value = text.Trim(lookUp(name)); value == "" {
		return "", name
	}
	return strings.Replace(header, "${"+name+"}", value, 1), ""
}
