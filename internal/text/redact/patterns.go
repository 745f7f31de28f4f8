package redact

import "slices"

// needle is a text of which any run of so many bytes is hidden.
type needle struct {
	text  string
	least int // the shortest run that is hidden, at most len(text)
}

// patterns finds runs of any of some needles in one pass, whatever their number: from a
// table of blocks of three bytes it knows how far it may skip when a block is seen at the
// end of a window (Wu and Manber, "A fast algorithm for multi-pattern searching", 1994).
//
// What it looks for are anchors: parts of the needles as long as the window, as far from
// each other as every run that is hidden still holds a whole one. A run is found by the
// anchor in it and followed in both directions. A secret has some hundred anchors, and
// everything that is written is searched for all of them.
type patterns struct {
	needles []needle // in lower case when fold is true
	fold    bool     // the case of ASCII letters does not matter
	window  int      // length of the anchors, 0 without needles
	skips   []uint8  // by block
	ends    map[block][]anchor
}

// anchor is a place in a needle.
type anchor struct{ needle, at int }

// block is a number made of three bytes. It is the same in upper and lower case; others that
// have the same number are told apart when the anchors are compared.
type block uint16

const blockSize, blocks = 3, 1 << 15

// maxWindow is the length of anchors, where the needles are long enough: the longer, the
// further a skip, and the more of them.
const maxWindow = 10

// blockAt is the block that ends with byte i of s.
func blockAt(s string, i int) block {
	return block(s[i-2]&31)<<10 | block(s[i-1]&31)<<5 | block(s[i]&31)
}

// newPatterns looks for needles, of each at least three bytes.
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

// find appends the places in s of all runs, also of those that overlap.
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

// run is the run of a needle in s whose part at start may be an anchor.
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

// same reports whether a byte is that of a needle.
func (p *patterns) same(c, of byte) bool { return c == of || p.fold && folded(c) == of }

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
