//go:build !race

package names_test

const share = 1
