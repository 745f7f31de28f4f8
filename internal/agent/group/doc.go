// Package group runs a program and ends it together with everything it started, also if this
// process is killed and cannot do that itself.
//
// On Linux a keeper stands between this process and the program (keeper_linux.go): this binary
// once more, which adopts every descendant that loses its parent, so that none gets away by a
// process group or session of its own. When this process ends, in whatever way, it kills them all.
//
// Elsewhere, and without a keeper, the program leads a process group (direct.go), to which signals
// are sent. If this process is killed, the kernel kills the program where it can, and a guard, a
// shell, kills the whole group. What has left the group is out of reach.
//
// The package knows nothing of what the program does.
package group
