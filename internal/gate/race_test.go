//go:build race

package gate

// UnderRace is true with the race detector, which makes everything five times slower.
const UnderRace = true

// RandomSlice is how many random runs belong to the ordinary suite.
const RandomSlice = 15
