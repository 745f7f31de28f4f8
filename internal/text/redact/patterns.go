package redact

import "slices"

// needle is a text to search for. Any run of at least so many of its bytes is hidden.
type needle struct {
	text  string
	least int // the shortest run that is hidden, at most len(text)
}

// patterns finds runs of many needles in one pass. A table of three-byte blocks says how
// far the search may skip when a block ends the current window (Wu and Manber, "A fast
// algorithm for multi-pattern searching", 1994).
//
// It searches for anchors: window-sized parts of the needles, spaced so that every run to
// be hidden contains a whole one. A match is extended from its anchor in both directions.
// It is written by hand because a secret has about a hundred anchors, and every byte of
// output is searched for all of them.
type patterns struct {
	needles []needle // in lower case when fold is true
	fold    bool     // the case of ASCII letters does not matter
	window  int      // length of the anchors, 0 without needles
	skips   []uint8  // by block
	ends    map[block][]anchor
}

// anchor is an offset in a needle.
type anchor struct{ needle, at int }

// block is a hash of three bytes, the same in upper and lower case. Collisions are sorted
// out when the anchors are compared.
type block uint16

const blockSize, blocks = 3, 1 << 15

// maxWindow is the length of anchors in bytes, where the needles are long enough. A
// larger window skips further but needs more anchors.
const maxWindow = 10

// blockAt returns the block that ends at byte i of s.
func blockAt(s string, i int) block {
	return block(s[i-2]&31)<<10 | block(s[i-1]&31)<<5 | block(s[i]&31)
}

// newPatterns prepares a search for needles of at least three bytes each.
func newPatterns(needles []needle, fold bool) patterns {
	p := patterns{needles: needles, fold: fold}
	if len(needles) == 0 {
		return p
	}
	p.window = maxWindow
	for _, n := range needles {
		p.window = min(p.window, n.least)
	}
	furthest := p.window - blockSize + 1
	p.skips, p.ends = slices.Repeat([]uint8{uint8(furthest)}, blocks), map[block][]anchor{}
	for which, n := range needles {
		for at := 0; at+p.window <= len(n.text); at += n.least - p.window + 1 {
			a := n.text[at : at+p.window]
			for i := blockSize - 1; i < p.window; i++ {
				b := blockAt(a, i)
				p.skips[b] = min(p.skips[b], uint8(p.window-1-i))
			}
			last := blockAt(a, p.window-1)
			p.ends[last] = append(p.ends[last], anchor{which, at})
		}
	}
	return p
}

// find appends all runs in s to spans, overlapping ones included.
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
		for _, a := range p.ends[b] {
			if found, ok := p.run(a, s, i-p.window+1); ok {
				spans = append(spans, found)
			}
		}
		i++
	}
	return spans
}

// run returns the run in s around start, where anchor a may be.
func (p *patterns) run(a anchor, s string, start int) (span, bool) {
	n := p.needles[a.needle]
	from, to := start, start
	for i := a.at; i < len(n.text) && to < len(s) && p.same(s[to], n.text[i]); i++ {
		to++
	}
	if to-start < p.window {
		return span{}, false
	}
	for i := a.at - 1; i >= 0 && from > 0 && p.same(s[from-1], n.text[i]); i-- {
		from--
	}
	return span{from, to}, to-from >= n.least
}

// same reports whether byte c matches byte of of a needle.
func (p *patterns) same(c, of byte) bool { return c == of || p.fold && folded(c) == of }

// folded returns an ASCII letter in lower case, and any other byte unchanged.
func folded(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// lower returns s with its ASCII letters in lower case. Unlike strings.ToLower it keeps
// the length of s.
func lower(s string) string {
	b := []byte(s)
	for i := range b {
		b[i] = folded(b[i])
	}
	return string(b)
}
