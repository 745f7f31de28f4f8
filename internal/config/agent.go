package config

import (
	"net/url"
	"strings"
	"time"

	"github.com/agent-gate/agent-gate/internal/agent/spec"
)

// Agent is the agent under test, for run tests of text agents: at most one of Command, URL and BuiltIn
// is set. If none is, the server has to place the calls.
type Agent struct {
	Command string // a command line, see [spec.Words]
	URL     string
	BuiltIn bool          // the one of the demo
	Format  string        // for URL: spec.FormatAgentGate or spec.FormatOpenAI
	Model   string        // for spec.FormatOpenAI
	Header  Secret        // for URL: one header line
	Ready   time.Duration // how long the agent may take to become ready
	// Concurrency is how many conversations are held at a time, 1-25.
	Concurrency int
	TurnTimeout time.Duration // the longest wait for one answer of the agent
	MaxTurns    int           // turns of the agent, after which a conversation is closed
}

// Given reports whether there is an agent to hold the conversations with.
func (a Agent) Given() bool { return a.Command != "" || a.URL != "" || a.BuiltIn }

// Input is the name of the input that says where the agent answers.
func (a Agent) Input() string {
	switch {
	case a.BuiltIn:
		return "text"
	case a.URL != "":
		return inputAgentURL
	}
	return inputAgentCommand
}

// The inputs that say where the agent answers.
const (
	inputAgentCommand = "agent-command"
	inputAgentURL     = "agent-url"
)

// urlInputs say how to ask at agent-url.
var urlInputs = []string{"agent-format", "agent-model", "agent-header"}

// agent checks the inputs about the agent under test. Without one the result is empty.
func (s *sources) agent(v settings) Agent {
	if s.isWhole() {
		return Agent{}
	}
	byCommand, byURL := s.isGiven(inputAgentCommand), s.isGiven(inputAgentURL)
	for _, name := range urlInputs {
		if s.isGiven(name) && !byURL {
			s.reject(name, s.from(name), "no effect without agent-url; remove it")
		}
	}
	if !byCommand && !byURL && !(v.Text && s.command == CommandDemo) {
		for _, name := range []string{"agent-ready", "concurrency", "turn-timeout", "max-turns"} {
			if s.isGiven(name) {
				s.warn(name, s.from(name), "no effect without agent-command or agent-url")
			}
		}
		return Agent{}
	}
	a := Agent{
		BuiltIn: !byCommand && !byURL,
		Command: v.AgentCommand, URL: v.AgentURL, Format: v.AgentFormat, Model: v.AgentModel, Header: NewSecret(v.AgentHeader),
		Ready: v.AgentReady, Concurrency: v.Concurrency, TurnTimeout: v.TurnTimeout, MaxTurns: v.MaxTurns,
	}
	if byCommand && byURL {
		s.reject(inputAgentURL, s.from(inputAgentURL), "only one of agent-command and agent-url can be given: an agent answers in one place")
	}
	if byCommand && s.inContainerAction() {
		s.reject(inputAgentCommand, s.from(inputAgentCommand), "the action runs in a container, which does not have your program; use the setup action (agent-gate/agent-gate/setup) and run agent-gate in a step, or agent-url")
	}
	if byURL && s.isGiven("agent-model") && a.Format != spec.FormatOpenAI && !s.broken["agent-format"] {
		s.warn("agent-model", s.from("agent-model"), "no effect unless agent-format is %s", spec.FormatOpenAI)
	}
	s.checkConversations(v, a)
	s.checkAgentURL(a, v.AllowInsecureHTTP)
	return a
}

// checkConversations rejects what conversations that the gate holds do not have.
func (s *sources) checkConversations(v settings, a Agent) {
	input := a.Input()
	if s.isGiven("simulator-id") {
		s.reject("simulator-id", s.from("simulator-id"), "no effect with %s: the API takes no simulator for chats; remove it", input)
	}
	if s.isGiven("cancel-on-exit") && !v.CancelOnExit {
		s.warn("cancel-on-exit", s.from("cancel-on-exit"), "no effect with %s: after the end nobody would go on talking, so the execution is always cancelled", input)
	}
}

// checkAgentURL refuses to send a credential unencrypted.
func (s *sources) checkAgentURL(a Agent, allowInsecure bool) {
	u, err := url.Parse(strings.TrimSpace(a.URL))
	if err != nil || u.Scheme != "http" || IsLoopback(u.Hostname()) || a.Header.IsEmpty() {
		return
	}
	const name = "agent-header"
	if allowInsecure {
		s.warn(name, s.from(name), "it is sent to %s unencrypted", u.Host)
	} else if !s.broken["allow-insecure-http"] {
		s.reject(name, s.from(name), "http to %s would send it unencrypted; use https, or set allow-insecure-http", u.Host)
	}
}

// Words are the words of Command.
func (a Agent) Words() ([]string, error) { return spec.Words(a.Command) }
