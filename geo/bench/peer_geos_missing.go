//go:build !geos

package main

import "github.com/paulmach/orb"

func loadGEOS([]zone, []orb.Point) (contestant, error) { return nil, errMissing }
