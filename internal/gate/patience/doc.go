// Package patience outlasts what may pass: a paid run is not given up for a fault that the
// next request may not meet. trouble.go remembers what went wrong last and tells whether
// trying again makes sense, pauses.go how long to wait and to look. It reads errors and
// sends nothing; what an execution is, and whose, it does not know.
package patience
