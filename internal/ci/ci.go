// Package ci knows where agent-gate runs: on GitHub Actions, in GitLab CI, in another CI
// system that it recognises, or anywhere else.
//
// Its parts: detect.go reads the context of a job (package job), with a file for each
// system: github.go (payload.go for its event file), gitlab.go, jenkins.go, circleci.go,
// azure.go, buildkite.go; ref.go tells branches, tags and pull requests apart. log.go is the
// log, with group.go, annotation.go, mask.go, color.go, and progress.go on top of
// estimate.go. output.go, commands.go and file.go hand results to the platform.
//
// The package knows nothing of calls, verdicts or the Future AGI API.
package ci
