// Package patience decides which failures to retry: a paid run does not end because of a temporary
// failure. trouble.go comes first: it remembers the last failure and tells whether to retry;
// pauses.go says how long to wait and to search, and has the loop of a read. The package only looks
// at errors: it sends nothing and knows nothing of executions.
package patience
