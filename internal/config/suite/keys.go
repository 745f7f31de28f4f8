package suite

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/agent-gate/agent-gate/internal/text"
)

// What references may do. A file of a few hundred bytes can otherwise stand for billions
// of values.
const (
	maxAliasDepth = 10
	maxAliasNodes = 10_000
)

// pair is a key of a mapping with its value.
type pair struct{ key, value *yaml.Node }

// nodes walks through the nodes of a file.
type nodes struct {
	mistakes
	lines   []string // of the file, to find the columns of block texts
	aliases int      // nodes reached through references so far
	tooMany bool
}

// follow returns the node that a reference stands for; nil after a mistake.
func (r *nodes) follow(n *yaml.Node) *yaml.Node {
	at := n
	for depth := 0; n.Kind == yaml.AliasNode; depth++ {
		if n.Alias == nil || depth > maxAliasDepth || !r.spend(1+len(n.Alias.Content)) {
			r.rejectAliases(at)
			return nil
		}
		n = n.Alias
	}
	if n.Style&yaml.TaggedStyle != 0 {
		r.reject(at, "the tag %s is not supported; remove it", quote(n.Tag))
		return nil
	}
	return n
}

// spend counts nodes reached through references, and reports whether there may be more.
func (r *nodes) spend(count int) bool {
	r.aliases += count
	return r.aliases <= maxAliasNodes
}

func (r *nodes) rejectAliases(at *yaml.Node) {
	if !r.tooMany {
		r.tooMany = true
		r.reject(at, "too many references (*%s); write the values out", at.Value)
	}
}

// mapping returns the pairs of a mapping, without duplicates and with those that "<<"
// merges in. What describes it in messages. An empty value has no pairs.
func (r *nodes) mapping(n *yaml.Node, what string) []pair {
	own := r.follow(n)
	switch {
	case own == nil || isNull(own):
		return nil
	case own.Kind != yaml.MappingNode:
		r.reject(n, "%s must be keys with values, not %s", what, kindOf(own))
		return nil
	}
	return r.pairs(own, 0)
}

// pairs returns the pairs of a mapping node; depth counts nested merges.
func (r *nodes) pairs(n *yaml.Node, depth int) []pair {
	var all, merged []pair
	lines := map[string]int{} // of the keys so far
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Kind == yaml.ScalarNode && key.Value == "<<" && key.Style == 0 {
			merged = append(merged, r.merged(value, depth+1)...)
			continue
		}
		if key = r.follow(key); key == nil {
			continue
		}
		if key.Kind != yaml.ScalarNode {
			r.reject(n.Content[i], "a key must be a word, not %s", kindOf(key))
			continue
		}
		if line, again := lines[key.Value]; again {
			r.reject(n.Content[i], "duplicate key %s; the first one is on line %d", quote(key.Value), line)
			continue
		}
		lines[key.Value] = n.Content[i].Line
		all = append(all, pair{key, value})
	}
	for _, p := range merged {
		if _, own := lines[p.key.Value]; !own {
			lines[p.key.Value] = p.key.Line
			all = append(all, p)
		}
	}
	return all
}

// merged returns the pairs that "<<" merges in: those of a mapping or of a list of them.
func (r *nodes) merged(n *yaml.Node, depth int) []pair {
	own := r.follow(n)
	if own == nil {
		return nil
	}
	if depth > maxAliasDepth || !r.spend(1+len(own.Content)) {
		r.rejectAliases(n)
		return nil
	}
	switch own.Kind {
	case yaml.MappingNode:
		return r.pairs(own, depth)
	case yaml.SequenceNode:
		var all []pair
		for _, item := range own.Content {
			all = append(all, r.merged(item, depth+1)...)
		}
		return all
	}
	r.reject(n, "<< merges keys, so its value must be a reference to keys with values")
	return nil
}

// list returns the items of a list; ok is false after a mistake. An empty value has none.
func (r *nodes) list(n *yaml.Node, what string) (items []*yaml.Node, ok bool) {
	own := r.follow(n)
	switch {
	case own == nil:
		return nil, false
	case isNull(own):
		return nil, true
	case own.Kind != yaml.SequenceNode:
		r.reject(n, "%s must be a list, not %s", what, kindOf(own))
		return nil, false
	}
	return own.Content, true
}

// scalar returns a single value as it is written; empty for none. Ok is false after a
// mistake.
func (r *nodes) scalar(n *yaml.Node, what string) (value string, ok bool) {
	own := r.follow(n)
	switch {
	case own == nil:
		return "", false
	case own.Kind != yaml.ScalarNode:
		r.reject(n, "%s must be a single value, not %s", what, kindOf(own))
		return "", false
	case isNull(own):
		return "", true
	}
	return text.Trim(own.Value), true
}

// unknown rejects a key that is none of the known ones.
func (r *nodes) unknown(key *yaml.Node, known []string) {
	if r.isFull() {
		return
	}
	name := strings.ReplaceAll(strings.ToLower(key.Value), "_", "-")
	r.reject(key, "unknown key %s%s", quote(key.Value), text.Suggestion(text.NearestOrPart(name, known)))
}

// isNull reports whether a node is an empty value.
func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }

// kindOf says what a node is.
func kindOf(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "keys with values"
	case yaml.SequenceNode:
		return "a list"
	}
	return "a single value"
}
