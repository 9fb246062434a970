package geo

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/paulmach/orb"
)

// WKB geometry types.
const (
	wkbPolygon      = 3
	wkbMultiPolygon = 6
)

// EncodeWKB writes mp as a little-endian OGC well-known binary MultiPolygon, coordinate bits unchanged.
func EncodeWKB(mp orb.MultiPolygon) []byte {
	size := 9
	for _, poly := range mp {
		size += 9
		for _, ring := range poly {
			size += 4 + 16*len(ring)
		}
	}
	b := make([]byte, 0, size)
	head := func(kind, n int) {
		b = append(b, 1)
		b = binary.LittleEndian.AppendUint32(b, uint32(kind))
		b = binary.LittleEndian.AppendUint32(b, uint32(n))
	}
	head(wkbMultiPolygon, len(mp))
	for _, poly := range mp {
		head(wkbPolygon, len(poly))
		for _, ring := range poly {
			b = binary.LittleEndian.AppendUint32(b, uint32(len(ring)))
			for _, p := range ring {
				b = binary.LittleEndian.AppendUint64(b, math.Float64bits(p[0]))
				b = binary.LittleEndian.AppendUint64(b, math.Float64bits(p[1]))
			}
		}
	}
	return b
}

// DecodeWKB reads a two-dimensional Polygon or MultiPolygon in either byte order. It refuses everything else,
// coordinates that are not finite or out of range, and bytes left over, with a *ShapeError (rule bad_wkb,
// not_finite or out_of_range); it does not ask whether rings are closed and valid (Validate does).
func DecodeWKB(b []byte) (orb.MultiPolygon, error) {
	r := wkbReader{b: b}
	kind := r.head()
	var mp orb.MultiPolygon
	switch kind {
	case wkbPolygon:
		mp = orb.MultiPolygon{r.polygon()}
	case wkbMultiPolygon:
		n := r.count(9)
		mp = make(orb.MultiPolygon, 0, n)
		for range n {
			if r.head() != wkbPolygon {
				r.refuse("bad_wkb", "a multipolygon holds polygons only")
			}
			if r.err != nil {
				break
			}
			mp = append(mp, r.polygon())
		}
	default:
		r.refuse("bad_wkb", fmt.Sprintf("geometry type %d is neither a polygon nor a multipolygon", kind))
	}
	if r.err == nil && len(r.b) > r.at {
		r.refuse("bad_wkb", fmt.Sprintf("%d bytes left over", len(r.b)-r.at))
	}
	if r.err != nil {
		return nil, r.err
	}
	return mp, nil
}

// wkbReader reads on until the first error, which it keeps.
type wkbReader struct {
	b     []byte
	at    int
	order binary.ByteOrder
	err   error
}

func (r *wkbReader) refuse(rule, detail string) {
	if r.err == nil {
		r.err = &ShapeError{Path: fmt.Sprintf("byte %d", r.at), Rule: rule, Detail: detail}
	}
}

// head reads a byte order and a geometry type.
func (r *wkbReader) head() uint32 {
	if r.err == nil && len(r.b)-r.at < 5 {
		r.refuse("bad_wkb", "cut short")
	}
	if r.err != nil {
		return 0
	}
	switch r.b[r.at] {
	case 0:
		r.order = binary.BigEndian
	case 1:
		r.order = binary.LittleEndian
	default:
		r.refuse("bad_wkb", fmt.Sprintf("byte order %d", r.b[r.at]))
		return 0
	}
	r.at++
	return r.uint32()
}

func (r *wkbReader) uint32() uint32 {
	if r.err == nil && len(r.b)-r.at < 4 {
		r.refuse("bad_wkb", "cut short")
	}
	if r.err != nil {
		return 0
	}
	v := r.order.Uint32(r.b[r.at:])
	r.at += 4
	return v
}

// count reads how many things of at least size bytes follow, and refuses more than can.
func (r *wkbReader) count(size int) int {
	n := r.uint32()
	if uint64(n)*uint64(size) > uint64(len(r.b)-r.at) {
		r.refuse("bad_wkb", "cut short")
		return 0
	}
	return int(n)
}

func (r *wkbReader) polygon() orb.Polygon {
	rings := r.count(4)
	poly := make(orb.Polygon, 0, rings)
	for range rings {
		n := r.count(16)
		if r.err != nil {
			return nil
		}
		ring := make(orb.Ring, n)
		for i := range ring {
			p := orb.Point{
				math.Float64frombits(r.order.Uint64(r.b[r.at:])),
				math.Float64frombits(r.order.Uint64(r.b[r.at+8:])),
			}
			if e := checkPoint(p); e != nil {
				r.refuse(e.Rule, e.Detail)
				return nil
			}
			ring[i] = p
			r.at += 16
		}
		poly = append(poly, ring)
	}
	return poly
}

// checkPoint refuses coordinates that are not finite or out of range.
func checkPoint(p orb.Point) *ShapeError {
	for i, name := range [2]string{"longitude", "latitude"} {
		switch limit := float64(180 - 90*i); {
		case math.IsNaN(p[i]) || math.IsInf(p[i], 0):
			return &ShapeError{Rule: "not_finite", Detail: name + " is not finite"}
		case math.Abs(p[i]) > limit:
			return &ShapeError{
				Rule:   "out_of_range",
				Detail: fmt.Sprintf("%s %v is not within -%v and %v", name, p[i], limit, limit),
			}
		}
	}
	return nil
}
