package api

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/paulmach/orb"
	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
	"golang.org/x/text/unicode/norm"

	"aman/geo/tracker"
)

const (
	// density is how many pixels of a picture stand for one of the page.
	density = 2
	// mapCities and mapLabels bound how many places a country is searched for, and
	// how many a map names.
	mapCities, mapLabels = 600, 14
	// keptMaps bounds the pictures that are kept, some 15 kB each.
	keptMaps = 128
	// drawnAtOnce is how many pictures are drawn at a time, and drawnSoon how long
	// another waits for its turn.
	drawnAtOnce = 2
	drawnSoon   = time.Second
)

// The colours of a map: few, so that it is small.
const (
	inkSea uint8 = iota
	inkLand
	inkAbroad
	inkBorder
	inkText
	inkHalo
	inkCity
	inkAirport
)

var mapInks = color.Palette{
	inkSea: rgb(0xcfe3ec), inkLand: rgb(0xfdfcf8), inkAbroad: rgb(0xe9e5da), inkBorder: rgb(0x8a97a0),
	inkText: rgb(0x14181d), inkHalo: rgb(0xffffff), inkCity: rgb(0x00566a), inkAirport: rgb(0xa4133c),
}

func rgb(n uint32) color.RGBA {
	return color.RGBA{R: uint8(n >> 16), G: uint8(n >> 8), B: uint8(n), A: 0xff}
}

// mapDrawer draws maps of the embedded world: land, borders, main cities and
// airports, named in Latin letters as the data names them.
type mapDrawer struct {
	world *tracker.World

	// faces has a face of the font for each picture that may be drawn at once: a face
	// keeps a buffer.
	faces chan font.Face

	mu sync.Mutex
	// guarded by mu: land and cities are made when first asked for; pictures are kept
	// by what they show, the one used last at the end of order; drawing has those that
	// are being drawn.
	land    []landPart
	cities  map[string][]tracker.City // by country, the largest first
	kept    map[string]string
	order   []string
	drawing map[string]*drawnMap
}

// drawnMap is a picture that is being drawn; url and err stand when done is closed.
type drawnMap struct {
	done chan struct{}
	url  string
	err  error
}

// landPart is one polygon of a country.
type landPart struct {
	country string
	rings   orb.Polygon
	box     orb.Bound
}

func newMapDrawer(w *tracker.World) *mapDrawer {
	f, err := opentype.Parse(goregular.TTF)
	if err != nil {
		panic(fmt.Sprintf("parse embedded font: %v", err)) // part of the program
	}
	d := &mapDrawer{
		world: w, faces: make(chan font.Face, drawnAtOnce),
		cities: map[string][]tracker.City{}, kept: map[string]string{}, drawing: map[string]*drawnMap{},
	}
	for range drawnAtOnce {
		face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: 12 * density, DPI: 72, Hinting: font.HintingFull})
		if err != nil {
			panic(fmt.Sprintf("make face of embedded font: %v", err))
		}
		d.faces <- face
	}
	return d
}

// picture is the map of a view as a data: address, with own as the countries that
// stand out. Several that ask for the same get one drawing. Errors:
// tracker.ErrUnavailable while too many others are being drawn.
func (d *mapDrawer) picture(v mapView, own []string) (string, error) {
	key := v.String() + " " + strings.Join(own, " ")
	d.mu.Lock()
	if url, ok := d.kept[key]; ok {
		i := slices.Index(d.order, key)
		d.order = append(slices.Delete(d.order, i, i+1), key)
		d.mu.Unlock()
		return url, nil
	}
	m, ok := d.drawing[key]
	if !ok {
		m = &drawnMap{done: make(chan struct{})}
		d.drawing[key] = m
	}
	d.mu.Unlock()
	if ok {
		<-m.done
		return m.url, m.err
	}
	defer close(m.done)
	m.url, m.err = d.encode(v, own)
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.drawing, key)
	if m.err != nil {
		return "", m.err
	}
	d.kept[key] = m.url
	if d.order = append(d.order, key); len(d.order) > keptMaps {
		delete(d.kept, d.order[0])
		d.order = d.order[1:]
	}
	return m.url, nil
}

// encode draws a view when its turn comes.
func (d *mapDrawer) encode(v mapView, own []string) (string, error) {
	wait := time.NewTimer(drawnSoon)
	defer wait.Stop()
	var face font.Face
	select {
	case face = <-d.faces:
	case <-wait.C:
		return "", fmt.Errorf("%w: too many maps are being drawn", tracker.ErrUnavailable)
	}
	defer func() { d.faces <- face }()
	var b bytes.Buffer
	enc := png.Encoder{CompressionLevel: png.BestCompression}
	if err := enc.Encode(&b, d.draw(face, v, own)); err != nil {
		return "", fmt.Errorf("encode map: %w", err)
	}
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(b.Bytes()), nil
}

// draw paints a view, and names places in a face that nobody else uses meanwhile.
func (d *mapDrawer) draw(face font.Face, v mapView, own []string) *image.Paletted {
	const side = mapSide * density
	img := image.NewPaletted(image.Rect(0, 0, side, side), mapInks)
	half := v.Width / 2
	box := orb.Bound{
		Min: orb.Point{v.Centre[0] - half, v.Centre[1] - half*v.squeeze()},
		Max: orb.Point{v.Centre[0] + half, v.Centre[1] + half*v.squeeze()},
	}
	scale := side / v.Width
	to := func(p orb.Point) (x, y float64) {
		return (p[0] - box.Min[0]) * scale, (box.Max[1] - p[1]) * scale / v.squeeze()
	}
	parts := d.landIn(box)
	pixel := 1 / scale // in degrees
	var mine, abroad, borders [][]orb.Point
	var shown []string
	for _, part := range parts {
		if n := len(shown); n == 0 || shown[n-1] != part.country {
			shown = append(shown, part.country)
		}
		for _, ring := range part.rings {
			line := thin(ring, pixel/2)
			borders = append(borders, line)
			if slices.Contains(own, part.country) {
				mine = append(mine, clipRing(line, box))
			} else {
				abroad = append(abroad, clipRing(line, box))
			}
		}
	}
	paintLand(img, abroad, inkAbroad, to)
	paintLand(img, mine, inkLand, to)
	for _, line := range borders {
		for i := 1; i < len(line); i++ {
			if (orb.Bound{Min: line[i], Max: line[i]}).Extend(line[i-1]).Intersects(box) {
				x0, y0 := to(line[i-1])
				x1, y1 := to(line[i])
				drawLine(img, x0, y0, x1, y1)
			}
		}
	}
	label(face, img, d.placesIn(box, shown), to)
	return img
}

// landIn are the polygons in a box, by country.
func (d *mapDrawer) landIn(box orb.Bound) []landPart {
	d.mu.Lock()
	if d.land == nil {
		for _, code := range d.world.CountryCodes() {
			c, _ := d.world.Country(code)
			for _, poly := range c.Shape {
				d.land = append(d.land, landPart{code, poly, poly.Bound()})
			}
		}
	}
	land := d.land
	d.mu.Unlock()
	var parts []landPart
	for _, part := range land {
		if part.box.Intersects(box) {
			parts = append(parts, part)
		}
	}
	return parts
}

// thin leaves out points that are closer than a step to the last one that is kept.
func thin(ring orb.Ring, step float64) []orb.Point {
	var line []orb.Point
	for i, p := range ring {
		if n := len(line); n == 0 || i == len(ring)-1 || math.Abs(p[0]-line[n-1][0])+math.Abs(p[1]-line[n-1][1]) >= step {
			line = append(line, p)
		}
	}
	return line
}

// paintLand fills rings; holes are wound the other way round.
func paintLand(img *image.Paletted, rings [][]orb.Point, ink uint8, to func(orb.Point) (x, y float64)) {
	if len(rings) == 0 {
		return
	}
	r := vector.NewRasterizer(img.Rect.Dx(), img.Rect.Dy())
	for _, ring := range rings {
		for i, p := range ring {
			x, y := to(p)
			if i == 0 {
				r.MoveTo(float32(x), float32(y))
			} else {
				r.LineTo(float32(x), float32(y))
			}
		}
		r.ClosePath()
	}
	mask := image.NewAlpha(img.Rect)
	r.DrawOp = draw.Src
	r.Draw(mask, mask.Rect, image.Opaque, image.Point{})
	for i, a := range mask.Pix {
		if a >= 0x80 {
			img.Pix[i] = ink
		}
	}
}

// clipRing cuts a ring to a box and a margin around it, by Sutherland and Hodgman:
// the rasterizer would walk every line of a continent.
func clipRing(points []orb.Point, box orb.Bound) []orb.Point {
	box = box.Pad((box.Max[0] - box.Min[0]) / 20)
	for _, edge := range [4]struct {
		axis  int
		limit float64
		above bool
	}{{0, box.Min[0], true}, {0, box.Max[0], false}, {1, box.Min[1], true}, {1, box.Max[1], false}} {
		inside := func(p orb.Point) bool { return (p[edge.axis] >= edge.limit) == edge.above }
		var out []orb.Point
		for i, p := range points {
			q := points[(i+len(points)-1)%len(points)]
			if inside(p) != inside(q) {
				t := (edge.limit - q[edge.axis]) / (p[edge.axis] - q[edge.axis])
				cut := orb.Point{q[0] + t*(p[0]-q[0]), q[1] + t*(p[1]-q[1])}
				cut[edge.axis] = edge.limit
				out = append(out, cut)
			}
			if inside(p) {
				out = append(out, p)
			}
		}
		points = out
	}
	return points
}

// drawLine draws a thin line, the part of it that is near the picture.
func drawLine(img *image.Paletted, x0, y0, x1, y1 float64) {
	steps := math.Ceil(max(math.Abs(x1-x0), math.Abs(y1-y0)))
	const most = 100_000 // a line that long leaves the picture at once
	if steps > most {
		return
	}
	for i := 0.0; i <= steps; i++ {
		t := i / max(steps, 1)
		x, y := int(x0+t*(x1-x0)), int(y0+t*(y1-y0))
		for _, p := range [2]image.Point{{X: x, Y: y}, {X: x + 1, Y: y}} {
			if p.In(img.Rect) {
				img.SetColorIndex(p.X, p.Y, inkBorder)
			}
		}
	}
}

// mapPlace is something that a map names.
type mapPlace struct {
	name  string
	point orb.Point
	rank  float64
	ink   uint8
}

// placesIn are the cities and airports of some countries in a box, the ones that
// most people know first.
func (d *mapDrawer) placesIn(box orb.Bound, countries []string) []mapPlace {
	var ps []mapPlace
	for _, code := range countries {
		d.mu.Lock()
		cities, ok := d.cities[code]
		if !ok {
			cities = d.world.MainCities(code, mapCities)
			d.cities[code] = cities
		}
		d.mu.Unlock()
		for _, c := range cities {
			if box.Contains(c.Point) {
				ps = append(ps, mapPlace{c.Name, c.Point, float64(c.Population), inkCity})
			}
		}
	}
	for _, a := range d.world.Airports() {
		if a.IATA != "" && a.Size >= tracker.MediumAirport && box.Contains(a.Point) {
			rank := 50_000.0 // an airport stands behind the cities of its kind
			if a.Size == tracker.LargeAirport {
				rank = 500_000
			}
			ps = append(ps, mapPlace{a.IATA, a.Point, rank, inkAirport})
		}
	}
	slices.SortStableFunc(ps, func(a, b mapPlace) int { return cmp.Compare(b.rank, a.rank) })
	return ps
}

// label draws as many places as fit beside each other, and leaves out the rest.
func label(face font.Face, img *image.Paletted, ps []mapPlace, to func(orb.Point) (x, y float64)) {
	var taken []image.Rectangle
	free := func(r image.Rectangle) bool {
		return r.In(img.Rect) && !slices.ContainsFunc(taken, func(t image.Rectangle) bool { return t.Overlaps(r) })
	}
	const dot, gap = 3 * density, 3 * density
	height := face.Metrics().Ascent.Ceil()
	for _, p := range ps {
		if len(taken) == mapLabels {
			return
		}
		x, y := to(p.point)
		at := image.Pt(int(x), int(y))
		name := plainLetters(p.name)
		width := font.MeasureString(face, name).Ceil()
		box := image.Rect(at.X-dot, at.Y-height, at.X+dot+gap+width, at.Y+height)
		left := at.X + dot + gap
		if !free(box) {
			left = at.X - dot - gap - width
			if box = image.Rect(left, at.Y-height, at.X+dot, at.Y+height); !free(box) {
				continue
			}
		}
		taken = append(taken, box)
		for dy := -dot; dy <= dot; dy++ {
			for dx := -dot; dx <= dot; dx++ {
				if dx*dx+dy*dy <= dot*dot {
					img.SetColorIndex(at.X+dx, at.Y+dy, p.ink)
				}
			}
		}
		write(face, img, name, left, at.Y+height/2-density)
	}
}

// write draws letters with a rim that parts them from what is below.
func write(face font.Face, img *image.Paletted, text string, x, y int) {
	bounds := image.Rect(x-2*density, y-16*density, x+font.MeasureString(face, text).Ceil()+2*density, y+6*density).Intersect(img.Rect)
	mask := image.NewAlpha(bounds)
	(&font.Drawer{Dst: mask, Src: image.Opaque, Face: face, Dot: fixed.P(x, y)}).DrawString(text)
	letter := func(x, y int) bool { return mask.AlphaAt(x, y).A >= 0x80 }
	for py := bounds.Min.Y; py < bounds.Max.Y; py++ {
		for px := bounds.Min.X; px < bounds.Max.X; px++ {
			if !letter(px, py) {
				continue
			}
			img.SetColorIndex(px, py, inkText)
			for dy := -density; dy <= density; dy++ {
				for dx := -density; dx <= density; dx++ {
					if q := image.Pt(px+dx, py+dy); q.In(img.Rect) && !letter(q.X, q.Y) {
						img.SetColorIndex(q.X, q.Y, inkHalo)
					}
				}
			}
		}
	}
}

// plainLetters is a name without the marks that the font lacks.
func plainLetters(name string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case unicode.Is(unicode.Mn, c):
			return -1
		case c == 'ʻ' || c == 'ʼ' || c == '‘' || c == '’':
			return '\''
		case c > 0x24f:
			return '.'
		}
		return c
	}, norm.NFD.String(name))
}
