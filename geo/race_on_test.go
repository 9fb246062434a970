//go:build race

package geo

// raceOn tells that the race detector is on, with which everything takes ten times as long.
const raceOn = true
