package intake

import (
	"math"
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"aman/geo/tracker"
)

// maxRadiusM is the widest error disc that is taken in, metres.
const maxRadiusM = 1_000_000

// Radii that hold when none was said, metres. A pin is a kilometre by rule;
// the others are what such fixes are commonly good for: satellites through a
// window, cell towers, a member of staff who knows the hotel.
const (
	gnssRadiusM      = 100
	networkRadiusM   = 2_000
	pinRadiusM       = 1_000
	placeRadiusM     = 5_000
	itineraryRadiusM = 5_000
	staffRadiusM     = 1_000
)

// DefaultRadiusM is the error radius, metres, of a position at p whose radius was
// not said. At an airport it is the extent of its fence.
func DefaultRadiusM(m tracker.Method, p orb.Point, w *tracker.World) float64 {
	switch m {
	case tracker.GNSS:
		return gnssRadiusM
	case tracker.Network:
		return networkRadiusM
	case tracker.Pin:
		return pinRadiusM
	case tracker.AtAirport:
		if i, ok := w.AirportAt(p); ok {
			return w.Airports()[i].Reach()
		}
		return placeRadiusM
	case tracker.Itinerary:
		return itineraryRadiusM
	case tracker.Staff:
		return staffRadiusM
	default:
		return placeRadiusM
	}
}

// quantumM is half of what the last written digit of a coordinate stands for,
// metres along the meridian: "55.3" is good for ±5.6 km. Trailing zeros are often
// lost on the way, so the coordinate with more digits speaks for both.
func quantumM(lon, lat string) float64 {
	const degreeM = 111_195 // a degree of a great circle on the mean sphere
	digits := max(decimals(lon), decimals(lat))
	return 0.5 * degreeM * math.Pow(10, -float64(digits))
}

// decimals counts the digits after the point of a JSON number, with its exponent.
func decimals(literal string) int {
	mantissa, exponent, _ := strings.Cut(strings.ToLower(literal), "e")
	_, fraction, _ := strings.Cut(mantissa, ".")
	exp, err := strconv.Atoi(exponent)
	if err != nil {
		exp = 0
	}
	return min(max(len(fraction)-exp, 0), 20)
}

var positionMembers = []string{"lon", "lat", "radius_m", "method"}

// position reads a PositionInput.
func position(s *scanner, w *tracker.World) (*tracker.Position, error) {
	p := &tracker.Position{}
	var lon, lat string
	seen, err := s.object(positionMembers, func(i int) (err error) {
		switch positionMembers[i] {
		case "lon":
			p.Point[0], lon, err = coordinate(s, 180)
		case "lat":
			p.Point[1], lat, err = coordinate(s, 90)
		case "radius_m":
			p.RadiusM, _, err = s.float()
			if err == nil && p.RadiusM > maxRadiusM {
				err = broken("out_of_range", "is more than 1000000")
			}
		case "method":
			p.Method, err = word(s, tracker.ParseMethod)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, i := range []int{0, 1, 3} {
		if seen&(1<<i) == 0 {
			return nil, under(positionMembers[i], broken("required", "is missing"))
		}
	}
	if !(p.RadiusM > 0) {
		p.RadiusM = math.Max(DefaultRadiusM(p.Method, p.Point, w), quantumM(lon, lat))
	}
	if p.Method == tracker.AtAirport {
		if i, ok := w.AirportAt(p.Point); ok {
			p.Airport = w.Airports()[i].Code()
		}
	}
	return p, nil
}

func coordinate(s *scanner, limit float64) (x float64, literal string, err error) {
	x, literal, err = s.float()
	if err == nil && math.Abs(x) > limit {
		return 0, "", broken("out_of_range", "is not in -"+strconv.Itoa(int(limit))+" to "+strconv.Itoa(int(limit)))
	}
	return x, literal, err
}

// AirportPosition is where somebody is who says that they are at an airport.
// Errors: a FieldError without a path.
func AirportPosition(code string, w *tracker.World) (*tracker.Position, error) {
	if err := airportCode(code); err != nil {
		return nil, err
	}
	i, ok := w.Airport(code)
	if !ok {
		return nil, broken("unknown_airport", "is not the code of an airport")
	}
	a := w.Airports()[i]
	return &tracker.Position{Point: a.Point, RadiusM: a.Reach(), Method: tracker.AtAirport, Airport: a.Code()}, nil
}

// CityPosition is where somebody is who names a city: its centre, with its extent
// as the radius. Errors: a FieldError without a path.
func CityPosition(name, country string, w *tracker.World) (*tracker.Position, error) {
	c, ok := w.FindCity(name, country)
	if !ok {
		return nil, broken("unknown_city", "is not a known city of that country")
	}
	return &tracker.Position{Point: c.Point, RadiusM: c.RadiusM, Method: tracker.Place}, nil
}

var cityMembers = []string{"name", "country"}

func city(s *scanner, w *tracker.World) (*tracker.Position, error) {
	var name, code string
	seen, err := s.object(cityMembers, func(i int) (err error) {
		if i == 0 {
			name, err = line(s, 1, 100)
		} else {
			code, err = checked(s, countryCode)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	for i, n := range cityMembers {
		if seen&(1<<i) == 0 {
			return nil, under(n, broken("required", "is missing"))
		}
	}
	return CityPosition(name, code, w)
}
