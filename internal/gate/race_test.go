//go:build race

package gate

// UnderRace is true with the race detector, which makes everything five times slower.
const UnderRace = true

// RandomSlice is how many random runs belong to the ordinary suite.
const RandomSlice = 15

// MatrixSlice is the share of the matrix of faults that belongs to the ordinary suite: one cell of so many.
const MatrixSlice = 15
