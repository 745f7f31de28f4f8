package kind

import (
	"math"
	"strconv"
	"strings"
)

// MaxCalls is the limit for numbers of calls: far above any run, far below overflow.
const MaxCalls = 1_000_000

// Amount is a number of calls, or a percentage of them.
type Amount struct {
	Calls   int
	Percent float64 // 0-100; used when IsShare
	IsShare bool
}

// Of returns the amount for a run of total calls, rounded down: 3 of 10 calls exceed
// "25%".
func (a Amount) Of(total int) int {
	if !a.IsShare {
		return a.Calls
	}
	// The epsilon keeps a whole number from being rounded down because of its last bit:
	// 33.3 % of 1000 is 333.
	return int(math.Floor(a.Percent*float64(total)/100 + 1e-9))
}

// String formats the amount as a user writes it.
func (a Amount) String() string {
	if a.IsShare {
		return formatNumber(a.Percent) + "%"
	}
	return strconv.Itoa(a.Calls)
}

// ParseAmount parses "10" or "25%": 0 to 1,000,000 calls, or 0 to 100 percent.
func ParseAmount(s string) (Amount, bool) {
	if number, isShare := strings.CutSuffix(s, "%"); isShare {
		p, ok := parseNumber(strings.TrimSpace(number))
		return Amount{Percent: p, IsShare: true}, ok && p >= 0 && p <= 100
	}
	n, ok := parseWhole(s)
	return Amount{Calls: n}, ok && n >= 0 && n <= MaxCalls
}
