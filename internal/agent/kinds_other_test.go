//go:build !linux

package agent_test

var kindsOfSystem map[string]func(*program)
