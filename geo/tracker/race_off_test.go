//go:build !race

package tracker_test

// underRace: the race detector makes a simulation four times as long.
const underRace = false
