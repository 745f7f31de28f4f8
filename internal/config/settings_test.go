package config

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

// Every row of the table has a field, in the same order, and every field a row: an input without a
// field would be accepted and ignored.
func TestSettingsHaveTheFieldsOfTheTable(t *testing.T) {
	t.Parallel()
	var got, want []string
	for _, field := range reflect.VisibleFields(reflect.TypeFor[settings]()) {
		got = append(got, field.Tag.Get("env"))
	}
	for _, in := range Inputs() {
		want = append(want, in.key())
	}
	if !slices.Equal(got, want) {
		t.Errorf("fields of settings: got %v, want the rows of the table %v", got, want)
	}
}

func TestTableIsSound(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, in := range Inputs() {
		t.Run(in.Name, func(t *testing.T) {
			t.Parallel()
			if in.Name != inputName(in.Name) {
				t.Errorf("the name is not lower case with hyphens")
			}
			if in.Group == "" || len(in.Commands) == 0 {
				t.Errorf("got group %q and commands %v, want both", in.Group, in.Commands)
			}
			if !strings.HasSuffix(in.Help, ".") || strings.ContainsAny(in.Help, "`*\n<") {
				t.Errorf("the help is not one sentence of plain text: %q", in.Help)
			}
			if in.Default == "" {
				return
			}
			if _, err := in.Type.Check(in.Default, redactor{}.quote); err != nil {
				t.Errorf("the default is not allowed: %v", err)
			}
		})
		if seen[in.Name] {
			t.Errorf("%s stands in the table twice", in.Name)
		}
		seen[in.Name] = true
	}
}

func TestEnvNamesAreLookedUpInTheOrderOfTheInterface(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][]string{
		"min-success-rate": {"INPUT_MIN-SUCCESS-RATE", "INPUT_MIN_SUCCESS_RATE", "AGENT_GATE_MIN_SUCCESS_RATE"},
		"timeout":          {"INPUT_TIMEOUT", "AGENT_GATE_TIMEOUT"},
		"api-key":          {"INPUT_API-KEY", "INPUT_API_KEY", "AGENT_GATE_API_KEY", "FI_API_KEY"},
		"secret-key":       {"INPUT_SECRET-KEY", "INPUT_SECRET_KEY", "AGENT_GATE_SECRET_KEY", "FI_SECRET_KEY"},
		"base-url":         {"INPUT_BASE-URL", "INPUT_BASE_URL", "AGENT_GATE_BASE_URL", "FI_BASE_URL"},
	} {
		in, _ := find(Inputs(), name)
		if got := in.EnvNames(); !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
}

func TestIsLoopback(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]bool{
		"localhost": true, "gate.localhost": true, "127.0.0.1": true, "127.9.9.9": true, "::1": true, "::ffff:127.0.0.1": true,
		"localhost.example.com": false, "127.0.0.1.example.com": false, "10.0.0.1": false, "0.0.0.0": false, "notlocalhost": false, "": false,
	} {
		if got := IsLoopback(host); got != want {
			t.Errorf("IsLoopback(%q): got %v, want %v", host, got, want)
		}
	}
}
