package redact

// radix is an encoding with a fixed alphabet, decoded to find what is encoded twice. The
// encoded text may begin at any character of a run, since something else may precede it.
type radix struct {
	values *[256]int8 // -1 outside the alphabet
	bits   int        // per character
	offset int        // how many positions a text can begin at
	least  int        // the shortest run that is decoded, in characters
}

// The encodings. The shortest run is that of MinRun characters of a secret with one escape
// among them.
var (
	base64Radix = radix{&base64Values, 6, 4, 18}
	base32Radix = radix{&base32Values, 5, 8, 24}
	hexRadix    = radix{&hexValues, 4, 2, 28}
)

var base64Values, base32Values, hexValues = valuesOf("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", "-_", 62),
	valuesOf("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "abcdefghijklmnopqrstuvwxyz", 0),
	valuesOf("0123456789abcdef", "ABCDEF", 10)

// valuesOf numbers the characters of an alphabet, and from a number on those of others,
// which mean the same.
func valuesOf(alphabet, others string, from int8) [256]int8 {
	var values [256]int8
	for i := range values {
		values[i] = -1
	}
	for i := range len(alphabet) {
		values[alphabet[i]] = int8(i)
	}
	for i := range len(others) {
		values[others[i]] = from + int8(i)
	}
	return values
}

// searchRuns decodes the long runs of base64, base32 and hexadecimal in s and searches
// them.
func (r *Redactor) searchRuns(s string, layers int, spans []span) []span {
	for at := capital(s, 0); at < len(s); {
		run := base64Radix.around(s, at)
		if run.end-run.start >= base64Radix.least {
			spans = r.searchRun(s, run, &base64Radix, layers, spans)
		}
		at = capital(s, max(run.end, at+1))
	}
	// One character is looked at in every stretch as long as the shortest run.
	least := min(base32Radix.least, hexRadix.least)
	for i := least - 1; i < len(s); i += least {
		if base64Values[s[i]] < 0 {
			continue
		}
		for _, x := range []*radix{&base32Radix, &hexRadix} {
			if run := x.around(s, i); run.end-run.start >= x.least {
				spans = r.searchRun(s, run, x, layers, spans)
				i = max(i, run.end-1)
			}
		}
	}
	return spans
}

// around returns the run of the alphabet around an offset in s; empty when there is none.
func (x *radix) around(s string, at int) span {
	run := span{at, at}
	for run.end < len(s) && x.values[s[run.end]] >= 0 {
		run.end++
	}
	for run.end > at && run.start > 0 && x.values[s[run.start-1]] >= 0 {
		run.start--
	}
	return run
}

// capital returns the index of the first capital letter at or after from; len(s) when
// there is none. Base64 of any length has capitals, and few other words do. It looks at
// eight bytes at a time.
func capital(s string, from int) int {
	from = min(from, len(s))
	const each = 0x0101010101010101
	for ; from+8 <= len(s); from += 8 {
		b := s[from : from+8]
		word := uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
			uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
		// Capitals and a few signs have 010 as their top bits. That makes the byte zero
		// here, and the usual zero-byte trick finds it.
		if rest := word&(0xe0*each) ^ 0x40*each; (rest-each)&^rest&(0x80*each) != 0 {
			if i := capitalIn(b); i < len(b) {
				return from + i
			}
		}
	}
	return from + capitalIn(s[from:])
}

func capitalIn(s string) int {
	for i := range len(s) {
		if 'A' <= s[i] && s[i] <= 'Z' {
			return i
		}
	}
	return len(s)
}

// searchRun decodes a run from each possible beginning and searches the results.
func (r *Redactor) searchRun(s string, run span, x *radix, layers int, spans []span) []span {
	for shift := range x.offset {
		if v := x.decode(s, span{run.start + shift, run.end}); hasWords(v.bytes, r.least) {
			spans = r.searchView(v, layers, spans)
		}
	}
	return spans
}

// decode decodes characters of the alphabet and drops leftover bits.
func (x *radix) decode(s string, part span) view {
	size := (part.end - part.start) * x.bits / 8
	v := view{bytes: make([]byte, size), from: make([]int, size), to: make([]int, size), encoded: true}
	buffer, bits := 0, 0
	for i, k := part.start, 0; i < part.end && k < size; i++ {
		buffer, bits = buffer<<x.bits|int(x.values[s[i]]), bits+x.bits
		if bits >= 8 {
			bits -= 8
			v.bytes[k] = byte(buffer >> bits)
			buffer &= 1<<bits - 1
			v.from[k], v.to[k] = part.start+k*8/x.bits, i+1
			k++
		}
	}
	return v
}

// hasWords reports whether b contains so many printable bytes in a row. Any encoding of a
// secret consists of printable bytes.
func hasWords(b []byte, least int) bool {
	n := 0
	for _, c := range b {
		if c < ' ' && c != '\n' && c != '\r' && c != '\t' || c > '~' {
			n = 0
			continue
		}
		if n++; n >= least {
			return true
		}
	}
	return false
}
