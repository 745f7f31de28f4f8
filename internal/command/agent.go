package command

import (
	"context"
	"net/url"
	"strings"

	"github.com/agent-gate/agent-gate/internal/agent"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/demo"
	"github.com/agent-gate/agent-gate/internal/text"
)

// startAgent starts the agent under test.
func (s *session) startAgent(ctx context.Context, warn func(text.Untrusted)) (agent.Agent, error) {
	a := s.config.Agent
	switch {
	case a.BuiltIn:
		return demo.TextAgent{}, nil
	case a.URL != "":
		return agent.Endpoint(agent.EndpointOptions{
			URL: a.URL, Format: a.Format, Model: a.Model, Header: a.Header.Reveal(),
			Redactor: s.redactor, Warn: warn, Ready: a.Ready,
		})
	}
	words, err := a.Words()
	if err != nil {
		return nil, err
	}
	return agent.Command(ctx, agent.CommandOptions{
		Words:  words,
		Keeper: s.Keeper,
		Env:    s.Environ,
		// The code of a pull request must not get the keys.
		Without:  config.SecretVariables(),
		Secrets:  s.keys,
		Redactor: s.redactor,
		Warn:     warn,
		Log:      func(line text.Untrusted) { s.log.Debug("agent: %s", line) },
		Ready:    a.Ready,
		Answer:   a.TurnTimeout,
	})
}

// secretsOf returns what is secret of how the agent is asked: the value of its header, with and
// without the scheme, and the password in its URL, also as basic authentication sends it.
func secretsOf(a config.Agent) []string {
	var hide []string
	if _, value, found := strings.Cut(a.Header.Reveal(), ":"); found {
		value = strings.TrimSpace(value)
		hide = append(hide, value)
		if _, token, ok := strings.Cut(value, " "); ok {
			hide = append(hide, strings.TrimSpace(token))
		}
	}
	if u, err := url.Parse(a.URL); err == nil && u.User != nil {
		password, _ := u.User.Password()
		hide = append(hide, password, u.User.Username()+":"+password)
	}
	return hide
}
