package redact

import (
	"slices"
	"strings"
)

// gram is how many bytes at the end of a text are compared with the secrets, to see
// whether one may continue after it. Fewer bytes occur in too many words, and the log
// would be held back for nothing. The price: when a secret is written in two pieces, up
// to three characters and an escape may go out before the rest is hidden.
const gram = 4

// heldLimit is the most that is held back, in bytes: far more than a secret takes in any
// form.
const heldLimit = 2048

// learnEnds records how a text can end in the middle of a secret.
func (r *Redactor) learnEnds() {
	r.starts = map[string]bool{}
	for _, n := range append(slices.Clone(r.exact.needles), r.folded.needles...) {
		text := lower(n.text)
		for i := range max(0, len(text)-gram+1) {
			r.grams = append(r.grams, gramOf(text[i:]))
		}
		if n.least == len(n.text) || n.least == MinRun { // the second is a secret in plain form
			for i := 1; i < min(gram, len(text)); i++ {
				r.starts[text[:i]] = true
			}
		}
	}
	slices.Sort(r.grams)
	r.grams = slices.Compact(r.grams)
}

func gramOf(s string) uint32 {
	return uint32(folded(s[0]))<<24 | uint32(folded(s[1]))<<16 | uint32(folded(s[2]))<<8 | uint32(folded(s[3]))
}

// held returns the offset from which s must be held back because a secret may begin there
// and continue after s; len(s) when there is none.
func (r *Redactor) held(s string) int {
	if r.least == 0 {
		return len(s)
	}
	r.endsOnce.Do(r.learnEnds)
	return min(r.heldWord(s), r.heldRun(s))
}

// heldRun is held for secrets in plain form, whatever bytes they consist of.
func (r *Redactor) heldRun(s string) int {
	start := len(s)
	if len(s) < gram || !r.isGram(s[len(s)-gram:]) {
		return start
	}
	for _, p := range []*patterns{&r.exact, &r.folded} {
		for _, n := range p.needles {
			for end := gram; end <= len(n.text); end++ {
				run := 0
				for run < min(end, len(s)) && folded(s[len(s)-1-run]) == folded(n.text[end-1-run]) {
					run++
				}
				if run >= gram {
					start = min(start, len(s)-run)
				}
			}
		}
	}
	return start
}

// isGram reports whether the four bytes occur in a secret, in any form.
func (r *Redactor) isGram(s string) bool {
	_, found := slices.BinarySearch(r.grams, gramOf(s))
	return found
}

// heldWord is held for secrets behind escapes, encodings and line breaks.
func (r *Redactor) heldWord(s string) int {
	end := len(s)
	for end > 0 && (isBlank(s[end-1]) || s[end-1] == '\n') && !r.part[s[end-1]] {
		end--
	}
	if end < len(s) && !strings.Contains(s[end:], "\n") {
		return len(s) // a blank ends a word
	}
	start := r.wordBefore(s, end)
	if r.goesOn(s[start:end], layers) {
		return start
	}
	if end < len(s) {
		return len(s)
	}
	for n := min(gram-1, len(s)); n > 0; n-- {
		if r.starts[lower(s[len(s)-n:])] {
			return len(s) - n
		}
	}
	return len(s)
}

// wordBefore returns the start of the word that ends at end, across line breaks.
func (r *Redactor) wordBefore(s string, end int) int {
	start := end
	for start > 0 && end-start < heldLimit {
		if r.part[s[start-1]] {
			start--
			continue
		}
		before := start
		for before > 0 && start-before < maxIndent && (isBlank(s[before-1]) || s[before-1] == '\n') {
			before--
		}
		if before == 0 || !r.part[s[before-1]] || !strings.Contains(s[before:start], "\n") {
			// An escape may end with a byte that occurs in no secret.
			if start > 1 && s[start-2] == '\\' {
				start -= 2
				continue
			}
			break
		}
		start = before
	}
	return start
}

// goesOn reports whether a secret may continue after a word.
func (r *Redactor) goesOn(word string, layers int) bool {
	if len(word) < gram {
		return false
	}
	if r.isGram(word[len(word)-gram:]) {
		return true
	}
	if layers == 0 {
		return false
	}
	if strings.ContainsAny(word, escapes) {
		for _, end := range []int{len(word), len(word) - lastEscape(word)} {
			v := r.unescaped(word, span{0, end}, escapes)
			if len(v.bytes) < len(word) && r.goesOn(string(v.bytes), layers-1) {
				return true
			}
		}
	}
	return r.runGoesOn(word, layers)
}

// lastEscape returns the length of the escape, possibly incomplete, at the end of a word.
func lastEscape(word string) int {
	for n := 1; n <= min(maxEntity, len(word)); n++ {
		tail := word[len(word)-n:]
		if strings.IndexByte(escapes, tail[0]) < 0 {
			continue
		}
		if _, end := unescape(tail); end == 0 || end == n {
			return n
		}
		return 0
	}
	return 0
}

// runGoesOn reports whether a word ends in base64, base32 or hexadecimal in which a
// secret may continue.
func (r *Redactor) runGoesOn(word string, layers int) bool {
	for _, x := range []*radix{&base64Radix, &base32Radix, &hexRadix} {
		start := len(word)
		for start > 0 && x.values[word[start-1]] >= 0 {
			start--
		}
		if len(word)-start < x.least || x == &base64Radix && capital(word, start) == len(word) {
			continue
		}
		start = max(start, len(word)-decodedEnd)
		for shift := range x.offset {
			if v := x.decode(word, span{start + shift, len(word)}); r.goesOn(string(v.bytes), layers-1) {
				return true
			}
		}
	}
	return false
}

// decodedEnd is how many bytes of a run are decoded to see how it ends.
const decodedEnd = 120
