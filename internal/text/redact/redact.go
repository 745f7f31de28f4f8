// Package redact hides secrets: API keys and tokens, in plain form and as servers,
// libraries and log viewers encode them.
//
// Its parts, from the outside in: redact.go is the [Redactor] and what it does with one
// text; writer.go redacts a stream; end.go decides how much of a stream to hold back.
// views.go decodes a text layer by layer and searches each layer, with unescape.go for
// escapes and radix.go for base64, base32 and hexadecimal. needles.go and forms.go list
// what to search for; patterns.go searches for all of it in one pass.
//
// The package knows nothing of the API, of CI systems or of where the secrets come from.
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

// minSecret is the length in characters below which a secret is ignored. Hiding every "a"
// of a report would reveal more than it hides.
const minSecret = 4

// stars replace a secret.
const stars = "***"

// Redactor replaces secrets, and any run of [MinRun] characters of one, with three stars.
// It finds them in plain form, in base64 and base32 at any alignment, in hexadecimal, as
// lists of byte values, in the escapes of URLs, HTML, XML, JSON, string literals and
// quoted-printable, and across wrapped lines; and in any two of these on top of each
// other. A nil Redactor and the zero value know no secrets.
//
// It must see a text before a door cuts or escapes it, because a fragment shorter than
// MinRun is not found. So it runs twice: on text that comes in ([Redactor.Text]), and on
// everything that goes out ([Redactor.Writer]), to catch what the first pass missed.
//
// Secrets of [foldFrom] bytes or more are matched regardless of ASCII case. A Redactor is
// safe for concurrent use.
type Redactor struct {
	exact  patterns
	folded patterns
	// least is the length of the shortest match in bytes; 0 without secrets.
	least int
	// part says for each byte whether it can occur in a secret, in any encoding.
	part [256]bool
	// grams and starts describe how a text can end in the middle of a secret; see
	// learnEnds. They are built on the first write.
	endsOnce sync.Once
	grams    []uint32
	starts   map[string]bool
}

// foldFrom is the length in bytes from which a form of a secret is matched in either
// case. Servers and proxies change case, and a match this long is no coincidence.
const foldFrom = 8

// New returns a Redactor for secrets. Surrounding white space is ignored, and each line
// of a multi-line secret is a secret of its own. Secrets shorter than minSecret are
// ignored. Pass nothing but the secret itself: "Bearer " in front of a token would be
// hidden everywhere.
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

// learn records which bytes a secret consists of, in plain form and encoded.
func (r *Redactor) learn(secret string) {
	const ofEncodings = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=-_%&;#{}\\"
	for _, c := range []byte(secret + lower(secret) + strings.ToUpper(secret) + ofEncodings) {
		r.part[c] = true
	}
	if least := min(len(secret), MinRun); r.least == 0 || least < r.least {
		r.least = least
	}
}

// unique sorts needles and drops duplicates.
func unique(all []needle) []needle {
	slices.SortFunc(all, func(a, b needle) int { return cmp.Or(cmp.Compare(a.text, b.text), cmp.Compare(a.least, b.least)) })
	return slices.CompactFunc(all, func(a, b needle) bool { return a.text == b.text })
}

// Secrets returns what to hide of a secret: the whole without surrounding white space,
// and each of its lines. Parts shorter than minSecret are left out.
func Secrets(secret string) []string {
	var parts []string
	add := func(s string) {
		s = strings.TrimSpace(s)
		if utf8.RuneCountInString(s) >= minSecret && !slices.Contains(parts, s) {
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

// Text returns t with every secret replaced, including secrets interrupted by invisible
// characters.
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

// replace returns s with the spans replaced by stars.
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

// Writer returns a writer that passes its input on to w with every secret replaced, even
// one that is split across several writes.
func (r *Redactor) Writer(w io.Writer) *Writer {
	return &Writer{redactor: r, w: w}
}

// span is a part of a text, s[start:end].
type span struct{ start, end int }

// find returns the parts of s that belong to a secret, in order. Overlapping secrets
// become one span, so that no tail of the second one is left.
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

// merge sorts spans and joins those that overlap.
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
