package ci

import (
	"fmt"
	"io"

	"github.com/sethvargo/go-githubactions"

	"github.com/agent-gate/agent-gate/internal/ci/job"
	"github.com/agent-gate/agent-gate/internal/text/redact"
)

// Mask tells GitHub's runner to hide secrets in everything that the job logs from now on.
// On other systems it writes nothing, because the command would only publish the secret.
// The writer must be the log itself and not redact: the runner has to read the secret.
//
// The runner also hides base64 and escaped forms, but works line by line, so each line is
// masked.
func Mask(w io.Writer, provider job.Provider, secrets ...string) error {
	if provider != job.GitHub {
		return nil
	}
	for _, secret := range secrets {
		for _, part := range redact.Secrets(secret) {
			command := githubactions.Command{Name: "add-mask", Message: part}
			if _, err := fmt.Fprintln(w, command.String()); err != nil {
				return fmt.Errorf("mask a secret: %w", err)
			}
		}
	}
	return nil
}
