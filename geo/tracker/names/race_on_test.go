//go:build race

package names_test

// share: one in so many pairs is measured under the race detector, which takes
// ten times as long. Without it they are measured whole.
const share = 10
