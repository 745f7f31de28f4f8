package text

import "slices"

// patterns finds any of some texts in one pass, whatever their number: from a table of
// blocks of three bytes it knows how far it may skip when a block is seen at the end of a
// window as long as the shortest pattern (Wu and Manber, "A fast algorithm for
// multi-pattern searching", 1994). A secret has some dozens of forms, and everything that
// is written is searched for all of them.
type patterns struct {
	all    []string // in lower case when fold is true
	fold   bool     // the case of ASCII letters does not matter
	window int      // length of the shortest pattern, 0 without patterns
	skips  []uint8  // by block
	ends   map[block][]string
	starts [256][]string // by their first byte
	most   int           // length of the longest pattern
}

// block is a number made of three bytes. It is the same in upper and lower case; others that
// have the same number are told apart when the patterns are compared.
type block uint16

const blockSize, blocks = 3, 1 << 15

// blockAt is the block that ends with byte i of s.
func blockAt(s string, i int) block {
	return block(s[i-2]&31)<<10 | block(s[i-1]&31)<<5 | block(s[i]&31)
}

// newPatterns looks for texts, each of three bytes at least.
func newPatterns(all []string, fold bool) patterns {
	p := patterns{all: all, fold: fold}
	if len(all) == 0 {
		return p
	}
	p.window, p.most = len(all[0]), len(all[0])
	for _, s := range all {
		p.window, p.most = min(p.window, len(s)), max(p.most, len(s))
	}
	p.window = min(p.window, 1<<8) // so that a skip is a byte
	furthest := p.window - blockSize + 1
	p.skips, p.ends = slices.Repeat([]uint8{uint8(furthest)}, blocks), map[block][]string{}
	for _, s := range all {
		for i := blockSize - 1; i < p.window; i++ {
			b := blockAt(s, i)
			p.skips[b] = min(p.skips[b], uint8(p.window-1-i))
		}
		last := blockAt(s, p.window-1)
		p.ends[last] = append(p.ends[last], s)
		p.starts[s[0]] = append(p.starts[s[0]], s)
	}
	return p
}

// find appends the places in s of all patterns, also of those that overlap.
func (p *patterns) find(s string, spans []span) []span {
	if p.window == 0 {
		return spans
	}
	for i := p.window - 1; i < len(s); {
		b := blockAt(s, i)
		if skip := p.skips[b]; skip > 0 {
			i += int(skip)
			continue
		}
		start := i - p.window + 1
		for _, pattern := range p.ends[b] {
			if len(pattern) <= len(s)-start && p.is(pattern, s[start:start+len(pattern)]) {
				spans = append(spans, span{start, start + len(pattern)})
			}
		}
		i++
	}
	return spans
}

// partial returns where in s the first pattern begins that the end of s cuts off; len(s)
// when there is none.
func (p *patterns) partial(s string) int {
	for start := max(0, len(s)-p.most+1); start < len(s); start++ {
		rest := s[start:]
		first := rest[0]
		if p.fold {
			first = folded(first)
		}
		for _, pattern := range p.starts[first] {
			if len(pattern) > len(rest) && p.is(pattern[:len(rest)], rest) {
				return start
			}
		}
	}
	return len(s)
}

// is reports whether s, which is as long, is the pattern.
func (p *patterns) is(pattern, s string) bool {
	if !p.fold {
		return pattern == s
	}
	for i := range len(s) {
		if folded(s[i]) != pattern[i] {
			return false
		}
	}
	return true
}

// folded is an ASCII letter in lower case, and any other byte as it is.
func folded(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// lower is s with its ASCII letters in lower case. It is as long as s, byte for byte,
// which strings.ToLower is not.
func lower(s string) string {
	b := []byte(s)
	for i := range b {
		b[i] = folded(b[i])
	}
	return string(b)
}
