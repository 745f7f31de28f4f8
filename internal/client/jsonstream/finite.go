package jsonstream

import "bytes"

// notFinite are the non-standard numbers that Python's json writes. A server that does not
// check its numbers sends them.
var notFinite = [][]byte{[]byte("NaN"), []byte("Infinity"), []byte("-Infinity")}

// isNotFinite reports whether a value is one of notFinite.
func isNotFinite(value []byte) bool {
	for _, word := range notFinite {
		if bytes.Equal(value, word) {
			return true
		}
	}
	return false
}

// Finite replaces every non-finite number in raw with null, so that encoding/json can read it.
// Strings are left alone.
func Finite(raw []byte) []byte {
	if !bytes.Contains(raw, notFinite[0]) && !bytes.Contains(raw, notFinite[1]) {
		return raw
	}
	out := make([]byte, 0, len(raw)+8)
	for len(raw) > 0 {
		n, word := 1, raw[:1]
		switch raw[0] {
		case '"':
			n = stringEnd(raw)
			word = raw[:n]
		case 'N', 'I', '-':
			for _, odd := range notFinite {
				if bytes.HasPrefix(raw, odd) {
					n, word = len(odd), []byte("null")
				}
			}
		}
		out, raw = append(out, word...), raw[n:]
	}
	return out
}

// stringEnd returns the length of the JSON string that raw starts with; all of raw if it does
// not end.
func stringEnd(raw []byte) int {
	for i := 1; i < len(raw); i++ {
		switch raw[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(raw)
}
