//go:build geos

package main

/*
#cgo LDFLAGS: -lgeos_c
#include <geos_c.h>
#include <stdint.h>
#include <stdlib.h>

// A polygon in the tree.
struct part {
	uint32_t id;
	const GEOSPreparedGeometry *prepared;
};

// What a query of the tree is about, and the answers so far.
struct asked {
	GEOSContextHandle_t geos;
	const GEOSGeometry *point;
	uint32_t *ids;
	size_t n, room;
};

static void on_candidate(void *item, void *data) {
	struct part *z = item;
	struct asked *q = data;
	if (GEOSPreparedIntersects_r(q->geos, z->prepared, q->point) == 1) {
		if (q->n < q->room) q->ids[q->n] = z->id;
		q->n++;
	}
}

// match answers for n points: the ids, and after each point where its own end. It returns the number of ids, which
// may be more than there was room for.
static size_t match(GEOSContextHandle_t geos, GEOSSTRtree *tree, GEOSGeometry **points, size_t n, uint32_t *ids, size_t room,
		uint32_t *ends) {
	struct asked q = {.geos = geos, .ids = ids, .room = room};
	for (size_t i = 0; i < n; i++) {
		q.point = points[i];
		GEOSSTRtree_query_r(geos, tree, q.point, on_candidate, &q);
		ends[i] = q.n;
	}
	return q.n;
}
*/
import "C"

import (
	"errors"
	"unsafe"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"
)

// geos is GEOS: an STRtree of prepared polygons. The loop over the points is in C, and the points are geometries
// already (GEOS before 3.12 asks for that), so neither cgo nor making them is on its time.
type geos struct {
	context  C.GEOSContextHandle_t
	tree     *C.GEOSSTRtree
	shapes   []*C.GEOSGeometry
	prepared []*C.GEOSPreparedGeometry
	parts    unsafe.Pointer // of C's memory
	points   []*C.GEOSGeometry
}

func loadGEOS(zs []zone, pts []orb.Point) (contestant, error) {
	n := 0
	for _, z := range zs {
		n += len(z)
	}
	g := &geos{context: C.GEOS_init_r()}
	g.tree = C.GEOSSTRtree_create_r(g.context, 10)
	g.parts = C.calloc(C.size_t(n), C.size_t(unsafe.Sizeof(C.struct_part{})))
	parts := unsafe.Slice((*C.struct_part)(g.parts), n)
	reader := C.GEOSWKBReader_create_r(g.context)
	defer C.GEOSWKBReader_destroy_r(g.context, reader)
	k := 0
	for i, z := range zs {
		for _, poly := range z {
			b, err := wkb.Marshal(poly)
			if err != nil {
				g.close()
				return nil, err
			}
			shape := C.GEOSWKBReader_read_r(g.context, reader, (*C.uchar)(unsafe.Pointer(&b[0])), C.size_t(len(b)))
			if shape == nil {
				g.close()
				return nil, errors.New("read a polygon")
			}
			g.shapes = append(g.shapes, shape)
			g.prepared = append(g.prepared, C.GEOSPrepare_r(g.context, shape))
			parts[k] = C.struct_part{id: C.uint32_t(i), prepared: g.prepared[k]}
			C.GEOSSTRtree_insert_r(g.context, g.tree, shape, unsafe.Pointer(&parts[k]))
			k++
		}
	}
	for _, p := range pts {
		g.points = append(g.points, C.GEOSGeom_createPointFromXY_r(g.context, C.double(p[0]), C.double(p[1])))
	}
	return &local{matcher: g}, nil
}

func (g *geos) match(lo, hi int, a *answers) {
	n := hi - lo
	ends := make([]uint32, n)
	first := len(a.ids)
	room := max(cap(a.ids)-first, 8*n)
	for {
		ids := make([]uint32, room)
		got := int(C.match(g.context, g.tree, &g.points[lo], C.size_t(n), (*C.uint32_t)(&ids[0]), C.size_t(room), (*C.uint32_t)(&ends[0])))
		if got <= room {
			a.ids = append(a.ids, ids[:got]...)
			break
		}
		room = got
	}
	for _, end := range ends {
		a.ends = append(a.ends, uint32(first)+end)
	}
}

func (g *geos) close() {
	for _, p := range g.points {
		C.GEOSGeom_destroy_r(g.context, p)
	}
	C.GEOSSTRtree_destroy_r(g.context, g.tree)
	for _, p := range g.prepared {
		C.GEOSPreparedGeom_destroy_r(g.context, p)
	}
	for _, s := range g.shapes {
		C.GEOSGeom_destroy_r(g.context, s)
	}
	C.free(g.parts)
	C.GEOS_finish_r(g.context)
}
