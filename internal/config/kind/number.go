package kind

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/agent-gate/agent-gate/internal/criteria"
)

// Whole accepts a whole number from low to high.
func Whole(low, high int) Type {
	return Type{Placeholder: "NUMBER", Low: float64(low), High: float64(high), Whole: true, Check: func(value string, quote func(string) string) (string, error) {
		n, ok := parseWhole(value)
		if !ok {
			return "", fmt.Errorf("%s is not a whole number; allowed: %d to %d", quote(value), low, high)
		}
		if n < low || n > high {
			return "", fmt.Errorf("%s is out of range; allowed: %d to %d", quote(value), low, high)
		}
		return strconv.Itoa(n), nil
	}}
}

// parseWhole parses a whole number. One that does not fit an int is clamped, which is out
// of every range.
func parseWhole(s string) (int, bool) {
	n, err := strconv.Atoi(s)
	return n, err == nil || errors.Is(err, strconv.ErrRange)
}

// Number accepts a decimal number from low to high.
func Number(low, high float64) Type {
	return Type{Placeholder: "NUMBER", Low: low, High: high, Check: func(value string, quote func(string) string) (string, error) {
		return checkNumber(value, quote, "a number", low, high)
	}}
}

// Percent accepts a percentage from low to high, with or without the sign.
func Percent(low, high float64) Type {
	return Type{Placeholder: "PERCENT", Low: low, High: high, Check: func(value string, quote func(string) string) (string, error) {
		number := strings.TrimSpace(strings.TrimSuffix(value, "%"))
		if _, ok := parseNumber(number); !ok {
			number = value // shown as it was given
		}
		return checkNumber(number, quote, "a percentage", low, high)
	}}
}

// RatePercent accepts a required rate in percent. A rate of 1 percent or less needs
// the % sign, since a fraction of 1 is more likely to be meant.
func RatePercent() Type {
	any := Percent(0, 100)
	return Type{Placeholder: any.Placeholder, Low: any.Low, High: any.High, Check: func(value string, quote func(string) string) (string, error) {
		percent, err := any.Check(value, quote)
		if err != nil || strings.HasSuffix(value, "%") {
			return percent, err
		}
		if n, _ := parseNumber(percent); n > 0 && n <= 1 {
			return "", errors.New(criteria.FractionOfPercent(n))
		}
		return percent, nil
	}}
}

// checkNumber validates a number from low to high; what names it in the error.
func checkNumber(value string, quote func(string) string, what string, low, high float64) (string, error) {
	n, ok := parseNumber(value)
	if !ok {
		return "", fmt.Errorf("%s is not %s; allowed: %s to %s", quote(value), what, formatNumber(low), formatNumber(high))
	}
	if n < low || n > high {
		return "", fmt.Errorf("%s is out of range; allowed: %s to %s", quote(value), formatNumber(low), formatNumber(high))
	}
	return formatNumber(n), nil
}

// parseNumber parses a decimal number. strconv alone would also accept NaN, with which
// every comparison is false, and Inf, hexadecimal and underscores.
func parseNumber(s string) (float64, bool) {
	if strings.ContainsFunc(s, func(r rune) bool { return (r < '0' || r > '9') && !strings.ContainsRune("+-.", r) }) {
		return 0, false
	}
	n, err := strconv.ParseFloat(s, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0, false
	}
	return n, !math.IsNaN(n)
}

// formatNumber formats a number without an exponent.
func formatNumber(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }

// Duration accepts a Go duration from low to high. The unit is required.
func Duration(low, high time.Duration) Type {
	return Type{Placeholder: "DURATION", Check: func(value string, quote func(string) string) (string, error) {
		d, err := time.ParseDuration(value)
		if _, isNumber := parseNumber(value); isNumber {
			return "", fmt.Errorf("%s has no unit; write %ss or %sm", quote(value), value, value)
		}
		if err != nil {
			return "", fmt.Errorf("%s is not a duration, such as 90s, 20m or 1h30m", quote(value))
		}
		if d < low || d > high {
			return "", fmt.Errorf("%s is out of range; allowed: %s to %s", quote(value), FormatDuration(low), FormatDuration(high))
		}
		return d.String(), nil
	}}
}

// FormatDuration returns the short form that users write: 1h instead of 1h0m0s.
func FormatDuration(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// Calls accepts an [Amount].
func Calls() Type {
	return Type{Placeholder: "NUMBER|PERCENT", Check: func(value string, quote func(string) string) (string, error) {
		a, ok := ParseAmount(value)
		if !ok {
			return "", fmt.Errorf("%s is neither a number of calls nor a percentage; allowed: 0 to %d, or 0%% to 100%%", quote(value), MaxCalls)
		}
		return a.String(), nil
	}}
}
