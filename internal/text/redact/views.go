package redact

import (
	"slices"
	"strings"
)

// layers is how many encodings are decoded before the search. The needles cover one more.
const layers = 2

// view is a decoded part of a text: byte i of it comes from text[from[i]:to[i]].
type view struct {
	bytes    []byte
	from, to []int
	// encoded is false when only lines were joined, which does not count as an encoding.
	encoded bool
}

func (v *view) add(value string, from, to int) {
	v.bytes = append(v.bytes, value...)
	for range len(value) {
		v.from, v.to = append(v.from, from), append(v.to, to)
	}
}

// search appends the parts of s that belong to a secret, in plain form and behind up to
// so many layers of encoding.
func (r *Redactor) search(s string, layers int, spans []span) []span {
	if r.least == 0 || len(s) < r.least {
		return spans
	}
	spans = r.folded.find(s, r.exact.find(s, spans))
	if layers == 0 {
		return spans
	}
	return r.searchRuns(s, layers, r.searchEscapes(s, layers, spans))
}

// searchView searches a view and appends the parts of the original text that match.
func (r *Redactor) searchView(v view, layers int, spans []span) []span {
	if len(v.bytes) < r.least {
		return spans
	}
	if v.encoded {
		layers--
	}
	known := len(spans)
	spans = r.search(string(v.bytes), layers, spans)
	for i := known; i < len(spans); i++ {
		spans[i] = span{v.from[spans[i].start], v.to[spans[i].end-1]}
	}
	return spans
}

// searchEscapes decodes the words that contain escapes and searches them.
func (r *Redactor) searchEscapes(s string, layers int, spans []span) []span {
	var next [len(escapes)]int
	for k := range next {
		next[k] = indexFrom(s, escapes[k], 0)
	}
	for done := 0; ; {
		at := slices.Min(next[:])
		if at == len(s) {
			return spans
		}
		var word span
		ok := s[at] != '\n' || at > 0 && (r.part[s[at-1]] || isBlank(s[at-1])) // few lines of JSON end like that
		if ok {
			word, ok = r.wordAround(s, at, done)
		}
		if ok && word.end-word.start >= r.least {
			spans = r.searchWord(s, word, layers, spans)
		}
		from := at + 1
		if ok {
			done, from = word.end, max(from, word.end)
		}
		for k := range next {
			if next[k] < from {
				next[k] = indexFrom(s, escapes[k], from)
			}
		}
	}
}

// searchWord decodes a word and searches it. A secret can contain what looks like an
// escape of another kind, so each kind is also decoded by itself.
func (r *Redactor) searchWord(s string, word span, layers int, spans []span) []span {
	kinds := 0
	for k := range len(escapes) {
		kind := escapes[k : k+1]
		if !strings.Contains(s[word.start:word.end], kind) {
			continue
		}
		if v := r.unescaped(s, word, kind); len(v.bytes) < word.end-word.start {
			spans = r.searchView(v, layers, spans)
			kinds++
		}
	}
	if kinds > 1 {
		spans = r.searchView(r.unescaped(s, word, escapes), layers, spans)
	}
	return spans
}

// indexFrom returns the index of c in s at or after from; len(s) when there is none.
func indexFrom(s string, c byte, from int) int {
	if i := strings.IndexByte(s[from:], c); i >= 0 {
		return from + i
	}
	return len(s)
}

// wordAround returns the word around the escape at offset at, no earlier than done, where
// the previous word ended: everything that can belong to a secret, escapes and line
// breaks included.
func (r *Redactor) wordAround(s string, at, done int) (span, bool) {
	start, end := at, at
	if s[at] == '\n' {
		for start > done && at-start < maxIndent && isBlank(s[start-1]) {
			start--
		}
		if end = r.overLines(s, start); end == start || start == done || !r.part[s[start-1]] {
			return span{}, false
		}
	} else if _, n := unescape(s[at:]); n == 0 {
		return span{}, false
	}
	for start > done && r.part[s[start-1]] {
		start--
	}
	for end < len(s) {
		if strings.IndexByte(escapes, s[end]) >= 0 && s[end] != '\n' {
			if _, n := unescape(s[end:]); n > 0 {
				end += n
				continue
			}
		}
		if r.part[s[end]] {
			end++
			continue
		}
		over := r.overLines(s, end)
		if over == end {
			break
		}
		end = over
	}
	return span{start, end}, true
}

// maxIndent is the most white space, in bytes, between two pieces of a word.
const maxIndent = 100

// overLines returns where a word continues after the line break and white space at offset
// at; at itself when it does not.
func (r *Redactor) overLines(s string, at int) int {
	end, lines := at, false
	for end < len(s) && end-at < maxIndent && (isBlank(s[end]) || s[end] == '\n') {
		lines = lines || s[end] == '\n'
		end++
	}
	if !lines || end == len(s) || !r.part[s[end]] {
		return at
	}
	return end
}

// isBlank reports whether a byte is white space within a line or just before its end.
func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\r' }

// unescaped decodes the given kinds of escapes in a word of s.
func (r *Redactor) unescaped(s string, word span, kinds string) view {
	size, joins := word.end-word.start, strings.Contains(kinds, "\n")
	v := view{bytes: make([]byte, 0, size), from: make([]int, 0, size), to: make([]int, 0, size)}
	for i := word.start; i < word.end; {
		if s[i] != '\n' && strings.IndexByte(kinds, s[i]) >= 0 {
			if value, n := unescape(s[i:word.end]); n > 0 {
				v.add(value, i, i+n)
				v.encoded = true
				i += n
				continue
			}
		}
		if joins && (isBlank(s[i]) || s[i] == '\n') {
			if end := r.overLines(s, i); end > i {
				i = end
				continue
			}
		}
		v.add(s[i:i+1], i, i+1)
		i++
	}
	return v
}
