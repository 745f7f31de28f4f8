package redact

import (
	"cmp"
	"io"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/agent-gate/agent-gate/internal/text"
)

// MinSecret is the length in characters below which a secret is not looked for: to
// hide every "a" of a report would tell more than it hides.
const MinSecret = 4

// stars stand for a secret.
const stars = "***"

// Redactor replaces secrets by three stars, and any run of [MinRun] characters of one: in
// plain form and as servers and libraries write it. It knows base64 and base32 at every
// alignment, hexadecimal digits, lists of numbers, the escapes of URLs, HTML, XML, string
// literals, JSON and quoted-printable, and lines that were wrapped; of all these it takes
// off two, one after the other. The nil Redactor and the zero value know no secret.
//
// It has to see a text before a door cuts or escapes it: less of a secret than MinRun
// characters is not found. So it is used twice, where text comes in ([Redactor.Text]), and,
// for what was missed, on everything that goes out ([Redactor.Writer]).
//
// Secrets of [foldFrom] bytes and more are found in any case of their ASCII letters.
type Redactor struct {
	exact  patterns
	folded patterns
	// least is the length of the shortest thing to be found, 0 when there is none.
	least int
	// part tells of each byte whether it can be of a secret, in any encoding.
	part [256]bool
	// grams and starts tell how a text can end that breaks off within a secret. They are made
	// when the first is written.
	endsOnce sync.Once
	grams    []uint32
	starts   map[string]bool
}

// foldFrom is the length in bytes from which a form of a secret is found in upper and
// lower case: servers and proxies change that too, and so long a text is no accident.
const foldFrom = 8

// New makes a Redactor of secrets. White space around a secret is no part of
// it, and each line of a secret of several lines is a secret of its own. Those shorter
// than [MinSecret] are ignored. A secret should be nothing but secret: "Bearer " before a
// token would be hidden in every text.
func New(secrets ...string) *Redactor {
	var exact, folded []needle
	r := &Redactor{}
	for _, secret := range secrets {
		for _, part := range Secrets(secret) {
			for _, n := range needles(part) {
				if len(n.text) < foldFrom {
					exact = append(exact, n)
				} else {
					folded = append(folded, needle{lower(n.text), n.least})
				}
			}
			r.learn(part)
		}
	}
	r.exact, r.folded = newPatterns(unique(exact), false), newPatterns(unique(folded), true)
	return r
}

// learn notes what a secret consists of, in plain and in encodings.
func (r *Redactor) learn(secret string) {
	const ofEncodings = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=-_%&;#{}\\"
	for _, c := range []byte(secret + lower(secret) + strings.ToUpper(secret) + ofEncodings) {
		r.part[c] = true
	}
	if least := min(len(secret), MinRun); r.least == 0 || least < r.least {
		r.least = least
	}
}

// unique sorts needles and drops those that are there twice.
func unique(all []needle) []needle {
	slices.SortFunc(all, func(a, b needle) int { return cmp.Or(cmp.Compare(a.text, b.text), cmp.Compare(a.least, b.least)) })
	return slices.CompactFunc(all, func(a, b needle) bool { return a.text == b.text })
}

// Secrets returns what has to be hidden of a secret: the whole of it without the white
// space around it, and each of its lines; nothing shorter than [MinSecret].
func Secrets(secret string) []string {
	var parts []string
	add := func(s string) {
		s = strings.TrimSpace(s)
		if utf8.RuneCountInString(s) >= MinSecret && !slices.Contains(parts, s) {
			parts = append(parts, s)
		}
	}
	add(secret)
	for line := range strings.Lines(secret) {
		add(line)
	}
	return parts
}

// String returns s with every secret replaced.
func (r *Redactor) String(s string) string {
	if r == nil {
		return s
	}
	return replace(s, r.find(s))
}

// Text returns t with every secret replaced, also those that are broken up by characters
// which nobody sees.
func (r *Redactor) Text(t text.Untrusted) text.Untrusted {
	if r == nil {
		return t
	}
	spans := r.find(t.Raw())
	if broken := r.findBroken(t.Raw()); len(broken) > 0 {
		spans = merge(append(spans, broken...))
	}
	if len(spans) == 0 {
		return t
	}
	return text.New(replace(t.Raw(), spans))
}

// replace returns s with stars for its spans.
func replace(s string, spans []span) string {
	if len(spans) == 0 {
		return s
	}
	var b strings.Builder
	end := 0
	for _, span := range spans {
		b.WriteString(s[end:span.start])
		b.WriteString(stars)
		end = span.end
	}
	b.WriteString(s[end:])
	return b.String()
}

// Writer returns a writer that passes on to w what is written to it, with every secret
// replaced, also one that is spread over several writes.
func (r *Redactor) Writer(w io.Writer) *Writer {
	return &Writer{redactor: r, w: w}
}

// span is a part of a text that is replaced: s[start:end].
type span struct{ start, end int }

// find returns the parts of s that belong to a secret, in order. Secrets that overlap
// are one part, so that no end of the second one stays.
func (r *Redactor) find(s string) []span {
	return merge(r.search(s, layers, nil))
}

// findBroken finds secrets that are interrupted by invisible characters. The doors drop
// those characters, which would make the secret whole again.
func (r *Redactor) findBroken(s string) []span {
	seen, at := text.Seen(s)
	if seen == "" {
		return nil
	}
	spans := r.find(seen)
	for i, span := range spans {
		spans[i].start, spans[i].end = at[span.start], at[span.end-1]+1
	}
	return spans
}

// merge sorts spans and makes one of those that overlap.
func merge(spans []span) []span {
	slices.SortFunc(spans, func(a, b span) int {
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(b.end, a.end))
	})
	merged := spans[:0]
	for _, s := range spans {
		if last := len(merged) - 1; last >= 0 && s.start < merged[last].end {
			merged[last].end = max(merged[last].end, s.end)
			continue
		}
		merged = append(merged, s)
	}
	return merged
}
