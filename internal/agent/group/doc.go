// Package group ends a program together with everything it started.
//
// A program gets a process group of its own ([Own]), to which [Group] sends signals. If this
// process is killed and cannot end the group itself, two others do: the kernel kills the
// program where it supports that, and a guard process kills the whole group ([Group.Guard]).
//
// The package knows nothing of what the program does.
package group
