//go:build !unix

package state

import "io/fs"

// noFollow has no equivalent here.
const noFollow = 0

// unwritable trusts the system, as private does.
func unwritable(fs.FileInfo) bool { return true }

// private trusts the system: temporary files are in the user's own folder.
func private(fs.FileInfo) bool { return true }
