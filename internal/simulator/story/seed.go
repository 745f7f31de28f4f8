package story

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"
)

// Seed decides everything that is drawn. Whoever knows it can draw any part of the
// story on its own, in any order.
type Seed uint64

// What an id or a draw is for, so that no two share their randomness.
const (
	ForOrganization uint64 = iota + 1
	ForWorkspace
	ForAgent
	ForAgentVersion
	ForSimulator
	ForScenario
	ForDataset
	ForColumn
	ForGraph
	ForEvalConfig
	ForEvalTemplate
	ForTool
	ForRunTest
	ForExecution
	ForCall
	ForTurn
	ForMadeEval
	ForCourse
	forOutcome
	ForMetrics
	ForEval
	ForContent
	ForRequest
	ForSnapshot
	ForSession
	ForPrompt
	ForCustomer
)

// Mix hashes the parts with the finaliser of splitmix64, a bijection that scatters
// neighbouring numbers.
func Mix(parts ...uint64) uint64 {
	h := uint64(0x9e3779b97f4a7c15)
	for _, p := range parts {
		h ^= p
		h += 0x9e3779b97f4a7c15
		h = (h ^ (h >> 30)) * 0xbf58476d1ce4e5b9
		h = (h ^ (h >> 27)) * 0x94d049bb133111eb
		h ^= h >> 31
	}
	return h
}

// Draw is a random source for one purpose, given by a kind and numbers.
func (s Seed) Draw(kind, a, b, c uint64) *rand.Rand {
	return rand.New(rand.NewPCG(Mix(uint64(s), kind, a, b, c), Mix(c, b, a, kind)))
}

// ID is the identifier of one thing, a UUID that looks like version 4.
func (s Seed) ID(kind uint64, parts ...uint64) uuid.UUID {
	h := Mix(uint64(s), kind)
	for _, p := range parts {
		h = Mix(h, p)
	}
	var u uuid.UUID
	binary.BigEndian.PutUint64(u[:8], Mix(h, 1))
	binary.BigEndian.PutUint64(u[8:], Mix(h, 2))
	u[6] = u[6]&0x0f | 0x40
	u[8] = u[8]&0x3f | 0x80
	return u
}

// Fold makes a number of an identifier.
func Fold(u uuid.UUID) uint64 {
	return binary.BigEndian.Uint64(u[:8]) ^ binary.BigEndian.Uint64(u[8:])
}

// Seconds draws a duration between lo and hi seconds, in whole milliseconds.
func Seconds(r *rand.Rand, lo, hi float64) time.Duration {
	return time.Duration((lo+(hi-lo)*r.Float64())*1000) * time.Millisecond
}

// CallLength draws the length of a conversation in whole seconds: log-normal with a
// median of 85 s, cut to 20-300 s. Most calls are short, a few are long, as in
// the vendor's own examples (1-5 minutes).
func CallLength(r *rand.Rand) time.Duration {
	v := 85 * math.Exp(0.55*r.NormFloat64())
	return time.Duration(math.Round(min(max(v, 20), 300))) * time.Second
}

// Pick draws one of the texts.
func Pick(r *rand.Rand, texts []string) string { return texts[r.IntN(len(texts))] }
