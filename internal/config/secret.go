package config

import (
	"slices"
	"strings"
)

// Secret is a credential. Formatting it prints three stars; the value leaves only through
// Reveal.
type Secret struct{ value string }

// NewSecret wraps a credential.
func NewSecret(s string) Secret { return Secret{value: s} }

// Reveal returns the credential, for request headers and masks.
func (s Secret) Reveal() string { return s.value }

// IsEmpty reports whether there is no credential.
func (s Secret) IsEmpty() bool { return s.value == "" }

// String hides the credential from %s and %v.
func (s Secret) String() string { return "***" }

// GoString hides the credential from %#v.
func (s Secret) GoString() string { return "***" }

// MarshalText hides the credential from JSON and other encoders.
func (s Secret) MarshalText() ([]byte, error) { return []byte("***"), nil }

// SecretVariables returns the names of all environment variables that may hold a credential of ours.
func SecretVariables() []string {
	var names []string
	for _, in := range Inputs() {
		if in.Secret {
			names = append(names, in.EnvNames()...)
		}
	}
	return names
}

// SecretsIn returns the values that the environment has for secret inputs under any of their
// names, whether or not the command takes them: an error can quote an argument that is a key. A
// header is left out, since only a part of it is secret.
func SecretsIn(environ []string) []string {
	var found []string
	for _, in := range Inputs() {
		if !in.Secret || in.Name == "agent-header" {
			continue
		}
		names := in.EnvNames()
		for _, pair := range environ {
			if name, value, _ := strings.Cut(pair, "="); value != "" && slices.Contains(names, name) {
				found = append(found, value)
			}
		}
	}
	return found
}
