//go:build !linux

package group

import "os/exec"

// Keeper is empty: only Linux lets a process adopt those that lose their parent.
func Keeper() string { return "" }

// IsKeeper is false.
func IsKeeper([]string) bool { return false }

// Keep does nothing.
func Keep([]string) (code int) { return 0 }

// startKept starts a command without a keeper.
func startKept(cmd *exec.Cmd, _ string) (Running, error) { return startDirect(cmd) }
