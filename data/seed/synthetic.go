package seed

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"strconv"
	"time"

	"aman/geo/tracker"
)

// syntheticHeader are the columns of Synthetic, as `aman import people` reads them.
const syntheticHeader = "name,latin,birth_date,sex,iin,passport,phones,category,stay,country,tour_code,persons,lon,lat,radius_m,method,fixed_at,wellbeing,intention\n"

// Synthetic writes n people as CSV, each with a position: what the benchmarks
// import. They stand around the demo's places, nine in ten of them with an IIN
// and a passport, all different; none of the numbers is anybody's. The same n,
// now and seed write the same bytes; memory doesn't grow with n. Errors are out's.
func Synthetic(out io.Writer, n int, now time.Time, seed uint64) error {
	r := rand.New(rand.NewPCG(seed, 0x73796e))
	m := &demoMaker{r: r, now: now.UTC()}
	w := bufio.NewWriterSize(out, 1<<16)
	if _, err := w.WriteString(syntheticHeader); err != nil {
		return fmt.Errorf("write people: %w", err)
	}
	var total float64
	for _, f := range demoFigures {
		total += float64(f.persons)
	}
	serial := 0
	var b []byte
	for i := range n {
		f := &demoFigures[0]
		x := r.Float64() * total
		for j := range demoFigures {
			f = &demoFigures[j]
			if x -= float64(f.persons); x < 0 {
				break
			}
		}
		s := pick(r, f.spots)
		p := m.around(spot{s.lon, s.lat, 2 * s.spreadM})
		sex := tracker.Sex(1 + r.IntN(2))
		_, full, passport := m.name(m.family(), sex, "")
		var birth time.Time
		var iin string
		for ok := false; !ok; serial++ { // a serial of its own for everybody
			birth = time.Date(1940, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, serial%25_000)
			iin, ok = demoIIN(birth, serial/25_000)
		}
		number := fmt.Sprintf("S%08d", i)
		if r.IntN(10) == 0 {
			iin, number = "", ""
		}
		stay := pick(r, f.stays)
		tour := ""
		if stay == tracker.Tourist || stay == tracker.Pilgrim {
			tour = "S-" + f.country
		}
		at := now.Add(-time.Duration(math.Abs(r.NormFloat64()) * float64(20*time.Hour)))
		b = fmt.Appendf(b[:0], "%s,%s,%s,%s,%s,%s,%s,citizen,%s,%s,%s,1,", full, passport, birth.Format(time.DateOnly), sex, iin, number,
			demoPhone(i), stay, f.country, tour)
		b = strconv.AppendFloat(b, p[0], 'f', 6, 64)
		b = append(b, ',')
		b = strconv.AppendFloat(b, p[1], 'f', 6, 64)
		b = fmt.Appendf(b, ",%d,gnss,%s,%s,%s\n", 5+r.IntN(200), at.UTC().Format(time.RFC3339),
			tracker.Wellbeing(1+r.IntN(3)), tracker.Intention(1+r.IntN(4)))
		if _, err := w.Write(b); err != nil {
			return fmt.Errorf("write people: %w", err)
		}
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("write people: %w", err)
	}
	return nil
}
