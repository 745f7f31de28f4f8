// Echo is a text agent for agent-gate.
//
// Run it with: agent-command: go run ./examples/agents
package main

import (
	"encoding/json"
	"errors"
	"io"
	"log"
	"os"
)

type question struct {
	Conversation string `json:"conversation"`
	Turn         int    `json:"turn"`
	Message      string `json:"message"`
}

type answer struct {
	Conversation string `json:"conversation"`
	Turn         int    `json:"turn"`
	Content      string `json:"content"`
}

func main() {
	in, out := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	err := out.Encode(map[string]bool{"ready": true})
	for err == nil {
		var q question
		if err = in.Decode(&q); err == nil {
			err = out.Encode(answer{q.Conversation, q.Turn, "You said: " + q.Message})
		}
	}
	if !errors.Is(err, io.EOF) {
		log.Fatal(err)
	}
}
