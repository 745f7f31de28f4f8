package redact

import (
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"strings"
)

// MinRun is the shortest run of a secret, in characters, that is hidden without the rest:
// a server or library may truncate anywhere. A shorter secret is hidden only as a whole.
const MinRun = 12

// needles returns what to search for: the secret itself, and the part of it that comes
// out the same in base64, base32 and hexadecimal whatever surrounds it. Escapes are not
// listed. They can occur anywhere in a secret, so the text is decoded instead.
func needles(secret string) []needle {
	var all []needle
	whole := encodings(secret)
	if len(secret) < MinRun || strings.Contains(secret, " ") { // a URL query turns it into a plus
		whole = append(whole, forms(secret)...)
	}
	for _, form := range whole {
		all = append(all, needle{form, len(form)})
	}
	if len(secret) < MinRun {
		return all
	}
	all = append(all, needle{secret, MinRun}, needle{hex.EncodeToString([]byte(secret)), 2 * MinRun})
	add := func(shifted []string, least int) {
		for _, text := range shifted {
			all = append(all, needle{text, min(least, len(text))})
		}
	}
	// The fewest whole characters that encode nothing but MinRun bytes.
	add(base64Parts(secret), (MinRun*8-5)/6)
	add(base32Parts(secret), (MinRun*8-4)/5)
	// UTF-16, as PowerShell's -EncodedCommand takes it.
	add(base64Parts(strings.Join(strings.Split(secret, ""), "\x00")), (2*MinRun*8-8-5)/6)
	return append(all, numbers(secret)...)
}

// encodings returns the encodings of the whole secret, padding included. Only here does
// the last character encode nothing but the secret.
func encodings(secret string) []string {
	all := base64Parts(secret)
	for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
		raw := encoding.WithPadding(base64.NoPadding)
		all = append(all, encoding.EncodeToString([]byte(secret)), raw.EncodeToString([]byte(secret)))
	}
	all = append(all, base32.StdEncoding.EncodeToString([]byte(secret)))
	if len(secret) > minSecret { // hardly anything is left of a shorter one
		all = append(all, base32Parts(secret)...)
	}
	return append(all, hex.EncodeToString([]byte(secret)))
}

// base64Parts returns what of a secret is the same in the base64 of every text that
// contains it, for each of the three positions in a group of three bytes where it may
// begin.
func base64Parts(secret string) []string {
	var all []string
	for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		all = append(all, parts(secret, 3, 6, encoding.EncodeToString)...)
	}
	return all
}

// base32Parts is base64Parts for base32, with five positions.
func base32Parts(secret string) []string {
	return parts(secret, 5, 5, base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString)
}

// parts encodes a secret after 0, 1, 2 ... other bytes, and keeps the characters, each of
// so many bits, that share no bits with a neighbour's bytes.
func parts(secret string, places, bits int, encode func([]byte) string) []string {
	all := make([]string, places)
	for shift := range places {
		encoded := encode(append(make([]byte, shift), secret...))
		all[shift] = encoded[(shift*8+bits-1)/bits : (shift+len(secret))*8/bits]
	}
	return all
}

// numbers returns a secret as lists of byte values, as debuggers and logs print them.
func numbers(secret string) []needle {
	var all []needle
	for _, list := range []struct {
		prefix  string
		decimal bool
		between string
	}{
		{"", true, ","}, {"", true, ", "}, {"", true, " "}, // JavaScript's Buffer, Python and Java, Go
		{"", false, " "}, {"", false, ":"}, {"", false, "-"},
		{"0x", false, ", "}, {"0x", false, ","}, {"0x", false, " "},
	} {
		const digits = "0123456789abcdef"
		text, starts := make([]byte, 0, 6*len(secret)), make([]int, 0, len(secret))
		least := 6 * len(secret)
		for i := range len(secret) {
			if i > 0 {
				text = append(text, list.between...)
			}
			starts = append(starts, len(text))
			text = append(text, list.prefix...)
			if list.decimal {
				text = strconv.AppendUint(text, uint64(secret[i]), 10)
			} else {
				text = append(text, digits[secret[i]>>4], digits[secret[i]&15])
			}
			if i >= MinRun-1 {
				least = min(least, len(text)-starts[i-MinRun+1])
			}
		}
		all = append(all, needle{string(text), least})
	}
	return all
}
