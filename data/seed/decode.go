package seed

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"aman/geo/tracker"
)

var (
	//go:embed countries.json.gz
	countriesGzip []byte
	//go:embed airports.tsv.gz
	airportsGzip []byte
	//go:embed cities.tsv.gz
	citiesGzip []byte
)

func gunzip(b []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	// The last four bytes are the length (RFC 1952), a hint that saves growing; deflate packs at most 1032 to 1.
	var out bytes.Buffer
	out.Grow(min(int(binary.LittleEndian.Uint32(b[len(b)-4:])), 1032*len(b)) + bytes.MinRead)
	if _, err := io.Copy(&out, r); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// ringDeltas is a ring in units of 1/scale degrees: x, y of the first point, then
// the differences to each next one; the closing point is left out.
type ringDeltas []int32

// UnmarshalJSON reads an array of integers without spaces. The text is 4 MB of nothing else, and encoding/json takes ten times as long.
func (d *ringDeltas) UnmarshalJSON(b []byte) error {
	if b[0] != '[' {
		return fmt.Errorf("a ring begins with %q", b[0])
	}
	out := make(ringDeltas, 0, bytes.Count(b, []byte{','})+1)
	var n int32
	var negative, digits bool
	for _, c := range b[1:] {
		switch {
		case c >= '0' && c <= '9':
			if n > (math.MaxInt32-9)/10 {
				return errors.New("a ring has a number that is too large")
			}
			n, digits = n*10+int32(c-'0'), true
		case c == '-' && !digits && !negative:
			negative = true
		case (c == ',' || c == ']') && digits:
			if negative {
				n = -n
			}
			out = append(out, n)
			n, negative, digits = 0, false, false
		default:
			return fmt.Errorf("unexpected %q in a ring", c)
		}
	}
	*d = out
	return nil
}

func (d ringDeltas) ring(scale float64) (orb.Ring, error) {
	if len(d) < 6 || len(d)%2 != 0 {
		return nil, errors.New("a ring needs at least three points")
	}
	ring := make(orb.Ring, 0, len(d)/2+1)
	var x, y int32
	for i := 0; i < len(d); i += 2 {
		x, y = x+d[i], y+d[i+1]
		ring = append(ring, orb.Point{float64(x) / scale, float64(y) / scale})
	}
	return append(ring, ring[0]), nil
}

func decodeCountries(compressed []byte) ([]tracker.Country, error) {
	text, err := gunzip(compressed)
	if err != nil {
		return nil, err
	}
	var file struct {
		Scale     float64
		Countries []struct {
			Code       string
			KK, RU, EN string
			Polygons   [][]ringDeltas
		}
	}
	if err := json.Unmarshal(text, &file); err != nil {
		return nil, err
	}
	countries := make([]tracker.Country, 0, len(file.Countries))
	for _, f := range file.Countries {
		c := tracker.Country{Code: f.Code, Names: tracker.Names{KK: f.KK, RU: f.RU, EN: f.EN}, Shape: make(orb.MultiPolygon, len(f.Polygons))}
		for i, rings := range f.Polygons {
			for _, deltas := range rings {
				ring, err := deltas.ring(file.Scale)
				if err != nil {
					return nil, fmt.Errorf("country %s, polygon %d: %w", f.Code, i, err)
				}
				c.Shape[i] = append(c.Shape[i], ring)
			}
		}
		countries = append(countries, c)
	}
	return countries, nil
}

// eachRow calls row with the fields of every line of a tab-separated file, which must be n.
func eachRow(compressed []byte, n int, row func(fields []string) error) error {
	raw, err := gunzip(compressed)
	if err != nil {
		return err
	}
	text := string(raw) // fields are parts of it: one allocation for all names
	fields := make([]string, n)
	for number := 1; text != ""; number++ {
		var line string
		line, text, _ = strings.Cut(text, "\n")
		rest, more := line, true
		k := 0
		for ; k < n && more; k++ {
			fields[k], rest, more = strings.Cut(rest, "\t")
		}
		if k != n || more {
			return fmt.Errorf("line %d has not %d fields", number, n)
		}
		if err := row(fields); err != nil {
			return fmt.Errorf("line %d: %w", number, err)
		}
	}
	return nil
}

func parsePoint(lon, lat string) (orb.Point, error) {
	x, errX := strconv.ParseFloat(lon, 64)
	y, errY := strconv.ParseFloat(lat, 64)
	return orb.Point{x, y}, errors.Join(errX, errY)
}

func decodeAirports(compressed []byte) ([]tracker.Airport, error) {
	var airports []tracker.Airport
	err := eachRow(compressed, 10, func(f []string) error {
		p, err := parsePoint(f[5], f[6])
		if err != nil {
			return err
		}
		size, err := tracker.ParseAirportSize(f[7])
		if err != nil {
			return err
		}
		radius, err := strconv.ParseFloat(f[9], 64)
		if err != nil {
			return err
		}
		airports = append(airports, tracker.Airport{
			IATA: f[0], ICAO: f[1], Country: f[2], Name: f[3], City: f[4], Point: p, Size: size, TimeZone: f[8], FenceRadiusM: radius,
		})
		return nil
	})
	return airports, err
}

func decodeCities(compressed []byte) ([]tracker.City, error) {
	cities := make([]tracker.City, 0, 175_000)
	err := eachRow(compressed, 5, func(f []string) error {
		p, err := parsePoint(f[2], f[3])
		if err != nil {
			return err
		}
		population, err := strconv.Atoi(f[4])
		if err != nil {
			return err
		}
		cities = append(cities, tracker.City{Country: f[0], Name: f[1], Point: p, Population: population, RadiusM: extent(population)})
		return nil
	})
	return cities, err
}

// extent returns the radius, metres, of a round city of that many people at 1,500 to the square kilometre, sparse for a city: a
// position that names a place must not claim to know more than it does. At least 2 km (also when nobody was counted), at most 40.
func extent(population int) float64 {
	return min(max(1000*math.Sqrt(float64(population)/(1500*math.Pi)), 2000), 40_000)
}
