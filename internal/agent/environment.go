package agent

import (
	"runtime"
	"slices"
	"strings"
)

// minSecret is the length in bytes below which values are not searched for a secret: a short
// one occurs in many by chance.
const minSecret = 8

// environment is env, as os.Environ returns it, without the named variables and without any
// other whose value contains a secret.
func environment(env, without, secrets []string) []string {
	kept := make([]string, 0, len(env))
	for _, variable := range env {
		name, value, _ := strings.Cut(variable, "=")
		named := slices.ContainsFunc(without, func(w string) bool { return sameName(w, name) })
		holds := slices.ContainsFunc(secrets, func(s string) bool {
			s = strings.TrimSpace(s)
			return len(s) >= minSecret && strings.Contains(value, s)
		})
		if !named && !holds {
			kept = append(kept, variable)
		}
	}
	return kept
}

// sameName compares names of variables. Windows ignores their case.
func sameName(a, b string) bool {
	if runtime.GOOS == "windows" {
		return strings.EqualFold(a, b)
	}
	return a == b
}
