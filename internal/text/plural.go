package text

import "strconv"

// Plural counts things whose plural ends in s: "1 call", "3 calls".
func Plural(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + one + "s"
}
