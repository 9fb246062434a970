package geo_test

import (
	"fmt"
	"strings"

	"github.com/paulmach/orb"

	"aman/geo"
)

func ExampleDecodeFeatures() {
	doc := `{"type":"FeatureCollection","features":[
		{"type":"Feature","id":"north","properties":{"level":3},"geometry":
			{"type":"Polygon","coordinates":[[[50,30],[52,30],[52,32],[50,32],[50,30]]]}}]}`
	fs, err := geo.DecodeFeatures(strings.NewReader(doc), geo.APILimits)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range fs {
		fmt.Println(f.ID, string(f.Properties), geo.NewArea(f.Shape).Contains(orb.Point{50, 31}))
	}
	// Output: north {"level":3} true
}

func ExampleShapeError() {
	doc := `{"type":"Polygon","coordinates":[[[0,0],[4,4],[4,0],[0,4],[0,0]]]}`
	_, err := geo.DecodeGeometry([]byte(doc), geo.APILimits)
	fmt.Println(err)
	fmt.Println(err.(*geo.ShapeError).Rule)
	// Output:
	// coordinates[0][0]: ring 1 crosses or touches itself near (2, 2)
	// self_intersection
}

func ExampleArea_Disc() {
	a := geo.NewArea(orb.MultiPolygon{{{{50, 30}, {52, 30}, {52, 32}, {50, 32}, {50, 30}}}})
	for _, p := range []orb.Point{{51, 31}, {50, 31}, {49, 31}} {
		v, share := a.Disc(p, 1000)
		fmt.Printf("%v %.2f\n", v, share)
	}
	// Output:
	// inside 1.00
	// possible 0.50
	// outside 0.00
}

func ExampleIndex_Match() {
	x := geo.NewIndex()
	x.Set(7, geo.NewArea(orb.MultiPolygon{{{{50, 30}, {52, 30}, {52, 32}, {50, 32}, {50, 30}}}}))
	x.Set(3, geo.NewArea(geo.Circle(orb.Point{52, 31}, 20_000, 64)))
	for _, h := range x.Match(nil, orb.Point{51.9, 31}, 0) {
		fmt.Println(h.ID, h.Verdict)
	}
	// Output:
	// 3 inside
	// 7 inside
}

func ExampleNormalize() {
	mp, err := geo.Normalize(orb.MultiPolygon{{{{178, -20}, {-178, -20}, {-178, -15}, {178, -15}, {178, -20}}}})
	fmt.Println(len(mp), err)
	a := geo.NewArea(mp)
	fmt.Println(a.Contains(orb.Point{179, -17}), a.Contains(orb.Point{-179, -17}), a.Contains(orb.Point{0, -17}))
	// The cut is no edge.
	fmt.Println(a.Disc(orb.Point{180, -17}, 10_000))
	// Output:
	// 2 <nil>
	// true true false
	// inside 1
}

func ExampleDiscBounds() {
	for _, b := range geo.DiscBounds(orb.Point{179.9, 0}, 50_000) {
		fmt.Printf("%.1f to %.1f\n", b.Min[0], b.Max[0])
	}
	// Output:
	// 179.5 to 180.0
	// -180.0 to -179.7
}

// A set of areas is compiled beside the R-tree, and what changes meanwhile counts at once.
func ExampleIndex_Compile() {
	square := func(west, south float64) *geo.Area {
		return geo.NewArea(orb.MultiPolygon{{{{west, south}, {west + 2, south}, {west + 2, south + 2}, {west, south + 2}, {west, south}}}})
	}
	index := geo.NewIndex()
	index.Set(1, square(50, 25))
	index.Set(2, square(51, 26))
	compiled, err := index.Compile()
	if err != nil {
		fmt.Println(err) // a *geo.LimitError; the R-tree goes on answering
		return
	}
	index.Adopt(compiled)
	p := orb.Point{51.5, 26.5}
	fmt.Println(index.Containing(nil, p))

	index.Set(3, square(51.5, 26.5)) // p is on its corner
	index.Delete(2)
	fmt.Println(index.Containing(nil, p), "behind by", index.Behind())
	// Output:
	// [1 2]
	// [1 3] behind by 2
}
